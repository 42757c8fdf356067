/** bind_meta_app: features by two keys during a bridge. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Channel } from '../../src/core/channel.ts'
import { receiveDigit } from '../../src/core/receive-digit.ts'
import { context } from '../support/dialplan.ts'
import type { FakeLeg } from '../support/fake-media.ts'
import { keysAt, pressKeys } from '../support/keys.ts'
import { startSipSwitch } from '../support/sip-switch.ts'
import { startSwitch, type TestSwitch } from '../support/switch.ts'
import { until } from '../support/until.ts'

const bridge = 'bridge {loopback_bowout=false}loopback/answers/there'
const dialplan = [
  context('there', { answers: 'answer; park', moved: 'answer; set arrived=yes; park' }),
  context('here', {
    own: `bind_meta_app 1 a s set::ran=own; ${bridge}`,
    other: `bind_meta_app 2 b s set::ran=other; ${bridge}`,
    opposite: `bind_meta_app 3 ab o set::ran=opposite; ${bridge}`,
    once: `bind_meta_app 4 a s1 set::ran=\${ran}x; ${bridge}`,
    hash: `set bind_meta_key=#; bind_meta_app 5 a s set::ran=hash; ${bridge}`,
    inline: `bind_meta_app 6 a bi set::ran=inline; ${bridge}`,
    unbound: `bind_meta_app 7 a s set::ran=yes; unbind_meta_app; ${bridge}`,
    moves: `bind_meta_app 8 b s transfer::-bleg moved XML there; ${bridge}`,
    digits: `bind_meta_app 9 a s read::1 4 silence typed 5000 #; set hold_music=silence; ${bridge}`,
  }),
].join('')

async function bridged(t: TestSwitch, extension: string): Promise<readonly [Channel, Channel]> {
  void t.api(`originate {loopback_bowout=false}loopback/${extension}/here &park()`)
  await t.until(() =>
    t.sw.channels
      .list()
      .some((one) => one.name.endsWith(`${extension}-b`) && one.partner !== undefined),
  )
  return [t.channel(`${extension}-b`), t.channel('answers-a')]
}

function press(channel: Channel, keys: string): void {
  for (const digit of keys) receiveDigit(channel, { digit, duration: 800, source: 'RTP' })
}

/** Resolves when no application runs beside the bridge any more. */
async function alone(channel: Channel): Promise<void> {
  await until(() => channel.guests === 0, 'the application to end')
}

/** The digits that the core itself sent to a channel. */
const sentTo = (t: TestSwitch, channel: Channel) =>
  (t.media.legs.find((leg) => leg.uuid === channel.uuid) as FakeLeg).asked

/** Digits that arrived at the other end of a loopback channel. */
const passed = (t: TestSwitch, nameEnd: string) =>
  t.events
    .filter((event) => event.name === 'DTMF' && event.get('Channel-Name')?.endsWith(nameEnd))
    .map((event) => event.get('DTMF-Digit'))
    .join('')

