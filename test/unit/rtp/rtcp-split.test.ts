/** RTCP of several streams on one port: each packet goes to whom it is about. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readReports } from '../../../src/rtp/rtcp.ts'
import { splitReports } from '../../../src/rtp/rtcp-split.ts'

/** Whose SSRCs: 1 and 2 are the sound's, 11 and 12 the picture's. */
const owners: Readonly<Record<number, string>> = {
  1: 'sound',
  2: 'sound',
  11: 'video',
  12: 'video',
}
const ownerOf = (ssrc: number) => owners[ssrc]

/** A packet of a type, its words behind the first. */
function packet(count: number, type: number, ...words: readonly number[]): Buffer {
  const octets = Buffer.alloc(4 + words.length * 4)
  octets[0] = 0x80 | count
  octets[1] = type
  octets.writeUInt16BE(words.length, 2)
  for (const [i, word] of words.entries()) octets.writeUInt32BE(word, 4 + i * 4)
  return octets
}

const block = (ssrc: number) => [ssrc, 0, 100, 5, 0, 0]
const sdes = (ssrc: number) => packet(1, 202, ssrc, 0x01016100)
const info = [0, 0, 160, 3, 480]
const senderReport = (ssrc: number, ...blocks: readonly number[]) =>
  packet(blocks.length, 200, ssrc, ...info, ...blocks.flatMap(block))
const receiverReport = (ssrc: number, ...blocks: readonly number[]) =>
  packet(blocks.length, 201, ssrc, ...blocks.flatMap(block))
const remb = (ssrc: number) => packet(15, 206, 99, 0, 0x52454d42, 0x01000000, ssrc)

interface Case {
  readonly name: string
  readonly packets: readonly Buffer[]
  readonly owner: string | undefined
}

const whole: readonly Case[] = [
  {
    name: 'a sender report goes by its sender',
    packets: [senderReport(11), sdes(11)],
    owner: 'video',
  },
  {
    name: 'a receiver report goes by the stream that it is about, whoever sends it',
    packets: [receiverReport(99, 12), sdes(99)],
    owner: 'video',
  },
  {
    name: 'an empty report goes with the feedback behind it',
    packets: [receiverReport(99), packet(1, 206, 99, 12)],
    owner: 'video',
  },
  {
    name: 'feedback may stand alone (RFC 5506)',
    packets: [packet(1, 206, 99, 12)],
    owner: 'video',
  },
  { name: 'NACK names the media', packets: [packet(1, 205, 1, 11, 0x00050000)], owner: 'video' },
  {
    name: 'FIR names the media within',
    packets: [packet(4, 206, 99, 0, 12, 0x01000000)],
    owner: 'video',
  },
  { name: 'REMB names the media within', packets: [receiverReport(99), remb(12)], owner: 'video' },
  {
    name: 'BYE goes by its source',
    packets: [receiverReport(11), packet(1, 203, 11)],
    owner: 'video',
  },
  { name: 'what names nobody is told apart', packets: [receiverReport(99)], owner: undefined },
]

for (const { name, packets, owner } of whole)
  test(`${name}, and stays as it came`, () => {
    const compound = Buffer.concat(packets)
    const parts = splitReports(compound, ownerOf)
    assert.deepEqual([...(parts ?? [])], [[owner, compound]])
    assert.equal(parts?.get(owner), compound)
  })

test('one report about two streams becomes one for each', () => {
  const compound = Buffer.concat([senderReport(1, 2, 12), sdes(1)])
  const parts = splitReports(compound, ownerOf)
  assert.deepEqual(parts?.get('sound'), Buffer.concat([senderReport(1, 2), sdes(1)]))
  assert.deepEqual(parts?.get('video'), receiverReport(1, 12))
  const sound = readReports(parts?.get('sound') ?? Buffer.alloc(0))
  assert.deepEqual(
    sound?.blocks.map(({ ssrc }) => ssrc),
    [2],
  )
  assert.equal(sound?.sender?.packets, 3)
})

test('a part that begins with feedback gets an empty report before it (RFC 3550 section 6.1)', () => {
  const pli = packet(1, 206, 1, 12)
  const compound = Buffer.concat([senderReport(1, 2), sdes(1), pli])
  const parts = splitReports(compound, ownerOf)
  assert.deepEqual(parts?.get('sound'), Buffer.concat([senderReport(1, 2), sdes(1)]))
  assert.deepEqual(parts?.get('video'), Buffer.concat([receiverReport(1), pli]))
})

test('blocks about streams of nobody stay with the report that they came in', () => {
  const compound = Buffer.concat([senderReport(11, 99, 2), sdes(11)])
  const parts = splitReports(compound, ownerOf)
  assert.deepEqual(parts?.get('video'), Buffer.concat([senderReport(11, 99), sdes(11)]))
  assert.deepEqual(parts?.get('sound'), receiverReport(11, 2))
})

test('what keeps no rules is given to nobody', () => {
  const good = Buffer.concat([receiverReport(1, 2), sdes(1)])
  const claim = Buffer.from(good)
  claim.writeUInt16BE(200, 2)
  const cut = good.subarray(0, good.length - 2)
  for (const bad of [Buffer.alloc(0), Buffer.alloc(8), claim, cut, Buffer.from('80c80000', 'hex')])
    assert.equal(splitReports(bad, ownerOf), undefined)
  // A count of blocks that are not there reads nothing behind the packet.
  const boast = receiverReport(99, 12)
  boast[0] = 0x9f
  assert.deepEqual([...(splitReports(boast, ownerOf)?.keys() ?? [])], ['video'])
})
