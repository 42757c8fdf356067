import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MediaLines } from '../../../../src/core/sides/media-lines.ts'
import { parseSdp } from '../../../../src/sdp/parse.ts'

const of = (...lines: string[]) =>
  parseSdp(['v=0', 'c=IN IP4 192.0.2.1', ...lines.map((line) => `m=${line}`), ''].join('\r\n'))

test('lines are never fewer, and each keeps its place (RFC 3264 section 8)', () => {
  const lines = new MediaLines()
  lines.note(of('video 4002 RTP/AVPF 96', 'audio 4000 RTP/AVP 0', 'text 4004 RTP/AVP 98'), 1)
  lines.note(of('video 0 RTP/AVPF 97', 'audio 4000 RTP/AVP 8'), undefined)
  assert.equal(lines.count, 3)
  assert.equal(lines.soundIndex, 1)
  assert.deepEqual(
    lines.all.map(({ kind, format }) => `${kind} ${format}`),
    ['video 97', 'audio 8', 'text 98'],
  )
})

test('a line of the kind that is not in use is taken again, else a new one behind all others', () => {
  const lines = new MediaLines()
  lines.note(of('audio 4000 RTP/AVP 0', 'video 0 RTP/AVPF 96'), 0)
  assert.equal(
    lines.free('video', () => false),
    1,
  )
  assert.equal(
    lines.free('video', (index) => index === 1),
    2,
  )
  assert.equal(
    lines.free('audio', () => false),
    2,
  )
})

test('before anything was said the first line is the place of the sound', () => {
  const lines = new MediaLines()
  assert.equal(lines.count, 1)
  assert.equal(
    lines.free('video', () => false),
    1,
  )
})

test('a new connection need not have what stands behind the last line in use', () => {
  const lines = new MediaLines()
  lines.note(of('audio 4000 RTP/AVP 0', 'video 4002 RTP/AVPF 96', 'application 9 TCP/BFCP *'), 0)
  lines.cut(1)
  assert.deepEqual(
    lines.all.map(({ kind }) => kind),
    ['audio', 'video'],
  )
  lines.cut(0)
  assert.equal(lines.count, 1)
})
