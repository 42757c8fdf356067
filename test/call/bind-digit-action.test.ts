/** bind_digit_action on a channel that is bridged, and on one that waits. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Channel } from '../../src/core/channel.ts'
import { receiveDigit } from '../../src/core/receive-digit.ts'
import { context } from '../support/dialplan.ts'
import { startSwitch, type TestSwitch } from '../support/switch.ts'
import { until } from '../support/until.ts'

const bridge = 'bridge {loopback_bowout=false}loopback/answers/there'
const dialplan = [
  context('there', { answers: 'answer; park' }),
  context('here', {
    self: `bind_digit_action r,*1,exec:set,ran=self; ${bridge}`,
    peer: `bind_digit_action r,*2,exec[i]:set,ran=peer,peer,peer; ${bridge}`,
    both: `bind_digit_action r,*3,exec:set,ran=both,self,both; ${bridge}`,
    api: `bind_digit_action r,*4,api:echo,hello; bind_digit_action r,*5,order,tea; ${bridge}`,
    waits: 'answer; bind_digit_action r,~^7\\d$,exec:set,ran=yes; park',
    cleared: `bind_digit_action r,*1,exec:set,ran=self; clear_digit_action all; ${bridge}`,
    bad: 'bind_digit_action; bind_digit_action r,~(,exec:set,a=b; digit_action_set_realm x; set after=yes; park',
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

const passed = (t: TestSwitch, nameEnd: string) =>
  t.events
    .filter((event) => event.name === 'DTMF' && event.get('Channel-Name')?.endsWith(nameEnd))
    .map((event) => event.get('DTMF-Digit'))
    .join('')

describe('bind_digit_action', () => {
  it('takes the digits of the own party and runs its application; others pass', async () => {
    await using t = await startSwitch({ dialplan })
    const [a] = await bridged(t, 'self')
    press(a, '5*1')
    await t.until(() => a.variables.get('ran') === 'self')
    assert.equal(a.variables.get('last_matching_digits'), '*1')
    assert.equal(a.variables.get('last_non_matching_digits'), '5')
    assert.equal(passed(t, 'answers-b'), '5')
  })

  it('takes those of the other party, and acts on its leg', async () => {
    await using t = await startSwitch({ dialplan })
    const [a, b] = await bridged(t, 'peer')
    press(b, '*2')
    await t.until(() => b.variables.get('ran') === 'peer')
    assert.equal(a.variables.get('ran'), undefined)
    press(b, '6')
    assert.equal(passed(t, 'peer-a'), '6')
  })

  it('acts on both legs', async () => {
    await using t = await startSwitch({ dialplan })
    const [a, b] = await bridged(t, 'both')
    press(a, '*3')
    await t.until(() => a.variables.get('ran') === 'both' && b.variables.get('ran') === 'both')
  })

  it('runs commands, and tells of any other word by an event', async () => {
    await using t = await startSwitch({ dialplan })
    const [a] = await bridged(t, 'api')
    press(a, '*4*5')
    await t.until(() => t.events.some((event) => event.get('order') === 'tea'))
    const event = t.events.find((one) => one.get('order') === 'tea')
    assert.equal(event?.name, 'CHANNEL_DATA')
    assert.equal(event?.get('digits'), '*5')
    await until(() => a.variables.has('bind_digit_action_api_result'), 'the command to have run')
    assert.equal(a.variables.get('bind_digit_action_api_result'), 'hello')
  })

  it('works on a channel that only waits, by an expression', async () => {
    await using t = await startSwitch({ dialplan })
    void t.api('originate {loopback_bowout=false}loopback/waits/here &park()')
    await t.event('CHANNEL_PARK', (one) => (one.get('Channel-Name') ?? '').endsWith('waits-b'))
    const channel = t.channel('waits-b')
    press(channel, '73')
    await t.until(() => channel.variables.get('ran') === 'yes')
  })

  it('is over with clear_digit_action, and says what is wrong', async () => {
    await using t = await startSwitch({ dialplan })
    const [a] = await bridged(t, 'cleared')
    assert.equal(a.keys.has('received'), false)
    press(a, '*1')
    assert.equal(a.variables.get('ran'), undefined)
    void t.api('originate {loopback_bowout=false}loopback/bad/here &park()')
    await t.until(() => t.sw.channels.list().some((one) => one.variables.get('after') === 'yes'))
  })
})
