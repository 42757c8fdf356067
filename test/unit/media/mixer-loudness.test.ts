import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pcma } from '../../../src/codecs/pcma.ts'
import { pcmu } from '../../../src/codecs/pcmu.ts'
import { loudnessTable, meanLoudness } from '../../../src/media/mixer-loudness.ts'
import { energySum } from '../../../src/media/sound.ts'
import { toneFrom } from '../../support/tone.ts'

test('the loudness of octets is that of the samples they stand for, for both laws', () => {
  for (const codec of [pcmu, pcma]) {
    const coder = codec.open('')
    const octets = new Uint8Array(172)
    coder.encode(toneFrom(0, 700, 8000, 160), octets.subarray(12))
    const pcm = new Int16Array(160)
    coder.decode(octets.subarray(12), pcm)
    const table = loudnessTable(codec.name)!
    assert.equal(meanLoudness(octets, 12, 172, table), energySum(pcm) / 160)
  }
})

test('octets of other codecs are no samples', () => {
  assert.equal(loudnessTable('G722'), undefined)
  assert.equal(loudnessTable('opus'), undefined)
})

test('no octets are silence', () => {
  assert.equal(meanLoudness(new Uint8Array(12), 12, 12, loudnessTable('PCMU')!), 0)
})