describe('bind_meta_app', () => {
  it('lets the own party start a feature; its keys reach nobody, all others do', async () => {
    await using t = await startSwitch({ dialplan })
    const [a] = await bridged(t, 'own')
    press(a, '5*1')
    await t.until(() => a.variables.get('ran') === 'own')
    assert.equal(passed(t, 'own-b'), '5', 'events tell no keys of features')
    await alone(a)
    press(a, '6')
    assert.equal(passed(t, 'answers-b'), '56')
  })

  it('lets the other party start one that its own leg runs (b s)', async () => {
    await using t = await startSwitch({ dialplan })
    const [a, b] = await bridged(t, 'other')
    press(b, '*2')
    await t.until(() => b.variables.get('ran') === 'other')
    assert.equal(a.variables.get('ran'), undefined)
    assert.equal(passed(t, 'other-a'), '')
  })

  it('runs on the leg that did not press for o', async () => {
    await using t = await startSwitch({ dialplan })
    const [a, b] = await bridged(t, 'opposite')
    press(a, '*3')
    await t.until(() => b.variables.get('ran') === 'opposite')
    await alone(b)
    press(b, '*3')
    await t.until(() => a.variables.get('ran') === 'opposite')
  })

  it('runs it once for 1, and swallows the keys after that, too', async () => {
    await using t = await startSwitch({ dialplan })
    const [a] = await bridged(t, 'once')
    press(a, '*4')
    await t.until(() => a.variables.get('ran') === 'x')
    await alone(a)
    press(a, '*4*0')
    assert.equal(passed(t, 'answers-b'), '')
    assert.equal(a.variables.get('ran'), 'x')
  })

  it('takes another meta key, and passes it once when it is pressed twice', async () => {
    await using t = await startSwitch({ dialplan })
    const [a] = await bridged(t, 'hash')
    press(a, '*')
    press(a, '##')
    assert.equal(passed(t, 'answers-b'), '*#')
    press(a, '#5')
    await t.until(() => a.variables.get('ran') === 'hash')
  })

  it('runs at once, beside whatever goes on, for i', async () => {
    await using t = await startSwitch({ dialplan })
    const [a, b] = await bridged(t, 'inline')
    press(a, '*6')
    await t.until(() => b.variables.get('ran') === 'inline')
  })

  it('is over with unbind_meta_app', async () => {
    await using t = await startSwitch({ dialplan })
    const [a] = await bridged(t, 'unbound')
    press(a, '*7')
    assert.equal(a.keys.has('received'), false)
    assert.equal(passed(t, 'unbound-b'), '*7')
    assert.equal(a.variables.get('ran'), undefined)
  })

  it('transfers the other leg with transfer -bleg', async () => {
    await using t = await startSwitch({ dialplan })
    const [a, b] = await bridged(t, 'moves')
    press(b, '*8')
    await t.until(() => a.variables.get('arrived') === 'yes')
    assert.equal(a.state, 'execute')
  })

  it('gives the digits to the application that runs, not to the other party', async () => {
    await using t = await startSwitch({ dialplan })
    const [a] = await bridged(t, 'digits')
    press(a, '*9')
    await t.until(() => a.variables.get('current_application') === 'read')
    assert.equal((t.media.legs.find((leg) => leg.uuid === a.uuid) as FakeLeg).passes, false)
    press(a, '12#')
    await t.until(() => a.variables.get('typed') === '12')
    assert.equal(passed(t, 'answers-b'), '')
    await alone(a)
    press(a, '3')
    assert.equal(passed(t, 'answers-b'), '3')
    assert.deepEqual(sentTo(t, a), [])
  })

  it('says what is wrong with a binding and goes on', async () => {
    await using t = await startSwitch({
      dialplan: context('here', {
        bad: 'bind_meta_app; bind_meta_app 1 a; bind_meta_app x a s log::1; bind_meta_app 1 c s log::1; bind_meta_app 1 a ab log::1; set after=yes; park',
      }),
    })
    void t.api('originate {loopback_bowout=false}loopback/bad/here &park()')
    await t.until(() => t.sw.channels.list().some((one) => one.variables.get('after') === 'yes'))
  })
})

describe('bind_meta_app between telephones', () => {
  it('hears *1 of the called party, and passes 5 and no feature key to the caller', async () => {
    await using sw = await startSipSwitch({
      extensions: {
        '2001': ['bind_meta_app:1 b s set::ran=yes', 'bridge:sofia/internal/1001%example.test'],
      },
    })
    const caller = await sw.phone('1000')
    const called = await sw.phone('1001')
    await called.register()
    const out = await caller.call('2001')
    const into = await called.incoming()
    into.answer()
    await out.response(200)
    await sw.until(() => sw.sw.channels.list().some((one) => one.partner !== undefined))
    const b = sw.sw.channels.list().find((one) => one.direction === 'outbound')!
    const dtmf = () => sw.events.filter((event) => event.name === 'DTMF').length
    for (const [i, digit] of [...'5*16'].entries()) {
      await pressKeys(into.rtp, digit)
      await sw.until(() => dtmf() > i || b.keys.has('received'))
    }
    await sw.until(() => b.variables.get('ran') === 'yes')
    await sw.until(() => dtmf() >= 4)
    await until(
      () => keysAt(out.rtp) === '56',
      'the keys at the other end',
      () => keysAt(out.rtp),
    )
    await out.bye()
  })
})
