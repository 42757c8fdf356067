import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Channel } from '../../../../src/core/channel.ts'
import { Variables } from '../../../../src/core/variables.ts'
import type { Profile } from '../../../../src/endpoints/sofia/profile.ts'
import {
  answerHeaders,
  answerTerms,
  offerHeaders,
  tooShort,
} from '../../../../src/endpoints/sofia/session-timer.ts'
import { type HeaderLine, SipRequest } from '../../../../src/sip/message.ts'

const values: Readonly<Record<string, string>> = {
  'enable-timer': 'true',
  'session-timeout': '1800',
  'minimum-session-expires': '120',
}
const profile = {
  values: {
    boolean: (name: string) => values[name] === 'true',
    number: (name: string) => Number(values[name]),
  },
} as unknown as Profile
const channel = { variables: new Variables() } as unknown as Channel

const invite = (...headers: HeaderLine[]) =>
  new SipRequest('INVITE', 'sip:a@example.test').addAll(headers)
const answered = (...headers: HeaderLine[]) =>
  answerHeaders(answerTerms(profile, channel, invite(...headers))).map((line) => line.join(': '))

test('who supports timers refreshes, and is required to (RFC 4028 §9)', () => {
  assert.deepEqual(answered(['Supported', 'timer'], ['Session-Expires', '600']), [
    'Require: timer',
    'Session-Expires: 600;refresher=uac',
  ])
})

test('a refresher that they name stays', () => {
  assert.deepEqual(answered(['Supported', 'timer'], ['Session-Expires', '600;refresher=uas']), [
    'Session-Expires: 600;refresher=uas',
  ])
})

test('without support on their side we refresh by ourselves', () => {
  assert.deepEqual(answered(), ['Session-Expires: 1800;refresher=uas'])
})

test('an interval below the minimum is too short', () => {
  assert.equal(tooShort(profile, invite(['Session-Expires', '30'])), 120)
  assert.equal(tooShort(profile, invite(['Session-Expires', '120'])), undefined)
  assert.equal(tooShort(profile, invite()), undefined)
})

test('our INVITE offers our interval and says what we would take', () => {
  assert.deepEqual(offerHeaders(profile, channel), [
    ['Session-Expires', '1800;refresher=uac'],
    ['Min-SE', '120'],
  ])
})
