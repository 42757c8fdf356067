/** A sender whose clock is off: the sound is put right frame by frame, without growing late and without a click. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findCodec } from '../../../src/codecs/index.ts'
import { Decoder } from '../../../src/media/decoder.ts'
import { JitterBuffer } from '../../../src/rtp/jitter-buffer.ts'

const pcmu = {
  name: 'PCMU',
  payloadType: 0,
  clockRate: 8000,
  channels: 1,
  fmtp: '',
  ptime: 20,
} as const

interface Heard {
  readonly pcm: Int16Array
  readonly corrections: number
  readonly depths: readonly number[]
}

/** Ten minutes of a steady tone from a sender that is `ppm` too fast, played by an even clock. */
function play(ppm: number, seconds = 600): Heard {
  const coder = findCodec('PCMU')!.open('')
  const buffer = new JitterBuffer({ length: 60, max: 500, drift: 20 }, 8000, 20)
  const decoder = Decoder.open(pcmu)!
  const out: Int16Array[] = []
  const taker = { sound: (pcm: Int16Array) => void out.push(pcm.slice()), pause: () => {} }
  const frame = new Int16Array(160)
  const octets = new Uint8Array(160)
  const depths: number[] = []
  let number = 0
  for (let now = 1000; now < 1000 + seconds * 1000; now += 20) {
    for (; 1000 + number * 20 * (1 - ppm / 1e6) <= now; number++) {
      for (let i = 0; i < 160; i++)
        frame[i] = Math.round(8000 * Math.sin((2 * Math.PI * 440 * (number * 160 + i)) / 8000))
      coder.encode(frame, octets)
      buffer.push(number & 0xffff, (number * 160) >>> 0, 7, 0, octets, now)
    }
    const got = buffer.pull(now)
    if (got === 'lost') decoder.missing(taker)
    else if (got !== 'empty') decoder.next(got, buffer.timestamp, buffer.isCut, taker)
    if (typeof got !== 'string') depths.push(buffer.depth)
  }
  const pcm = new Int16Array(out.reduce((sum, one) => sum + one.length, 0))
  let at = 0
  for (const one of out) {
    pcm.set(one, at)
    at += one.length
  }
  const { dropped, inserted } = buffer.counts
  return { pcm, corrections: dropped + inserted, depths }
}

for (const ppm of [200, -200]) {
  test(`${ppm} ppm for ten minutes: the delay stays, and nothing clicks`, () => {
    const { pcm, corrections, depths } = play(ppm)
    assert.ok(corrections >= 4, `${corrections} corrections`)
    const last = depths.slice(-500)
    assert.ok(Math.max(...last) < 110 && Math.min(...last) > 30, `${Math.max(...last)}`)
    // The steepest step of a tone of 440 Hz with a peak of 8000 is 2764; a jump to another phase would be far steeper.
    let steepest = 0
    for (let i = 1; i < pcm.length; i++)
      steepest = Math.max(steepest, Math.abs(pcm[i]! - pcm[i - 1]!))
    assert.ok(steepest < 2764 * 1.3, `a step of ${steepest}`)
  })
}
