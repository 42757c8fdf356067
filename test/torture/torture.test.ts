/** Malformed and unusual messages (RFC 4475, RFC 5118 and more): each has one right outcome, none may break the parser. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SwitchError } from '../../src/base/errors.ts'
import { parseMessage } from '../../src/sip/parser.ts'
import { fileCases, outcome, ruledCases } from './collection.ts'

const cases = [...fileCases(), ...ruledCases()]

test('the collection holds at least 200 messages', () => assert.ok(cases.length >= 200))

for (const one of cases) test(one.name, () => assert.equal(outcome(one.data), one.expect))

test('what was read is written so that it reads the same again', () => {
  for (const one of cases) {
    if (one.expect !== 'ok') continue
    const first = parseMessage(one.data)
    const second = parseMessage(first.toBuffer())
    assert.equal(second.startLine(), first.startLine(), one.name)
    assert.deepEqual(
      second.values.slice(0, first.values.length - 1),
      first.values.slice(0, first.values.length - 1),
      one.name,
    )
    assert.deepEqual(Buffer.from(second.bodyBytes), Buffer.from(first.bodyBytes), one.name)
  }
})

/** Small and repeatable. */
function* numbers(seed: number): Generator<number> {
  let state = seed
  for (;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    yield state / 2 ** 32
  }
}

test('no message with broken, lost or doubled octets does more than fail', () => {
  const random = numbers(42)
  const next = (below: number) => Math.floor(random.next().value * below)
  for (const one of cases) {
    if (one.data.length > 3000 || one.data.length === 0) continue
    for (let round = 0; round < 20; round++) {
      const data = Buffer.from(one.data)
      const at = next(data.length)
      const kind = next(3)
      const broken =
        kind === 0
          ? data.subarray(0, at)
          : kind === 1
            ? Buffer.concat([data.subarray(0, at), data.subarray(at + 1 + next(8))])
            : Buffer.concat([data.subarray(0, at), data.subarray(0, next(40)), data.subarray(at)])
      if (kind === 1 && broken.length > 0) broken[next(broken.length)] = next(256)
      outcome(broken)
    }
  }
})

test('random octets are no message', () => {
  const random = numbers(7)
  for (let round = 0; round < 200; round++) {
    const data = Buffer.alloc(300, 0)
    for (let at = 0; at < data.length; at++) data[at] = Math.floor(random.next().value * 256)
    assert.throws(() => parseMessage(data), SwitchError)
  }
})

test('hostile messages of 64 KiB are read in little time', () => {
  const head = 'OPTIONS sip:a@b SIP/2.0\r\n'
  const fill = (piece: string) => piece.repeat(Math.floor(64_000 / piece.length))
  const hostile = [
    fill('\n'),
    fill('a\r\n'),
    fill(':\r\n'),
    fill('a:\r\n b\r\n'),
    fill('a: b\r\n'),
    `Via: SIP/2.0/UDP a${fill(';received=1')}\r\n\r\n`,
    `Via: SIP/2.0/UDP a${fill(',SIP/2.0/UDP a')}\r\n\r\n`,
    `From: ${fill('"')}\r\n\r\n`,
    `Contact: ${fill('<')}\r\n\r\n`,
    `Contact: ${fill('"a",')}\r\n\r\n`,
    `From: <sip:a@b>${fill(';')}tag=1\r\n\r\n`,
    fill(' '),
    `X: ${fill('\\"')}\r\n\r\n`,
  ]
  for (const text of hostile) {
    // Work, not time: the machine may be busy with something else.
    const before = process.cpuUsage()
    outcome(Buffer.from(head + text))
    const { user, system } = process.cpuUsage(before)
    assert.ok(user + system < 250_000, JSON.stringify(text.slice(0, 40)))
  }
})
