/** att_xfer, intercept, soft_hold and page by themselves: what keys do, who hears whom, what the channels tell. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { sessionRecordings } from '../../src/core/session-record.ts'
import { comes, isHeard, talk } from '../support/ears.ts'
import { pressKeys } from '../support/keys.ts'
import type { Phone, PhoneCall } from '../support/phone.ts'
import { type SipSwitch, startSipSwitch } from '../support/sip-switch.ts'
import { amplitudeAt } from '../support/tone.ts'
import { readRecording } from '../support/wav.ts'

const tone = (hz: number) => `tone_stream://%(240,0,${hz});loops=-1`

const extensions = {
  '20(1)': [
    `set:hold_music=${tone(1300)}`,
    'set:hangup_after_bridge=true',
    `export:nolocal:hold_music=${tone(1500)}`,
    'bind_meta_app:4 b s att_xfer::sofia/internal/1002%example.test',
    'bind_meta_app:5 b s soft_hold::9',
    'bind_meta_app:6 b s att_xfer::sofia/internal/1009%example.test',
    'bridge:sofia/internal/1001%example.test',
  ],
  '30(.*)': [
    'set:intercept_unbridged_only=${only}',
    'intercept:${wanted}',
    'answer:',
    `playback:${tone(900)}`,
  ],
}

interface Scene {
  readonly a: PhoneCall
  readonly b: PhoneCall
  readonly third: Phone
}

/** 1000 talks with 1001; 1002 is there. */
async function bridged(t: SipSwitch): Promise<Scene> {
  const [caller, called, third] = await Promise.all(
    ['1000', '1001', '1002'].map((user) => t.phone(user)),
  )
  await called!.register()
  await third!.register()
  const a = await caller!.call('201')
  const b = await called!.incoming()
  b.answer()
  await a.outcome()
  await t.event('CHANNEL_BRIDGE')
  return { a, b, third: third! }
}

/** 1001 has asked 1002, and both talk. */
async function consulting(t: SipSwitch): Promise<Scene & { readonly c: PhoneCall }> {
  const scene = await bridged(t)
  await pressKeys(scene.b.rtp, '*4')
  const c = await scene.third.incoming()
  await comes(scene.a.rtp, 1500)
  c.answer()
  await t.event('CHANNEL_ANSWER', (event) => /1002/.test(event.get('Channel-Name') ?? ''))
  await talk(scene.b, c)
  return { ...scene, c }
}

/** The leg that was dialled to a user. */
function called(t: SipSwitch, user: string) {
  const found = t.sw.channels
    .list()
    .find((one) => one.direction === 'outbound' && one.name.includes(user))
  assert.ok(found, `no leg to ${user}`)
  return found
}

const start = () => startSipSwitch({ extensions })

describe('att_xfer', () => {
  it('lets the partner wait with the music of who consults, and takes keys out of the talk', async () => {
    await using t = await start()
    const { a, b, c } = await consulting(t)
    await comes(a.rtp, 1500)
    await pressKeys(b.rtp, '7')
    await t.event('DTMF', (event) => event.get('DTMF-Digit') === '7')
    await talk(b, c)
  })

  it('goes back to the partner with #', async () => {
    await using t = await start()
    const { a, b, c } = await consulting(t)
    await pressKeys(b.rtp, '#')
    await c.hungUp()
    await talk(a, b)
    assert.equal(called(t, '1001').variables.get('att_xfer_result'), 'failure')
    await a.bye()
    await b.hungUp()
  })

  it('goes back when the third party hangs up, or was not reached', async () => {
    await using t = await start()
    const { a, b, c } = await consulting(t)
    await c.bye()
    await talk(a, b)
    await pressKeys(b.rtp, '*6')
    await t.event(
      'CHANNEL_EXECUTE_COMPLETE',
      (event) => event.get('Application-Data')?.includes('1009') === true,
    )
    await talk(a, b)
  })

  it('connects the two with *, and when the one who consults hangs up', async () => {
    for (const leaves of ['key', 'bye'] as const) {
      await using t = await start()
      const { a, b, c } = await consulting(t)
      if (leaves === 'key') {
        await pressKeys(b.rtp, '*')
        await b.hungUp()
      } else await b.bye()
      await talk(a, c)
      assert.equal(called(t, '1002').variables.get('att_xfer_result'), 'success')
      await a.bye()
      await c.hungUp()
    }
  })

  it('makes it a talk of three with 0; who is left goes on when one leaves', async () => {
    await using t = await start()
    const { a, b, c } = await consulting(t)
    await pressKeys(b.rtp, '0')
    await t.event('CHANNEL_EXECUTE', (event) => event.get('Application') === 'three_way')
    await isHeard(c.rtp, 700, a.rtp, b.rtp)
    await isHeard(a.rtp, 440, b.rtp, c.rtp)
    await b.bye()
    await talk(a, c)
    await a.bye()
    await c.hungUp()
  })

  it('goes on between the two when the partner who waits has hung up', async () => {
    await using t = await start()
    const { a, b, c } = await consulting(t)
    await a.bye()
    await talk(b, c)
    await b.bye()
    await c.hungUp()
  })
})

