/** Operators and rooms: who is in a conference, what a right lets do there and what not, and the agents of queues. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { callCenterOf } from '../../src/applications/callcenter/center.ts'
import { conferencesOf } from '../../src/applications/conference/conferences.ts'
import { delay } from '../../src/base/clock.ts'
import { onLog, setLogThreshold } from '../../src/base/log.ts'
import { act, operatorUser, View } from '../support/operator.ts'
import { startVerto, type VertoSwitch } from '../support/verto-switch.ts'

const users =
  operatorUser('2000', 'all') +
  operatorUser('2001', 'view,hangup') +
  operatorUser('2002', 'mute') +
  operatorUser('2003', 'agents')

const center = `<configuration name="callcenter.conf"><queues><queue name="help@test"/></queues>
<agents><agent name="ann@test" type="callback" contact="null/ann" status="Logged Out"/></agents>
<tiers><tier agent="ann@test" queue="help@test"/></tiers></configuration>`

const start = () =>
  startVerto({
    dialplan: '',
    users,
    configuration: center,
    modules: ['mod_conference', 'mod_callcenter'],
  })

const room = (t: VertoSwitch) => conferencesOf(t.sw).get('3000')

/** Somebody who is in the conference 3000. */
async function member(t: VertoSwitch) {
  const before = room(t)?.members.length ?? 0
  await t.api('originate null/1001 &conference(3000)')
  await t.until(() => (room(t)?.members.length ?? 0) > before)
  const [newest] = room(t)?.members ?? []
  assert.ok(newest)
  return newest
}

describe('the operator of conferences', () => {
  it('sees who is in, who talks, has the floor, is mute, deaf or on hold, row by row', async () => {
    await using t = await start()
    using olga = await t.client('2000')
    await act(olga, 'watch', { tables: ['conferences', 'members'] })
    const view = new View(olga)
    const one = await member(t)
    const two = await member(t)
    const row = (id = one.id) => view.rows('members').get(String(id))
    await view.until('both', () => row() !== undefined && row(two.id) !== undefined)
    assert.equal(view.rows('conferences').get('3000')?.['count'], 2)
    const { figures } = t.sw.liveTables
    // What changed by their coming has been told.
    let before = -1
    while (before !== figures.rows) {
      before = figures.rows
      await delay(300)
    }
    one.setSpeaking(false)
    one.conference.changed(one)
    await view.until('a mute one', () => row()?.['isMuted'] === true)
    assert.equal(figures.rows, before + 1, 'only his row is sent')
    one.isTalking = true
    one.conference.floor = one
    one.setHearing(false)
    one.conference.changed(one)
    await view.until('who talks', () => row()?.['isTalking'] === true)
    assert.deepEqual([row()?.['hasFloor'], row()?.['isDeaf']], [true, true])
    one.channel.markHeld(true)
    await view.until('who is on hold', () => row()?.['isHeld'] === true)
    await t.api(`uuid_kill ${one.channel.uuid}`)
    await view.until('the other one alone', () => row() === undefined)
    await view.until('a smaller room', () => view.rows('conferences').get('3000')?.['count'] === 1)
    await t.api('hupall')
    await view.until('nobody', () => view.rows('members').size === 0)
  })

  it('mutes, makes deaf, lets speak and hear again, and removes', async () => {
    await using t = await start()
    using olga = await t.client('2000')
    const one = await member(t)
    const two = await member(t)
    setLogThreshold(5)
    const logged: string[] = []
    using _ = onLog(({ text }) => logged.push(text))
    const does = async (action: string, words: string) => {
      const { result } = await act(olga, action, { member: String(one.id) })
      assert.equal(result?.message, words, action)
    }
    await does('mute', 'Muted.')
    assert.equal(one.canSpeak, false)
    await does('unmute', 'No longer muted.')
    assert.equal(one.canSpeak, true)
    await does('deaf', 'Hears nothing now.')
    assert.equal(one.canHear, false)
    await does('undeaf', 'Hears again.')
    assert.equal(one.canHear, true)
    await does('kick', 'Removed.')
    await t.until(() => room(t)?.members.length === 1)
    assert.equal(room(t)?.members[0], two)
    const { error } = await act(olga, 'mute', { member: String(one.id) })
    assert.equal(error.message, 'That member has left.')
    assert.ok(
      logged.some((text) =>
        /^2000@example.test mutes member \d+ \(\S*\) of conference 3000$/.test(text),
      ),
      logged.join('\n'),
    )
  })

  it('locks and unlocks, records and ends that, and hangs up all', async () => {
    await using t = await start()
    using olga = await t.client('2000')
    await act(olga, 'watch', { tables: ['conferences'] })
    const view = new View(olga)
    const row = () => view.rows('conferences').get('3000')
    await member(t)
    const two = await member(t)
    const does = async (action: string, words: RegExp) => {
      const { result } = await act(olga, action, { conference: '3000' })
      assert.match(result?.message ?? '', words, action)
    }
    await does('lock', /^Locked/)
    await view.until('a locked room', () => row()?.['isLocked'] === true)
    await does('unlock', /^No longer locked/)
    await view.until('an open room', () => row()?.['isLocked'] === false)
    await does('record', /^Recorded to conference-3000-\S+\.wav\.$/)
    await view.until('a recorded room', () => row()?.['isRecorded'] === true)
    assert.match(room(t)?.recordings.newest ?? '', /^conference-3000-[\d-]+\.wav$/)
    const again = await act(olga, 'record', { conference: '3000' })
    assert.equal(again['error'].message, 'That conference is recorded already.')
    await does('norecord', /^No longer recorded/)
    await view.until('no recording', () => row()?.['isRecorded'] === false)
    await does('hangup-all', /^Hung up: 2\.$/)
    await t.until(() => room(t) === undefined)
    assert.equal(two.channel.isUp, false)
    const { error } = await act(olga, 'lock', { conference: '3000' })
    assert.equal(error.message, 'That conference is over.')
  })

  it('may do only what his entry names: each refusal says which right it lacks', async () => {
    await using t = await start()
    const one = await member(t)
    const asked = { conference: '3000', member: String(one.id) }
    using vic = await t.client('2001')
    for (const [action, right] of [
      ['mute', 'mute'],
      ['unmute', 'mute'],
      ['deaf', 'mute'],
      ['undeaf', 'mute'],
      ['kick', 'kick'],
      ['lock', 'lock'],
      ['unlock', 'lock'],
      ['record', 'record'],
      ['norecord', 'record'],
    ] as const) {
      const { error } = await act(vic, action, asked)
      assert.match(error.message, new RegExp(`^You are not allowed to .* lacks "${right}"\\.$`))
    }
    using mia = await t.client('2002')
    const { error } = await act(mia, 'hangup-all', asked)
    assert.match(error.message, /lacks "hangup"/)
    assert.equal((await t.counters())['refused operator'], 10)
    assert.deepEqual(
      [one.canSpeak, one.canHear, room(t)?.isLocked, room(t)?.recordings.active],
      [true, true, false, 0],
    )
    assert.equal((await act(mia, 'mute', asked))['result'].message, 'Muted.')
    assert.equal(one.canSpeak, false)
  })

  it('can name nothing that is not there, and no command with it', async () => {
    await using t = await start()
    using olga = await t.client('2000')
    const one = await member(t)
    for (const conference of ['', '3001', '3000 kick', 'list', "3000'"]) {
      const { error } = await act(olga, 'lock', { conference })
      assert.equal(error.message, 'That conference is over.', conference)
    }
    for (const id of ['', 'all', 'last', `${one.id} all`, '-1']) {
      const { error } = await act(olga, 'kick', { member: id })
      assert.equal(error.message, 'That member has left.', id)
    }
    assert.equal(room(t)?.members.length, 1)
    assert.equal(room(t)?.isLocked, false)
  })
})

