/** The client's side of the wire: frames however they are split, events, commands. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SwitchError } from '../../../src/base/errors.ts'
import {
  commandText,
  decodeValue,
  eventOf,
  type Frame,
  FrameReader,
} from '../../../src/cli/event-socket-frames.ts'

const stream =
  'Content-Type: auth/request\n\n' +
  'Content-Type: command/reply\nReply-Text: +OK accepted\n\n' +
  'Content-Type: api/response\nContent-Length: 8\n\nGrüße\n' +
  'Content-Type: api/response\nContent-Length: 0\n\n' +
  'Content-Length: 14\nContent-Type: log/data\nLog-Level: 7\n\nline\n\nanother\n'

const brief = (frame: Frame) => [frame.contentType, frame.body]
const expected = [
  ['auth/request', ''],
  ['command/reply', ''],
  ['api/response', 'Grüße\n'],
  ['api/response', ''],
  ['log/data', 'line\n\nanother\n'],
]

test('frames are the same whether the bytes come at once, in pairs or one by one', () => {
  const bytes = Buffer.from(stream)
  for (const size of [bytes.length, 7, 2, 1]) {
    const reader = new FrameReader()
    const frames: Frame[] = []
    for (let at = 0; at < bytes.length; at += size) {
      frames.push(...reader.push(bytes.subarray(at, at + size)))
    }
    assert.deepEqual(frames.map(brief), expected, `in pieces of ${size}`)
  }
})

test('lines may end in CR LF, and blank lines between frames are passed over', () => {
  const [frame] = new FrameReader().push(
    Buffer.from('\r\n\nContent-Type: api/response\r\nContent-Length: 2\r\n\r\nok'),
  )
  assert.deepEqual(frame && brief(frame), ['api/response', 'ok'])
})

test('header names compare without case and values are URL-decoded', () => {
  const [frame] = new FrameReader().push(Buffer.from('REPLY-text: %2BOK a%3Ab 100%\n\n'))
  assert.equal(frame?.headers.get('Reply-Text'), '+OK a:b 100%')
})

test('a length that is none breaks the connection', () => {
  for (const length of ['-1', 'x', '1.5', '999999999999']) {
    assert.throws(
      () => new FrameReader().push(Buffer.from(`Content-Length: ${length}\n\n`)),
      (thrown) => thrown instanceof SwitchError && thrown.code === 'EVENT_SOCKET_BAD_FRAME',
    )
  }
})

test('codes of several bytes decode together, and what is no code stays', () => {
  assert.equal(decodeValue('Gr%C3%BC%C3%9Fe %zz %4'), 'Grüße %zz %4')
})

const frameOf = (contentType: string, body: string): Frame => ({
  headers: new FrameReader().push(Buffer.from('A: b\n\n'))[0]!.headers,
  contentType,
  body,
})

test('a plain event has its headers decoded and its body raw', () => {
  const event = eventOf(
    frameOf(
      'text/event-plain',
      'Event-Name: BACKGROUND_JOB\nJob-Command: a%20b\nContent-Length: 6\n\n+OK %41',
    ),
  )
  assert.equal(event?.name, 'BACKGROUND_JOB')
  assert.equal(event?.headers.get('job-command'), 'a b')
  assert.equal(event?.body, '+OK %41')
})

test('a JSON event gives the same, with _body as its body and arrays in their plain form', () => {
  const event = eventOf(
    frameOf('text/event-json', '{"Event-Name":"CUSTOM","list":["a","b"],"_body":"text"}'),
  )
  assert.equal(event?.name, 'CUSTOM')
  assert.equal(event?.headers.get('list'), 'ARRAY::a|:b')
  assert.equal(event?.body, 'text')
})

test('what is not an event gives none: XML, broken JSON', () => {
  assert.equal(eventOf(frameOf('text/event-xml', '<event/>')), undefined)
  assert.equal(eventOf(frameOf('text/event-json', '{')), undefined)
  assert.equal(eventOf(frameOf('text/event-json', '3')), undefined)
})

test('a command carries its headers and the length of its body in bytes', () => {
  assert.equal(
    commandText('sendevent X', { A: '1' }, 'ü'),
    'sendevent X\nA: 1\nContent-Length: 2\n\nü',
  )
})

test('a line break cannot smuggle a second command in', () => {
  assert.throws(() => commandText('api status\n\napi shutdown'), /one line/)
  assert.throws(() => commandText('api status', { A: 'x\nB: y' }), /one line/)
})
