import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { receiveDigit } from '../../src/core/receive-digit.ts'
import { context } from '../support/dialplan.ts'
import { startSwitch, type TestSwitch } from '../support/switch.ts'

const dialplan = [
  context('there', {
    answers: 'answer; park',
    early: 'pre_answer; park',
    rings: 'ring_ready; park',
    short: 'answer; hangup USER_BUSY',
    busy: 'hangup USER_BUSY',
    music: 'answer; set hold_music=tone_stream://%(100,0,400); park',
    keeps: 'answer; park',
  }),
  context('here', {
    plain: 'bridge {loopback_bowout=false}loopback/answers/there; set after=yes; park',
    short: 'bridge {loopback_bowout=false}loopback/short/there; set after=yes',
    hangs: 'set hangup_after_bridge=true; bridge loopback/short/there; set after=yes',
    parks: 'set park_after_bridge=true; bridge loopback/short/there; set after=yes',
    moves: 'set transfer_after_bridge=target:XML:here; bridge loopback/short/there; set after=yes',
    execs:
      'set exec_after_bridge_app=set; set exec_after_bridge_arg=after=exec; bridge loopback/short/there; set after=no',
    target: 'set arrived=yes; park',
    fails: 'bridge loopback/busy/there; set after=yes',
    waits: 'bridge loopback/rings/there; set after=yes',
    ringback:
      'answer; set ringback=%(2000,4000,440,480); bridge {ignore_early_media=true}loopback/early/there',
    early: 'bridge loopback/early/there; set after=yes',
    key: 'set bridge_terminate_key=9; bridge loopback/answers/there; set after=yes; park',
    imports: 'set import=colour; export shape=round; bridge {colour=red}loopback/answers/there',
    holds: 'set hold_music=tone_stream://%(100,0,400); bridge loopback/answers/there',
    waiting: 'answer; park',
  }),
].join('')

const start = () => startSwitch({ dialplan })

/** Calls an extension of `here`; resolves when its bridge stands. The A-leg of the bridge is the one that runs the dialplan. */
async function bridged(t: TestSwitch, extension: string): Promise<void> {
  void t.api(`originate {loopback_bowout=false}loopback/${extension}/here &park()`)
  await t.event('CHANNEL_BRIDGE')
  await t.until(() => t.channel(`${extension}-b`).partner !== undefined)
}

