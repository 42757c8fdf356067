import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  acceptedOf,
  foreseenAnswer,
  isRead,
  isWider,
  offersOf,
  type SideOffer,
} from '../../../../src/core/sides/side-offer.ts'
import { parseSdp } from '../../../../src/sdp/parse.ts'

const names: Readonly<Record<string, string>> = { 96: 'VP8', 98: 'H264', 100: 'AV1' }

/** A description with sound and a picture of these payload types, each with its repetition behind it. */
function description(types: readonly number[], direction = 'sendrecv') {
  const all = types.flatMap((type) => [type, type + 1])
  const text = [
    'v=0',
    'c=IN IP4 192.0.2.1',
    'm=audio 4000 RTP/AVP 0',
    `m=video 4002 RTP/AVPF ${all.join(' ')}`,
    `a=${direction}`,
    ...types.flatMap((type) => [
      `a=rtpmap:${type} ${names[type]}/90000`,
      `a=rtpmap:${type + 1} rtx/90000`,
      `a=fmtp:${type + 1} apt=${type}`,
    ]),
    '',
  ].join('\r\n')
  const remote = parseSdp(text)
  const section = remote.media[1]
  assert.ok(section)
  return { text, remote, section }
}

function offer(...types: number[]): SideOffer {
  const { remote, text } = description(types)
  const [made] = offersOf(remote, text, new Set(['vp8', 'h264', 'av1']))
  assert.ok(made)
  return made
}

test('an offer is of the place, the lines and the formats that a section has', () => {
  const { index, formats, lines } = offer(96, 98)
  assert.equal(index, 1)
  assert.deepEqual(formats, ['96', '97', '98', '99'])
  assert.ok(lines.lines.includes('a=rtpmap:96 VP8/90000'))
})

test('what is accepted stands at the place that the other leg has it', () => {
  const { section: theirs, text } = description([98])
  const sides = [
    { index: 1, otherIndex: 3, theirs },
    { index: 2, otherIndex: 4, theirs: undefined },
  ]
  const [planned, ...others] = acceptedOf(sides, text)
  assert.equal(others.length, 0)
  assert.equal(planned?.index, 3)
  assert.deepEqual(planned?.shown.formats, ['98', '99'])
})

test('the answer that is foreseen has the first encoding with its repetition, both ways', () => {
  const { remote, text } = description([98, 96], 'sendonly')
  const [made] = offersOf(remote, text, new Set(['vp8', 'h264']))
  assert.ok(made)
  const { index, shown } = foreseenAnswer(made)
  assert.equal(index, 1)
  assert.deepEqual(shown.formats, ['98', '99'])
  assert.equal(shown.section.direction, 'sendrecv')
})

test('a party sends the first encoding that it is shown and has; the other one reads it or does not', () => {
  const both = description([96, 98]).section
  const h264 = description([98]).section
  assert.equal(isRead(both, offer(96, 98), h264), false)
  assert.equal(isRead(h264, offer(96, 98), h264), true)
  assert.equal(isRead(both, offer(98), h264), true)
  // Nothing in common: nothing is sent.
  assert.equal(isRead(h264, offer(100), both), true)
})

test('a camera that is switched on is wider, one that is switched off is not', () => {
  const on = description([96]).section
  const off = description([96], 'recvonly').section
  assert.equal(isWider(on, off), true)
  assert.equal(isWider(off, on), false)
  assert.equal(isWider(on, on), false)
})
