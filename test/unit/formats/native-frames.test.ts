import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { findCodec } from '../../../src/codecs/index.ts'
import { nativeFormats } from '../../../src/formats/native.ts'
import { temporaryFolder } from '../../support/sound.ts'
import { quietStimulus } from '../codecs/stimulus.ts'

test('codecs whose packets cannot be cut out of a file have no file type', () => {
  const extensions = nativeFormats.flatMap((format) => format.extensions)
  assert.ok(extensions.includes('gsm') && extensions.includes('g726-24'))
  for (const absent of ['opus', 'g729', 'amr']) assert.ok(!extensions.includes(absent))
})

for (const name of ['GSM', 'G726-24']) {
  test(`${name}: sound that comes in odd pieces is cut into whole packets, the last one filled up`, async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, `x.${name}`)
    const format = nativeFormats.find(({ extensions }) => extensions.includes(name.toLowerCase()))!
    const samples = quietStimulus().subarray(0, 1000)
    const sink = await format.write!(path, 8000, 1, false)
    for (let at = 0; at < 1000; at += 37) sink.write(samples.subarray(at, at + 37))
    await sink.close()
    const padded = new Int16Array(1120)
    padded.set(samples)
    const codec = findCodec(name)!
    const expected = new Uint8Array((codec.bitRate * 140) / 8000)
    codec.open('').encode(padded, expected)
    assert.deepEqual(new Uint8Array(await readFile(path)), expected)
  })
}