describe('bridge', () => {
  it('joins the sound of both and tells everybody', async () => {
    await using t = await start()
    await bridged(t, 'plain')
    const [a, b] = [t.channel('plain-b'), t.channel('answers-a')]
    assert.equal(a.partner, b)
    assert.equal(b.partner, a)
    assert.equal(b.state, 'exchange_media')
    const media = t.media.legs.find((leg) => leg.uuid === a.uuid)
    assert.equal(media?.partner?.uuid, b.uuid)
    const event = await t.event('CHANNEL_BRIDGE')
    assert.deepEqual(
      ['Unique-ID', 'Bridge-A-Unique-ID', 'Bridge-B-Unique-ID'].map((name) => event.get(name)),
      [a.uuid, a.uuid, b.uuid],
    )
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      assert.equal(one.variables.get('bridge_to'), other.uuid)
      assert.equal(one.variables.get('signal_bond'), other.uuid)
      assert.equal(one.variables.get('bridge_channel'), other.name)
      assert.equal(one.variables.get('call_uuid'), a.uuid)
    }
  })

  it('shows each leg the other as originator and originatee', async () => {
    await using t = await start()
    await bridged(t, 'plain')
    const [a, b] = [t.channel('plain-b'), t.channel('answers-a')]
    assert.equal(b.otherLeg, 'originator')
    assert.equal(b.profile.originator?.get('uuid'), a.uuid)
    assert.equal(a.otherLeg, 'originatee')
    assert.equal(a.profile.originatee?.get('uuid'), b.uuid)
    assert.equal(a.variables.get('originate_disposition'), 'SUCCESS')
    assert.equal(a.variables.get('DIALSTATUS'), 'SUCCESS')
  })

  it('hangs the B-leg up when the A-leg hangs up', async () => {
    await using t = await start()
    await bridged(t, 'plain')
    t.channel('plain-b').hangup('USER_BUSY')
    const event = await t.event('CHANNEL_HANGUP', (one) =>
      (one.get('Channel-Name') ?? '').endsWith('answers-a'),
    )
    assert.equal(event.get('Hangup-Cause'), 'NORMAL_CLEARING')
    const first = await t.event('CHANNEL_HANGUP')
    assert.equal(first.get('Channel-Name'), 'loopback/plain-b')
    assert.equal(first.get('variable_last_bridge_role'), 'originator')
    await t.sw.channels.untilEmpty()
    const names = t.events
      .filter((one) => one.get('Channel-Name') === 'loopback/plain-b')
      .map((one) => one.name)
      .filter((name) => /BRIDGE|HANGUP$|COMPLETE|DESTROY/.test(name))
    assert.deepEqual(names, [
      'CHANNEL_BRIDGE',
      'CHANNEL_HANGUP',
      'CHANNEL_UNBRIDGE',
      'CHANNEL_EXECUTE_COMPLETE',
      'CHANNEL_HANGUP_COMPLETE',
      'CHANNEL_DESTROY',
    ])
  })

  it('goes on with the next action when the B-leg hangs up', async () => {
    await using t = await start()
    void t.api('originate loopback/short/here &park()')
    const end = await t.event('CHANNEL_HANGUP_COMPLETE', (event) =>
      Boolean(event.get('variable_after')),
    )
    assert.equal(end.get('variable_bridge_hangup_cause'), 'USER_BUSY')
    assert.equal(end.get('variable_last_bridge_hangup_cause'), 'USER_BUSY')
    assert.equal(end.get('Hangup-Cause'), 'NORMAL_CLEARING')
  })

  it('hangs the A-leg up with the other’s cause when hangup_after_bridge is true', async () => {
    await using t = await start()
    void t.api('originate loopback/hangs/here &park()')
    const end = await t.event('CHANNEL_HANGUP_COMPLETE', (event) =>
      (event.get('Channel-Name') ?? '').endsWith('hangs-b'),
    )
    assert.equal(end.get('Hangup-Cause'), 'USER_BUSY')
    assert.equal(end.get('variable_after'), undefined)
  })

  it('parks, transfers or executes as the A-leg’s variables say', async () => {
    await using t = await start()
    void t.api('originate loopback/parks/here &park()')
    await t.event('CHANNEL_PARK', (event) => (event.get('Channel-Name') ?? '').endsWith('parks-b'))
    void t.api('originate loopback/moves/here &park()')
    await t.event('CHANNEL_PARK', (event) => event.get('variable_arrived') === 'yes')
    void t.api('originate loopback/execs/here &park()')
    const end = await t.event('CHANNEL_HANGUP_COMPLETE', (event) =>
      (event.get('Channel-Name') ?? '').endsWith('execs-b'),
    )
    assert.equal(end.get('variable_after'), 'exec')
  })

  it('hangs up with the cause of a failed attempt', async () => {
    await using t = await start()
    void t.api('originate loopback/fails/here &park()')
    const end = await t.event('CHANNEL_HANGUP_COMPLETE', (event) =>
      (event.get('Channel-Name') ?? '').endsWith('fails-b'),
    )
    assert.equal(end.get('Hangup-Cause'), 'USER_BUSY')
    assert.equal(end.get('variable_originate_failed_cause'), 'USER_BUSY')
  })

  it('cancels the leg when the caller hangs up while it rings', async () => {
    await using t = await start()
    void t.api('originate loopback/waits/here &park()')
    await t.event('CHANNEL_PROGRESS', (event) =>
      (event.get('Channel-Name') ?? '').endsWith('rings-a'),
    )
    t.channel('waits-b').hangup('NORMAL_CLEARING')
    const event = await t.event('CHANNEL_HANGUP', (one) =>
      (one.get('Channel-Name') ?? '').endsWith('rings-a'),
    )
    assert.equal(event.get('Hangup-Cause'), 'ORIGINATOR_CANCEL')
    await t.sw.channels.untilEmpty()
  })

  it('cancels the leg when the caller is transferred while it rings', async () => {
    await using t = await start()
    void t.api('originate loopback/waits/here &park()')
    await t.event('CHANNEL_PROGRESS', (event) =>
      (event.get('Channel-Name') ?? '').endsWith('rings-a'),
    )
    await t.api(`uuid_transfer ${t.channel('waits-b').uuid} target XML here`)
    await t.event('CHANNEL_PARK', (event) => event.get('variable_arrived') === 'yes')
    await t.event('CHANNEL_HANGUP', (one) => (one.get('Channel-Name') ?? '').endsWith('rings-a'))
  })

  it('a parked call that is transferred still takes what is sent right behind, and then goes', async () => {
    await using t = await start()
    const uuid = (await t.api('originate null/somebody &park()')).trim().slice(-36)
    await t.event('CHANNEL_PARK', (event) => event.get('Unique-ID') === uuid)
    assert.match(await t.api(`uuid_transfer ${uuid} nowhere XML here`), /^\+OK/)
    for (let i = 0; i < 5; i++) assert.equal(await t.api(`uuid_setvar ${uuid} late ${i}`), '+OK\n')
    const end = await t.event('CHANNEL_HANGUP', (event) => event.get('Unique-ID') === uuid)
    assert.equal(end.get('variable_late'), '4')
  })

  it('plays the ringback to an answered caller until somebody answers', async () => {
    await using t = await start()
    void t.api('originate loopback/ringback/here &park()')
    await t.event('CHANNEL_PROGRESS_MEDIA', (event) =>
      (event.get('Channel-Name') ?? '').endsWith('early-a'),
    )
    const media = () => t.media.legs.find((leg) => leg.uuid === t.channel('ringback-b').uuid)
    await t.until(() => media()?.playing !== undefined)
    assert.match(media()?.playing?.paths[0] ?? '', /^tone_stream:\/\/%\(2000,4000,440,480\)/)
    t.channel('early-b')
      .driver.answer()
      .catch(() => undefined)
    await t.event('CHANNEL_BRIDGE')
    assert.equal(media()?.playing, undefined)
  })

  it('bridges early sound and answers the caller when the called party answers', async () => {
    await using t = await start()
    void t.api('originate loopback/early/here &park()')
    await t.event('CHANNEL_BRIDGE')
    const a = t.channel('loopback/early-b')
    assert.equal(a.isAnswered, false)
    const answered = t.event('CHANNEL_ANSWER', (event) => event.get('Unique-ID') === a.uuid)
    // The far leg is the one that was called by it.
    const far = t.sw.channels.list().find((one) => one.name.endsWith('early-b') && one !== a)
    await far?.driver.answer()
    await answered
    assert.equal(a.isAnswered, true)
  })

  it('ends at the terminate key, which the other party does not hear', async () => {
    await using t = await start()
    await bridged(t, 'key')
    const a = t.channel('key-b')
    const media = t.media.legs.find((leg) => leg.uuid === a.uuid)
    assert.equal(media?.passes, false)
    receiveDigit(a, { digit: '1', duration: 800, source: 'RTP' })
    receiveDigit(a, { digit: '9', duration: 800, source: 'RTP' })
    await t.event('CHANNEL_PARK', (event) => event.get('variable_after') === 'yes')
    assert.equal(a.digits.length, 0)
  })

  it('exports to the leg and imports from it', async () => {
    await using t = await start()
    await bridged(t, 'imports')
    assert.equal(t.channel('answers-a').variables.get('shape'), 'round')
    assert.equal(t.channel('imports-b').variables.get('colour'), 'red')
  })

  it('runs what is sent to either leg meanwhile', async () => {
    await using t = await start()
    await bridged(t, 'plain')
    for (const name of ['plain-b', 'answers-a']) {
      t.channel(name).queue.add({ application: 'set', data: `told=${name}` })
      await t.until(() => t.channel(name).variables.get('told') === name)
    }
    assert.ok(t.channel('plain-b').partner)
  })

  it('does not end by a break', async () => {
    await using t = await start()
    await bridged(t, 'plain')
    t.channel('plain-b').break()
    t.channel('answers-a').queue.add({ application: 'set', data: 'told=yes' })
    await t.until(() => t.channel('answers-a').variables.get('told') === 'yes')
    assert.ok(t.channel('plain-b').partner)
  })

  it('moves one leg and lets the other go on, or moves both', async () => {
    await using t = await start()
    await bridged(t, 'plain')
    assert.equal(
      await t.api(`uuid_transfer ${t.channel('plain-b').uuid} -bleg target XML here`),
      '+OK\n',
    )
    await t.event('CHANNEL_PARK', (event) => event.get('variable_after') === 'yes')
    await t.event('CHANNEL_PARK', (event) => event.get('variable_arrived') === 'yes')
    assert.equal(t.channel('answers-a').isUp, true)
  })
})

