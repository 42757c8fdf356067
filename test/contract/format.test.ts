/** What every file format has to keep, whichever it is. */
import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { formats, openForReading, openForWriting } from '../../src/formats/index.ts'
import { amplitudeAt, sine } from '../support/levels.ts'
import { readAll, temporaryFolder } from '../support/sound.ts'

const extensions = formats.flatMap((format) => (format.write ? format.extensions : []))

/** Coders of speech, which make something like a tone of a tone. */
const coarse = new Set(['ilbc'])

/** Seconds: sound in packets is filled up to a whole one, and sought packet by packet. */
const longestPacket = 0.03

function isFilledUp(length: number, wanted: number, rate: number): boolean {
  return length >= wanted - 1e-9 && length < wanted + longestPacket * rate
}

for (const extension of extensions) {
  describe(`files .${extension}`, () => {
    test('a tone written comes back as long and as loud', async () => {
      await using folder = await temporaryFolder()
      const path = join(folder.path, `new/folder/a.${extension}`)
      const sink = await openForWriting(path, 8000)
      const said = sine(500, sink.rate, sink.rate)
      const frame = sink.rate / 50
      for (let at = 0; at < said.length; at += frame) sink.write(said.subarray(at, at + frame))
      await sink.close()
      const source = await openForReading(path, sink.rate)
      const heard = await readAll(source)
      source.close()
      assert.equal(source.rate, sink.rate)
      assert.ok(isFilledUp(heard.length, said.length, sink.rate), `${heard.length} samples`)
      const amplitude = amplitudeAt(heard, 500, source.rate)
      assert.ok(Math.abs(amplitude - 10000) < (coarse.has(extension) ? 1500 : 200), `${amplitude}`)
    })

    test('appending lengthens, writing anew truncates', async () => {
      await using folder = await temporaryFolder()
      const path = join(folder.path, `a.${extension}`)
      const lengthAfter = async (append: boolean) => {
        const sink = await openForWriting(path, 8000, 1, append)
        sink.write(new Int16Array(sink.rate / 10))
        await sink.close()
        const source = await openForReading(path, 8000)
        const { length } = await readAll(source)
        source.close()
        return length / source.rate
      }
      const once = await lengthAfter(true)
      assert.ok(isFilledUp(once, 0.1, 1))
      assert.equal(await lengthAfter(true), 2 * once)
      assert.equal(await lengthAfter(false), once)
    })

    test('it seeks', async () => {
      await using folder = await temporaryFolder()
      const path = join(folder.path, `a.${extension}`)
      const sink = await openForWriting(path, 8000)
      sink.write(new Int16Array(sink.rate))
      await sink.close()
      const source = await openForReading(path, 8000)
      await readAll(source)
      source.seek?.(source.rate * 0.8)
      const left = (await readAll(source)).length
      assert.ok(Math.abs(left - source.rate * 0.2) <= longestPacket * source.rate, `${left}`)
      source.close()
    })

    test('closing twice and writing after closing do no harm', async () => {
      await using folder = await temporaryFolder()
      const path = join(folder.path, `a.${extension}`)
      const sink = await openForWriting(path, 8000)
      await sink.close()
      sink.write(new Int16Array(160))
      await sink.close()
      const { size } = await stat(path)
      const source = await openForReading(path, 8000)
      assert.equal((await readAll(source)).length, 0)
      source.close()
      source.close()
      assert.ok(size <= 44)
    })

    test('a missing file is FILE_NOT_FOUND', async () => {
      await assert.rejects(openForReading(`/nowhere/a.${extension}`, 8000), {
        code: 'FILE_NOT_FOUND',
      })
    })
  })
}

test('no two formats answer to one name', () => {
  const names = formats.flatMap((format) => [...format.extensions, ...(format.schemes ?? [])])
  assert.equal(new Set(names).size, names.length)
})
