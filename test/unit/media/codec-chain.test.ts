/** Speech through chains of codecs stays speech: thresholds for what tools/bench/codecs.ts prints. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chain, legCodec } from '../../support/codec-chain.ts'
import { atRate, compareSpeech, delayOf, speech } from '../../support/speech-quality.ts'

const said = speech(4, 48000)
const saidNarrow = atRate(said, 48000, 8000)

// Least intelligibility (0–1), greatest spectral distance (dB) and delay (ms).
// biome-ignore format: a table keeps its columns
const chains = [
  [['PCMU', 'PCMA'],            0.99, 1.5, 10],
  [['G722', 'PCMU'],            0.99, 1.5, 5],
  [['PCMU', 'G722'],            0.99, 1.5, 10],
  [['opus', 'PCMU'],            0.95, 2.5, 10],
  [['PCMU', 'opus'],            0.99, 1.7, 15],
  [['opus', 'G722', 'PCMU'],    0.95, 2.5, 15],
  [['PCMU', 'opus', 'PCMU'],    0.99, 2,   15],
  [['PCMU', 'G722', 'opus'],    0.98, 2,   15],
  [['G722', 'opus', 'G722'],    0.97, 2,   15],
  [['G726-32', 'G722', 'PCMU'], 0.97, 2,   10],
  [['PCMU', 'iLBC', 'PCMU'],    0.91, 3.7, 20],
  [['opus', 'GSM', 'G722'],     0.91, 4,   15],
] as const

for (const [names, intelligibility, distance, late] of chains) {
  test(`${names.join(' → ')} keeps speech intelligible and its colour`, () => {
    const codecs = names.map((name) => legCodec(name, name === 'iLBC' ? 30 : 20))
    const end = chain(codecs, said, 48000)
    const heard = atRate(end.pcm, end.rate, 8000)
    const delay = delayOf(saidNarrow.subarray(0, 8000), heard.subarray(0, 9000), 400)
    assert.ok(delay / 8 <= late, `${delay / 8} ms`)
    const quality = compareSpeech(saidNarrow, heard.subarray(delay))
    assert.ok(quality.intelligibility > intelligibility, `${quality.intelligibility}`)
    assert.ok(quality.distance < distance, `${quality.distance} dB`)
  })
}

test('the measure tells bad sound from good', () => {
  const noisy = saidNarrow.map((sample, i) => sample + ((Math.imul(i, 2654435761) >>> 18) - 8192))
  const robbed = saidNarrow.map((sample, i) => (i % 320 < 160 ? 0 : sample))
  assert.ok(compareSpeech(saidNarrow, saidNarrow).intelligibility > 0.9999)
  assert.ok(compareSpeech(saidNarrow, noisy).intelligibility < 0.7)
  assert.ok(compareSpeech(saidNarrow, robbed).intelligibility < 0.8)
  assert.ok(compareSpeech(saidNarrow, noisy).distance > 5)
})