describe('att_xfer with variables', () => {
  it('takes other keys, gives up while it rings, and lets recordings follow', async () => {
    await using t = await start()
    const { a, b, third } = await bridged(t)
    const own = called(t, '1001').variables
    own.set('attxfer_cancel_key', '7')
    own.set('attxfer_hangup_key', '8')
    own.set('origination_cancel_key', '9')
    own.set('recording_follow_attxfer', 'true')
    const caller = t.sw.channels.list().find((one) => one.direction === 'inbound')
    const path = join(t.sw.globals.get('recordings_dir') ?? '', 'talk.wav')
    assert.match(await t.api(`uuid_record ${caller?.uuid} start ${path}`), /^\+OK/)
    await pressKeys(b.rtp, '*4')
    const ringing = await third.incoming()
    ringing.ring()
    await t.event('CHANNEL_PROGRESS')
    await pressKeys(b.rtp, '9')
    await third.cancelled.next('CANCEL')
    await talk(a, b)
    await pressKeys(b.rtp, '*4')
    const c = await third.incoming()
    c.answer()
    await comes(a.rtp, 1500)
    await talk(b, c)
    await pressKeys(b.rtp, '8')
    await b.hungUp()
    await talk(a, c)
    // It went along from party to party and is still written.
    assert.deepEqual(sessionRecordings(called(t, '1002')), [path])
    await a.bye()
    await t.event('RECORD_STOP')
    const { rate, samples } = readRecording(path)
    for (const hz of [440, 700]) {
      let most = 0
      for (let at = 0; at + 400 <= samples.length; at += 400)
        most = Math.max(most, amplitudeAt(samples, hz, rate, at, at + 400))
      assert.ok(most > 2000, `${hz} Hz is recorded at ${most}`)
    }
  })
})

describe('soft_hold', () => {
  it('gives both music until the key', async () => {
    await using t = await start()
    const { a, b } = await bridged(t)
    await pressKeys(b.rtp, '*5')
    await Promise.all([comes(a.rtp, 1300), comes(b.rtp, 1500)])
    await pressKeys(b.rtp, '9')
    await talk(a, b)
  })
})

describe('intercept', () => {
  it('takes a party of a call; the one who had it is told PICKED_OFF', async () => {
    await using t = await start()
    const { a, b, third } = await bridged(t)
    const uuid = t.channel('1000@example.test').uuid
    t.sw.globals.set('wanted', uuid)
    const taker = await third.call('301')
    await taker.outcome()
    const bye = await b.hungUp()
    assert.match(bye.get('Reason') ?? '', /completed elsewhere/)
    await talk(a, taker)
    await a.bye()
    // The one who took the call goes on with what his dialplan has left.
    await comes(taker.rtp, 900)
  })

  it('takes the other party with -bleg', async () => {
    await using t = await start()
    const { a, b, third } = await bridged(t)
    t.sw.globals.set('wanted', `-bleg ${t.channel('1000@example.test').uuid}`)
    const taker = await third.call('301')
    await taker.outcome()
    await a.hungUp()
    await talk(b, taker)
  })

  it('goes on with the dialplan where the call is had by somebody (intercept_unbridged_only), or nothing is there', async () => {
    await using t = await start()
    const { a, b, third } = await bridged(t)
    t.sw.globals.set('only', 'true')
    for (const wanted of [t.channel('1000@example.test').uuid, 'no-such-uuid', '']) {
      t.sw.globals.set('wanted', wanted)
      const late = await third.call('301')
      await late.outcome()
      await comes(late.rtp, 900)
      await late.bye()
    }
    await talk(a, b)
  })
})
