import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  isFax,
  passingFormats,
  payloadTypesBetween,
  videoCodecsOf,
} from '../../../../src/core/sides/side-formats.ts'
import { parseSdp } from '../../../../src/sdp/parse.ts'

function section(line: string, ...attributes: string[]) {
  const lines = ['v=0', 'c=IN IP4 192.0.2.1', `m=${line}`, ...attributes.map((one) => `a=${one}`)]
  return parseSdp(`${lines.join('\r\n')}\r\n`).media[0]!
}

const video = section(
  'video 4000 RTP/AVPF 96 97 98 99 100',
  'rtpmap:96 VP8/90000',
  'rtpmap:97 rtx/90000',
  'fmtp:97 apt=96',
  'rtpmap:98 H264/90000',
  'rtpmap:99 rtx/90000',
  'fmtp:99 apt=98',
  'rtpmap:100 ulpfec/90000',
)

test('of a codec list the video encodings are taken, in any spelling', () => {
  assert.deepEqual([...videoCodecsOf('OPUS,G722,h264,mod_x.VP8@90000h')], ['h264', 'vp8'])
})

test('video passes in the encodings that both legs may have, each with its own repetition, and with repair', () => {
  assert.deepEqual(passingFormats(video, new Set(['h264'])), ['98', '99', '100'])
  assert.equal(passingFormats(video, new Set(['vp9'])), undefined)
})

test('what is refused, behind ICE, or of another protocol does not pass', () => {
  const all = new Set(['vp8'])
  const lines = ['rtpmap:96 VP8/90000'] as const
  assert.equal(passingFormats(section('video 0 RTP/AVP 96', ...lines), all), undefined)
  assert.equal(
    passingFormats(section('video 9 RTP/AVP 96', ...lines, 'ice-ufrag:x', 'ice-pwd:y'), all),
    undefined,
  )
  assert.equal(passingFormats(section('video 9 TCP/RTP/AVP 96', ...lines), all), undefined)
  assert.equal(passingFormats(section('application 9 TCP/BFCP *'), all), undefined)
})

test('T.38 is an image over udptl, however it is spelt', () => {
  assert.equal(isFax(section('image 5000 UDPTL T38')), true)
  assert.equal(isFax(section('image 5000 tcp t38')), false)
})

test('payload types are renumbered only where the same encoding has another number', () => {
  const other = section('video 1 RTP/AVP 96 110', 'rtpmap:96 VP8/90000', 'rtpmap:110 H264/90000')
  assert.deepEqual(payloadTypesBetween(video, other), [[98, 110]])
  assert.equal(payloadTypesBetween(other, other), undefined)
})