describe('the operator of queues', () => {
  const status = (t: VertoSwitch) => callCenterOf(t.sw).agents.get('ann@test')?.status

  it('sees the agents, and says whether they take calls', async () => {
    await using t = await start()
    await t.api('callcenter_config queue load help@test')
    using olga = await t.client('2003')
    await act(olga, 'watch', { tables: ['queues'] })
    const view = new View(olga)
    const shown = () => view.rows('queues').get('help@test')?.['agents'][0]?.status
    await view.until('the agent', () => shown() === 'Logged Out')
    for (const wanted of ['Available', 'On Break', 'Logged Out'] as const) {
      const asked = { queue: 'help@test', agent: 'ann@test', status: wanted }
      const { result } = await act(olga, 'agent', asked)
      assert.equal(result.message, `ann@test is ${wanted.toLowerCase()}.`)
      assert.equal(status(t), wanted)
      await view.until(wanted, () => shown() === wanted)
    }
  })

  it('changes no agent without the right, none that is not there, and to nothing else', async () => {
    await using t = await start()
    await t.api('callcenter_config queue load help@test')
    const asked = { queue: 'help@test', agent: 'ann@test', status: 'Available' }
    using vic = await t.client('2001')
    assert.match((await act(vic, 'agent', asked))['error'].message, /lacks "agents"/)
    using olga = await t.client('2003')
    const bob = await act(olga, 'agent', { ...asked, agent: 'bob' })
    assert.match(bob['error'].message, /no such agent/)
    const other = await act(olga, 'agent', { ...asked, queue: 'none' })
    assert.match(other['error'].message, /no such agent/)
    const odd = await act(olga, 'agent', { ...asked, status: "Available' 'x" })
    assert.match(odd['error'].message, /^A status is one of/)
    assert.equal(status(t), 'Logged Out')
  })
})