describe('join', () => {
  it('bridges two channels that live apart', async () => {
    await using t = await start()
    const [one = '', two = ''] = [
      (await t.api('originate loopback/answers/there &park()')).slice(4).trim(),
      (await t.api('originate loopback/keeps/there &park()')).slice(4).trim(),
    ]
    assert.equal(await t.api(`uuid_bridge ${one} ${two}`), `+OK ${two}\n`)
    await t.event('CHANNEL_BRIDGE')
    await t.until(() => t.sw.channels.get(one)?.partner?.uuid === two)
    assert.equal(t.sw.channels.get(one)?.profile.index, 2)
    assert.match(t.sw.channels.get(two)?.variables.get('transfer_source') ?? '', /:uuid_br:/)
    t.sw.channels.get(one)?.hangup('NORMAL_CLEARING')
    await t.sw.channels.untilEmpty()
  })

  it('refuses uuids that are not there and channels that nobody answered', async () => {
    await using t = await start()
    assert.equal(await t.api('uuid_bridge a b'), '-ERR Invalid uuid\n')
    assert.equal(await t.api('uuid_bridge a'), '-USAGE: <uuid> <other_uuid>\n')
  })

  it('takes both out of the bridges they are in', async () => {
    await using t = await start()
    await bridged(t, 'plain')
    const a = t.channel('plain-b')
    const other = (await t.api('originate loopback/keeps/there &park()')).slice(4).trim()
    await t.api(`uuid_bridge ${a.uuid} ${other}`)
    await t.until(() => a.partner?.uuid === other)
    const left = await t.event('CHANNEL_HANGUP', (event) =>
      (event.get('Channel-Name') ?? '').endsWith('answers-a'),
    )
    assert.equal(left.get('Hangup-Cause'), 'NORMAL_CLEARING')
  })
})

