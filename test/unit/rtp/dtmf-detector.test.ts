/** The in-band digit detector, with tones as telephones make them and sounds that are none. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { DtmfDetector } from '../../../src/rtp/dtmf-detector.ts'
import { peakAt0dBm0 } from '../../../src/rtp/goertzel.ts'

const frequencies: Record<string, readonly [low: number, high: number]> = {}
;['123A', '456B', '789C', '*0#D'].forEach((row, r) => {
  ;[...row].forEach((digit, c) => {
    frequencies[digit] = [[697, 770, 852, 941][r]!, [1209, 1336, 1477, 1633][c]!]
  })
})
const all = Object.keys(frequencies).join('')

interface Dialled {
  readonly rate?: number
  readonly toneMs?: number
  readonly gapMs?: number
  /** Level of the low tone and by how much the high one is stronger, dB. */
  readonly level?: number
  readonly twist?: number
  /** Both frequencies are off by this share. */
  readonly offset?: number
  /** Level of white noise; none if absent. */
  readonly noise?: number
  /** A silence of so many ms in the middle of every tone. */
  readonly dropOut?: number
  /** Samples of silence before all. */
  readonly lead?: number
}

function dial(digits: string, how: Dialled = {}): Int16Array {
  const { rate = 8000, toneMs = 100, gapMs = 100, level = -10, twist = 0, offset = 0 } = how
  const tone = (rate * toneMs) / 1000
  const gap = (rate * gapMs) / 1000
  const lead = how.lead ?? rate / 10
  const pcm = new Int16Array(Math.round(lead + digits.length * (tone + gap) + rate / 10))
  const noise = how.noise === undefined ? 0 : peakAt0dBm0 * Math.SQRT1_2 * 10 ** (how.noise / 20)
  let random = 1
  const lowPeak = peakAt0dBm0 * 10 ** (level / 20)
  const highPeak = lowPeak * 10 ** (twist / 20)
  const dropOut = ((how.dropOut ?? 0) * rate) / 1000
  for (let i = 0; i < pcm.length; i++) {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0
    let value = (random / 2 ** 31 - 1) * Math.sqrt(3) * noise
    const at = i - lead
    const within = at % (tone + gap)
    const digit = at < 0 ? undefined : digits[Math.floor(at / (tone + gap))]
    const isOut = Math.abs(within - tone / 2) < dropOut / 2
    if (digit !== undefined && within < tone && !isOut) {
      const [low, high] = frequencies[digit]!
      const turn = (2 * Math.PI * i * (1 + offset)) / rate
      value += lowPeak * Math.sin(turn * low) + highPeak * Math.sin(turn * high)
    }
    pcm[i] = Math.max(-32768, Math.min(32767, Math.round(value)))
  }
  return pcm
}

function hear(pcm: Int16Array, rate = 8000): { digits: string; durations: number[] } {
  let digits = ''
  const durations: number[] = []
  const detector = new DtmfDetector(rate, (heard) => {
    digits += heard.digit
    durations.push(heard.duration)
  })
  for (let at = 0; at < pcm.length; at += rate / 50)
    detector.process(pcm.subarray(at, at + rate / 50))
  detector.finish()
  return { digits, durations }
}

test('all sixteen digits, with their lengths', () => {
  const { digits, durations } = hear(dial(all))
  assert.equal(digits, all)
  for (const duration of durations) assert.ok(Math.abs(duration - 800) <= 160, `${duration}`)
})

for (const rate of [16_000, 32_000, 48_000]) {
  test(`at ${rate} Hz too, with lengths still in samples of 8 kHz`, () => {
    const { digits, durations } = hear(dial(all, { rate }), rate)
    assert.equal(digits, all)
    for (const duration of durations) assert.ok(Math.abs(duration - 800) <= 160, `${duration}`)
  })
}

for (const level of [-36, -30, -20, -10, -6, -3, 0]) {
  test(`tones of ${level} dBm0 each`, () => {
    assert.equal(hear(dial(all, { level })).digits, all)
  })
}

test('tones of 40 ms with pauses of 40 ms, wherever the blocks fall (Q.24)', () => {
  for (let lead = 400; lead < 500; lead += 3)
    assert.equal(hear(dial('1590D', { toneMs: 40, gapMs: 40, lead })).digits, '1590D', `${lead}`)
})

test('the same digit twice is two digits, with a pause of 40 ms between', () => {
  for (let lead = 400; lead < 500; lead += 7)
    assert.equal(hear(dial('5555', { toneMs: 40, gapMs: 40, lead })).digits, '5555', `${lead}`)
})

