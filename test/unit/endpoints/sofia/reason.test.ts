import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Channel } from '../../../../src/core/channel.ts'
import { Variables } from '../../../../src/core/variables.ts'
import { causeOfMessage, reasonText } from '../../../../src/endpoints/sofia/reason.ts'
import { SipResponse } from '../../../../src/sip/message.ts'

const channelWith = (name?: string, value?: string) => {
  const variables = new Variables()
  if (name !== undefined) variables.set(name, value)
  return { variables } as unknown as Channel
}

test('causes of Q.850 are told as such, our own as SIP causes', () => {
  assert.equal(reasonText(channelWith(), 'USER_BUSY'), 'Q.850;cause=17;text="USER_BUSY"')
  assert.equal(
    reasonText(channelWith(), 'USER_NOT_REGISTERED'),
    'SIP;cause=806;text="USER_NOT_REGISTERED"',
  )
})

test('a call that others answered says so, unless it is told not to', () => {
  assert.equal(
    reasonText(channelWith(), 'LOSE_RACE'),
    'SIP;cause=200;text="Call completed elsewhere"',
  )
  assert.equal(
    reasonText(channelWith('ignore_completed_elsewhere', 'true'), 'LOSE_RACE'),
    'SIP;cause=702;text="LOSE_RACE"',
  )
})

test('sip_reason wins, disable_q850_reason suppresses', () => {
  assert.equal(
    reasonText(channelWith('sip_reason', 'Q.850;cause=31'), 'USER_BUSY'),
    'Q.850;cause=31',
  )
  assert.equal(reasonText(channelWith('disable_q850_reason', 'true'), 'USER_BUSY'), undefined)
})

test('the Q.850 Reason of a refusal wins over its status; other protocols do not count', () => {
  const refusal = (reason?: string) => {
    const response = new SipResponse(500)
    if (reason !== undefined) response.add('Reason', reason)
    return causeOfMessage(response, 500)
  }
  assert.equal(refusal(), 'NORMAL_TEMPORARY_FAILURE')
  assert.equal(refusal('Q.850;cause=17;text="busy"'), 'USER_BUSY')
  assert.equal(refusal('SIP;cause=486'), 'NORMAL_TEMPORARY_FAILURE')
})