describe('hold', () => {
  it('plays music to the partner until the bridge ends', async () => {
    await using t = await start()
    await bridged(t, 'holds')
    const a = t.channel('holds-b')
    assert.equal(await t.api(`uuid_hold ${a.uuid}`), '+OK Success\n')
    const media = t.media.legs.find((leg) => leg.uuid === a.partner?.uuid)
    assert.equal(media?.playing?.paths[0], 'tone_stream://%(100,0,400)')
    // A loopback leg knows no hold of its own, so that there is nothing to take off.
    assert.equal(await t.api(`uuid_hold off ${a.uuid}`), '-ERR Operation failed\n')
    a.hangup('NORMAL_CLEARING')
    await t.until(() => media?.playing === undefined)
  })
})

describe('bowout', () => {
  it('joins the two channels behind a loopback call that is bridged on both sides', async () => {
    await using t = await startSwitch({
      dialplan: dialplan + context('mid', { way: 'bridge null/second; park' }),
    })
    await t.api('originate null/first &bridge(loopback/way/mid)')
    await t.until(() => t.sw.channels.list().length === 4)
    const first = t.channel('null/first')
    const second = t.channel('null/second')
    await t.until(() => first.partner === second || second.partner === first)
    await t.until(() => t.sw.channels.count === 2)
  })

  it('hands the call to the real channel when loopback_bowout_on_execute is true', async () => {
    await using t = await start()
    await t.api(
      'originate null/first &bridge({loopback_bowout_on_execute=true}loopback/target/here)',
    )
    await t.event('CUSTOM', (event) => event.subclass === 'loopback::bowout')
    await t.event(
      'CHANNEL_PARK',
      (event) =>
        event.get('Channel-Name') === 'null/first' && event.get('variable_arrived') === 'yes',
    )
  })
})