test('a tone of 22 ms is none (Q.24)', () => {
  for (let lead = 400; lead < 500; lead += 3)
    assert.equal(hear(dial('1590', { toneMs: 22, gapMs: 80, lead })).digits, '')
})

test('a drop-out of 10 ms does not make two of one', () => {
  for (let lead = 400; lead < 500; lead += 3)
    assert.equal(hear(dial('159', { toneMs: 120, dropOut: 10, lead })).digits, '159', `${lead}`)
})

for (const offset of [-0.015, 0.015]) {
  test(`frequencies that are ${offset * 100} % off`, () => {
    assert.equal(hear(dial(all, { offset, toneMs: 50, gapMs: 50 })).digits, all)
  })
}

test('frequencies that are 5 % off are no digits', () => {
  assert.equal(hear(dial('159', { offset: 0.05 })).digits, '')
  assert.equal(hear(dial('159', { offset: -0.05 })).digits, '')
})

test('the high tone may be 7 dB fainter and 4 dB stronger, not more than 10 and 8', () => {
  assert.equal(hear(dial(all, { twist: -7 })).digits, all)
  assert.equal(hear(dial(all, { twist: 4 })).digits, all)
  assert.equal(hear(dial(all, { twist: -10 })).digits, '')
  assert.equal(hear(dial(all, { twist: 8 })).digits, '')
})

test('noise 12 dB below the tones does not hide them, and is no digit by itself', () => {
  assert.equal(hear(dial(all, { level: -15, noise: -24, toneMs: 60 })).digits, all)
  assert.equal(hear(dial('', { noise: -10, lead: 240_000 })).digits, '')
})

test('a digit that sounds for seconds is one digit', () => {
  const { digits, durations } = hear(dial('7', { toneMs: 3000, noise: -40 }))
  assert.equal(digits, '7')
  assert.ok(Math.abs(durations[0]! - 24_000) < 160)
})

test('a digit that the end of the sound cuts off counts', () => {
  const pcm = dial('3')
  assert.equal(hear(pcm.subarray(0, 1400)).digits, '3')
})

test('single tones, dial tone and busy tone are no digits', () => {
  for (const pair of [
    [697],
    [1209],
    [350, 440],
    [480, 620],
    [1100],
    [2100],
    [697, 770],
    [1209, 1336],
  ]) {
    const pcm = Int16Array.from({ length: 8000 }, (_, i) =>
      pair.reduce((sum, f) => sum + 6000 * Math.sin((2 * Math.PI * f * i) / 8000), 0),
    )
    assert.equal(hear(pcm).digits, '', `${pair}`)
  }
})

test('voices are no digits, however their pitch and vowels move', () => {
  let random = 9
  const next = () => {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0
    return random / 2 ** 32
  }
  const pcm = new Int16Array(8000 * 20)
  let phase = 0
  let [pitch, first, second] = [120, 500, 1500]
  for (let i = 0; i < pcm.length; i++) {
    // Every tenth of a second another vowel: two formants between which the harmonics fall off.
    if (i % 800 === 0)
      [pitch, first, second] = [80 + 170 * next(), 300 + 700 * next(), 1000 + 800 * next()]
    pitch *= 1 + (next() - 0.5) * 1e-3
    phase += (2 * Math.PI * pitch) / 8000
    let value = 0
    for (let h = 1; h * pitch < 3400; h++) {
      const near = Math.min(Math.abs(h * pitch - first), Math.abs(h * pitch - second))
      value += Math.exp(-near / 120) * Math.sin(h * phase)
    }
    pcm[i] = Math.max(-32768, Math.min(32767, value * 5000))
  }
  assert.equal(hear(pcm).digits, '')
})

/** Any recording of speech, 16-bit PCM at 8 kHz in a WAV file. */
const speech = process.env['TALK_OFF_WAV'] ?? ''

test('speech is no digit, at any level', {
  skip: !existsSync(speech) && 'TALK_OFF_WAV names no recording',
}, () => {
  const file = readFileSync(speech)
  const samples = new Int16Array(
    file.buffer.slice(file.byteOffset + 44, file.byteOffset + (file.length & ~1)),
  )
  for (const gain of [0.1, 0.5, 1, 3])
    assert.equal(hear(samples.map((s) => Math.max(-32768, Math.min(32767, s * gain)))).digits, '')
})
