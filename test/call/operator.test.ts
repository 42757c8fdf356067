/** The operator's side of Verto: who may see and do what, what is sent of calls that come and go, and what refusals leave behind. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { writeLog } from '../../src/base/log.ts'
import { noStats } from '../../src/media/leg-stats.ts'
import { context } from '../support/dialplan.ts'
import { act, operatorUser, View } from '../support/operator.ts'
import { startVerto, type VertoSwitch } from '../support/verto-switch.ts'

const dialplan = context('here', {
  parked: 'answer; park',
  elsewhere: 'set arrived=yes; answer; park',
})

const allRights = 'view log media hangup transfer listen mute kick lock record agents'.split(' ')

const users = operatorUser('2000', 'all') + operatorUser('2001', 'view') + operatorUser('2002', '')

const start = () => startVerto({ dialplan, users, modules: ['mod_conference', 'mod_callcenter'] })

async function call(t: VertoSwitch): Promise<string> {
  const reply = await t.api('originate null/1001 &park')
  const [, uuid = ''] = /^\+OK (\S+)/.exec(reply) ?? []
  assert.notEqual(uuid, '', reply)
  return uuid
}

describe('the operator', () => {
  it('sees calls come, change and go', async () => {
    await using t = await start()
    const before = await call(t)
    using olga = await t.client('2000')
    const { result } = await act(olga, 'watch')
    assert.deepEqual(result.rights, allRights)
    assert.deepEqual(result.tables, ['legs', 'log', 'conferences', 'members', 'queues'])
    const view = new View(olga)
    await view.until('the call that was there', () => view.rows('legs').has(before))
    const uuid = await call(t)
    await view.until(
      'the new call to be up',
      () => view.rows('legs').get(uuid)?.['state'] === 'ACTIVE',
    )
    assert.equal(view.rows('legs').get(uuid)?.['application'], 'park')
    const done = await act(olga, 'hangup', { uuid })
    assert.equal(done['result'].message, 'Done.')
    await view.until('the call to be gone', () => !view.rows('legs').has(uuid))
    assert.equal(view.rows('legs').has(before), true)
    const again = await act(olga, 'hangup', { uuid })
    assert.equal(again['error'].message, 'That call is over.')
  })

  it('sees how a leg sounds, measured while he looks', async () => {
    await using t = await start()
    using olga = await t.client('2000')
    const uuid = await call(t)
    const { media } = t.sw.channels.get(uuid)!
    const stats = {
      ...noStats,
      in: { ...noStats.in, packets: 95 },
      lost: 5,
      jitterMs: 12.4,
      mos: 3.127,
    }
    media!.stats = () => Promise.resolve(stats)
    await act(olga, 'watch', { tables: ['legs'] })
    const view = new View(olga)
    await view.until('figures', () => view.rows('legs').get(uuid)?.['mos'] === 3.13)
    const { loss, jitter } = view.rows('legs').get(uuid)!
    assert.deepEqual([loss, jitter], [5, 12])
  })

  it('transfers a call to what he could dial himself, and nothing else', async () => {
    await using t = await start()
    using olga = await t.client('2000')
    const uuid = await call(t)
    for (const to of ['', '-both', '1 XML public', '${system(ls)}', "'x'"]) {
      const { error } = await act(olga, 'transfer', { uuid, to })
      assert.equal(error.message, 'That is no number.', to)
    }
    const { result } = await act(olga, 'transfer', { uuid, to: 'elsewhere' })
    assert.equal(result.message, 'Done.')
    await t.until(() => t.sw.channels.get(uuid)?.variables.get('arrived') === 'yes')
  })

  it('is told when none of his phones is there to listen with', async () => {
    await using t = await start()
    using olga = await t.client('2000')
    await act(olga, 'watch')
    const view = new View(olga)
    const uuid = await call(t)
    const { result } = await act(olga, 'listen', { uuid })
    assert.match(result.message, /rings/)
    await view.until('a notice', () => view.rows('legs') && view.notices.length > 0)
    assert.match(view.notices[0] ?? '', /None of your phones/)
  })

  it('listens with his phone, which is not his page', async () => {
    await using t = await start()
    using olga = await t.client('2000', 'page')
    await act(olga, 'watch')
    using phone = await t.client('2000', 'phone')
    const uuid = await call(t)
    await act(olga, 'listen', { uuid })
    const invite = await phone.wait('verto.invite')
    assert.match(invite['caller_id_name'], /Listen to/)
    assert.equal(
      olga.messages.some(({ method }) => method === 'verto.invite'),
      false,
    )
  })

  it('may do only what his entry names: refusals are said, counted and logged', async () => {
    await using t = await start()
    const uuid = await call(t)
    using vic = await t.client('2001')
    const { result } = await act(vic, 'watch', { tables: ['legs', 'log'] })
    assert.deepEqual([result.rights, result.tables], [['view'], ['legs']])
    for (const [action, more] of [
      ['hangup', {}],
      ['transfer', { to: 'elsewhere' }],
      ['listen', {}],
      ['why', {}],
    ] as const) {
      const { error } = await act(vic, action, { uuid, ...more })
      assert.match(error.message, /^You are not allowed to .* lacks "\w+"\.$/)
    }
    assert.equal((await t.counters())['refused operator'], 4)
    assert.equal(t.sw.channels.get(uuid)?.isUp, true)
  })

  it('is nobody whose entry does not say so, whatever the browser claims', async () => {
    await using t = await start()
    for (const id of ['1000', '2002']) {
      using client = await t.client(id)
      const { error } = await act(client, 'watch', {
        userVariables: { 'operator-permissions': 'all' },
      })
      assert.match(error.message, /not allowed to see this page/)
      const subscribed = await client.call('verto.subscribe', { eventChannel: 'operator' })
      assert.deepEqual(subscribed['error'].unauthorizedChannels, ['operator'])
      const sent = await client.call('verto.broadcast', { eventChannel: 'operator', data: {} })
      assert.equal(sent['result'].message, 'Permission Denied.')
    }
    assert.equal(t.sw.liveTables.watchers, 0)
    assert.equal((await t.counters())['refused operator'], 2)
  })

  it('loses what reloadxml takes away, and his open page says so', async () => {
    await using t = await start()
    using olga = await t.client('2000')
    await act(olga, 'watch')
    const file = join(t.sw.options.confDir, 'freeswitch.xml')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace('"operator-permissions" value="all"', '"nothing" value=""'))
    await t.api('reloadxml')
    assert.equal(t.sw.liveTables.watchers, 0)
    const view = new View(olga)
    await view.until('a notice', () => view.rows('legs') && view.notices.length > 0)
    assert.match(view.notices[0] ?? '', /no longer allowed/)
    const { error } = await act(olga, 'hangup', { uuid: await call(t) })
    assert.match(error.message, /not allowed to hang up/)
  })

  it('is told by reloadxml that he has other rights, and sees the log no more', async () => {
    await using t = await start()
    using olga = await t.client('2000')
    await act(olga, 'watch')
    const view = new View(olga)
    writeLog(4, 'here', 'for him')
    await view.until('the log', () => view.rows('log').size > 0)
    const file = join(t.sw.options.confDir, 'freeswitch.xml')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace('permissions" value="all"', 'permissions" value="hangup"'))
    await t.api('reloadxml')
    await view.until('the news', () => view.rows('legs') && view.rights !== undefined)
    assert.deepEqual(view.rights, ['hangup', 'view'])
    const before = view.rows('log').size
    writeLog(4, 'here', 'not for him')
    const uuid = await call(t)
    await view.until('the calls still', () => view.rows('legs').has(uuid))
    assert.equal(view.rows('log').size, before)
    assert.equal(t.sw.liveTables.watchers, 1)
  })

  it('may ask what he may, which is no offence', async () => {
    await using t = await start()
    for (const [id, rights] of [
      ['2000', allRights],
      ['2001', ['view']],
      ['1000', []],
    ] as const) {
      using client = await t.client(id)
      assert.deepEqual((await act(client, 'rights'))['result'].rights, rights)
    }
    assert.equal((await t.counters())['refused operator'], 0)
  })

  it('reads in words how a call sounds', async () => {
    await using t = await start()
    using olga = await t.client('2000')
    const uuid = await call(t)
    const { result } = await act(olga, 'why', { uuid })
    assert.match(result.text, /^leg A {2}null/)
    assert.match(result.text, /likely cause: /)
    const { error } = await act(olga, 'why', { uuid: 'nobody' })
    assert.equal(error.message, 'That call is over.')
  })

  it('leaves nothing behind when his page is closed', async () => {
    await using t = await start()
    const olga = await t.client('2000')
    await act(olga, 'watch')
    await act(olga, 'watch', { tables: ['legs'] })
    assert.equal(t.sw.liveTables.watchers, 1)
    await olga.close()
    await new View(olga).until('nobody to watch', () => t.sw.liveTables.watchers === 0)
    assert.equal(t.sw.liveTables.kept, 0)
  })

  it('sees the log as it is written, and a conference with who is in it', async () => {
    await using t = await start()
    using olga = await t.client('2000')
    await act(olga, 'watch')
    const view = new View(olga)
    await t.api('log warning the operator reads this')
    await view.until('the line', () =>
      [...view.rows('log').values()].some(({ text }) => /operator reads this/.test(text)),
    )
    await t.api('originate null/1001 &conference(3000)')
    await view.until('a room', () => view.rows('conferences').get('3000')?.['count'] === 1)
    await view.until('a member', () =>
      [...view.rows('members').values()].some(({ conference }) => conference === '3000'),
    )
    await t.api('hupall')
    await view.until('no conference', () => view.rows('conferences').size === 0)
    await view.until('nobody', () => view.rows('members').size === 0)
  })

  it('is sent nothing while his page does not read, and then how things are', async () => {
    await using t = await start()
    using olga = await t.client('2000')
    await act(olga, 'watch')
    const view = new View(olga)
    await view.until('the log', () => view.rows('log') && view.tables.has('log'))
    olga.socket.pause()
    const { figures } = t.sw.liveTables
    const flood = setInterval(() => {
      for (let line = 0; line < 500; line++) writeLog(4, 'flood', 'x'.repeat(900))
    }, 100)
    await view.until('it to be left out', () => figures['skipped for slow readers'] > 0)
    clearInterval(flood)
    writeLog(4, 'flood', 'the last word')
    olga.socket.resume()
    await view.until('the last line', () =>
      [...view.rows('log').values()].some(({ text }) => text === 'the last word'),
    )
    assert.ok(view.rows('log').size <= 510, String(view.rows('log').size))
    assert.equal((await t.counters())['dropped events'], 0)
  })
})
