/** Each codec against another implementation: bits where a standard fixes them, else how near the sound comes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judge, judged, judgeOpus, skipWithoutSpandsp } from '../support/codec-judges.ts'
import { skipWithout } from '../support/programs.ts'

const exact = Number.POSITIVE_INFINITY

/**
 * Least part of octets alike; least dB between decoders on our packets and on theirs, least intelligibility of one compared with
 * the other; least dB of the waveform and intelligibility of speech by us alone.
 */
type Floors = readonly [
  alike: number,
  ours: number,
  theirs: number,
  likeness: number,
  waveform: number,
  quality: number,
]

// biome-ignore format: a table keeps its columns
const floors: Readonly<Record<string, Floors>> = {
  // Samples on a decision value may go either way: libspandsp takes some of the negative ones the other way.
  'PCMU':         [0.95, exact, exact, 0.999, 35,    0.99],
  'PCMA':         [1,    exact, exact, 0.999, 35,    0.99],
  'G722':         [1,    exact, exact, 0.999, 8,     0.99],
  'GSM':          [1,    exact, exact, 0.999, -5,    0.95],
  'G726-16':      [1,    exact, exact, 0.999, 10,    0.85],
  'AAL2-G726-16': [1,    exact, exact, 0.999, 10,    0.85],
  'G726-24':      [1,    exact, exact, 0.999, 16,    0.93],
  'AAL2-G726-24': [1,    exact, exact, 0.999, 16,    0.93],
  'G726-32':      [1,    exact, exact, 0.999, 22,    0.97],
  'AAL2-G726-32': [1,    exact, exact, 0.999, 22,    0.97],
  'G726-40':      [1,    exact, exact, 0.999, 27,    0.98],
  'AAL2-G726-40': [1,    exact, exact, 0.999, 27,    0.98],
  'L16 8000':     [1,    exact, exact, 0.999, exact, 0.999],
  'L16 16000':    [1,    exact, exact, 0.999, exact, 0.999],
  'L16 48000':    [1,    exact, exact, 0.999, exact, 0.999],
  // ffmpeg has no encoder, and its decoder no enhancer, which changes the waveform on purpose.
  'iLBC 20 ms':   [0,    0,     0,     0.88,  4,     0.88],
  'iLBC 30 ms':   [0,    0,     0,     0.88,  4,     0.88],
}

for (const one of judged) {
  test(`${one.title}: packets of ours and of ${one.by} sound alike from either decoder`, {
    skip: one.by === 'ffmpeg' ? skipWithout('ffmpeg') : skipWithoutSpandsp(),
  }, () => {
    const [alike, ours, theirs, likeness, waveform, quality] = floors[one.title]!
    const found = judge(one)
    assert.ok(found.ours >= ours, `our packets: ${found.ours} dB`)
    if (found.theirs !== undefined) assert.ok(found.theirs >= theirs, `${found.theirs} dB`)
    if (found.alike !== undefined) assert.ok(found.alike >= alike, `${found.alike} of the octets`)
    assert.ok(found.likeness.intelligibility >= likeness, `${found.likeness.intelligibility}`)
    assert.ok(found.waveform >= waveform, `there and back: ${found.waveform} dB`)
    assert.ok(found.quality.intelligibility >= quality, `${found.quality.intelligibility}`)
  })
}

for (const fmtp of ['', 'maxplaybackrate=8000', 'maxplaybackrate=16000;useinbandfec=1', 'cbr=1']) {
  test(`opus ${fmtp}: packets of ours and of opusenc sound alike from our decoder and opusdec`, {
    skip: skipWithout('opusenc', 'opusdec'),
  }, () => {
    const found = judgeOpus(fmtp, 24000)
    assert.ok(found.ours > 40, `our packets: ${found.ours} dB`)
    assert.ok(found.theirs! > 40, `theirs: ${found.theirs} dB`)
  })
}
