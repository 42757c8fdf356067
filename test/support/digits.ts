/** Digits as a telephone sends and hears them, in each way that there is. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findCodec } from '../../src/codecs/index.ts'
import { DtmfTones } from '../../src/media/dtmf-tones.ts'
import { Resampler } from '../../src/media/resampler.ts'
import { DtmfDetector } from '../../src/rtp/dtmf-detector.ts'
import { EventReceiver, eventOf } from '../../src/rtp/telephone-event.ts'
import type { RtpPeer } from './rtp-peer.ts'

export interface Rhythm {
  readonly toneMs: number
  readonly gapMs: number
}

/** 20 ms of nothing in PCMU, as a phone sends it between keys. */
export const silentPacket = { payload: new Uint8Array(160).fill(0xff), payloadType: 0 }

/** Paces a sender: resolves when `ms` more than at the last call have passed since it was made. */
function pacer(): (ms: number) => Promise<void> {
  let due = performance.now()
  return (ms) => {
    due += ms
    return new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())))
  }
}

/** Presses digits as events of `clock` Hz, with packets of `silence` (20 ms each) between them. */
export async function pressEvents(
  peer: RtpPeer,
  digits: string,
  { toneMs, gapMs }: Rhythm,
  payloadType: number,
  clock: number,
  silence: { readonly payload: Uint8Array; readonly payloadType: number },
): Promise<void> {
  const wait = pacer()
  const step = clock / 50
  for (const digit of digits) {
    const event = eventOf(digit)
    for (let ms = 20; ms < toneMs; ms += 20) {
      await peer.event(event, false, (ms * clock) / 1000, payloadType, ms === 20)
      await wait(20)
    }
    const length = (toneMs * clock) / 1000
    for (let end = 0; end < 3; end++) await peer.event(event, true, length, payloadType)
    await wait(20)
    peer.timestamp += length
    for (let ms = 0; ms < gapMs; ms += 20) {
      await peer.packet(silence.payload, silence.payloadType, step)
      await wait(20)
    }
  }
}

/** Presses digits as tones in PCMU. */
export async function pressTones(
  peer: RtpPeer,
  digits: string,
  { toneMs, gapMs }: Rhythm,
): Promise<void> {
  const wait = pacer()
  const coder = findCodec('PCMU')!.open('')
  const tones = new DtmfTones(8000)
  const frame = new Int16Array(160)
  const octets = new Uint8Array(160)
  let next = 0
  for (let isOver = false; !isOver; ) {
    let filled = 0
    while (filled < frame.length) {
      if (!tones.isActive && next < digits.length) tones.start(digits[next++]!, toneMs, gapMs)
      const read = tones.read(frame.subarray(filled))
      if (read === 0) break
      filled += read
    }
    frame.fill(0, filled)
    isOver = filled === 0
    coder.encode(frame, octets)
    await peer.packet(octets, 0, 160)
    await wait(20)
  }
}

/** The digits of the events that came. */
export function eventsOf(peer: RtpPeer, payloadType: number, clock: number): string {
  const receiver = new EventReceiver()
  let digits = ''
  for (const packet of peer.arrived) {
    if (packet.payloadType !== payloadType) continue
    const { payload, timestamp, at } = packet
    for (const { digit } of receiver.packet(payload, 0, timestamp, clock, at)) digits += digit
  }
  return digits
}

/** The sound that came, each packet at its place in time, with silence where there was none. */
export function timeline(peer: RtpPeer, codec = 'PCMU', payloadType?: number): Int16Array {
  const found = findCodec(codec)!
  const coder = found.open('')
  const type = payloadType ?? found.payloadType
  const packets = peer.arrived.filter((packet) => packet.payloadType === type)
  const [first] = packets
  const frame = new Int16Array(6000)
  const pieces: { readonly at: number; readonly pcm: Int16Array }[] = []
  let length = 0
  for (const { payload, timestamp } of packets) {
    const count = coder.decode(payload, frame)
    const at = (((timestamp - first!.timestamp) | 0) * found.sampleRate) / found.clockRate
    pieces.push({ at, pcm: frame.slice(0, count) })
    length = Math.max(length, at + count)
  }
  const all = new Int16Array(length)
  for (const { at, pcm } of pieces) if (at >= 0) all.set(pcm, at)
  return all
}

/** The digits that our detector hears in sound. */
export function tonesIn(pcm: Int16Array, rate = 8000): string {
  let digits = ''
  const detector = new DtmfDetector(rate, ({ digit }) => {
    digits += digit
  })
  for (let at = 0; at < pcm.length; at += rate / 50)
    detector.process(pcm.subarray(at, at + rate / 50))
  detector.finish()
  return digits
}

/** The same by multimon-ng; undefined where it is not installed. */
export function tonesByMultimon(pcm: Int16Array): string | undefined {
  const rate = 22050
  const resampler = new Resampler(8000, rate)
  const padded = new Int16Array(pcm.length + 8000)
  padded.set(pcm, 4000)
  const room = new Int16Array(resampler.room(padded.length))
  const count = resampler.process(padded, padded.length, room)
  const folder = mkdtempSync(join(tmpdir(), 'digits-'))
  try {
    const file = join(folder, 'digits.raw')
    writeFileSync(file, new Uint8Array(room.buffer, 0, count * 2))
    const run = spawnSync('multimon-ng', ['-q', '-a', 'DTMF', '-t', 'raw', file])
    if (run.error) return undefined
    return [...run.stdout.toString().matchAll(/DTMF: (\S)/g)].map(([, digit]) => digit).join('')
  } finally {
    rmSync(folder, { recursive: true })
  }
}
