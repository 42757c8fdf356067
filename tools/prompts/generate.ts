/**
 * Makes the sound files of a set from its table of texts: `npx tsx tools/prompts/generate.ts [--only PATTERN] [--missing]
 * [--set DIR]`. Needs Flite (Debian: apt-get install flite). Everything is made anew, but for `--only`, which makes those whose names
 * fit the pattern, and `--missing`, which makes those that are not there. The same texts give the same files.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { openForReading } from '../../src/formats/index.ts'
import { perpetualMusic } from '../music/pieces.ts'
import { finished, levelled, trimmed } from './finish.ts'
import { speakByFlite } from './flite.ts'
import { englishSet, isSpeech, type Prompt, placeOf, rateOf, readTable, setRate } from './table.ts'
import { readSound, writeSound } from './wav-file.ts'

/** Groups of single words, which end by themselves; in others what has no full stop is part of a sentence. */
const wordGroups = new Set(['ascii', 'phonetic-ascii', 'digits', 'currency', 'time', 'base256'])

function isPart({ group, spoken }: Prompt): boolean {
  return !wordGroups.has(group) && !/[.?!]$/.test(spoken)
}

async function toneSamples(spoken: string): Promise<Float64Array> {
  const source = await openForReading(spoken, setRate)
  const chunk = new Int16Array(1600)
  const samples: number[] = []
  for (let count = source.read(chunk); count > 0; count = source.read(chunk))
    for (const value of chunk.subarray(0, count)) samples.push(value / 32768)
  source.close()
  return levelled(trimmed(Float64Array.from(samples), setRate), setRate)
}

function write(set: string, prompt: Prompt, samples: Float64Array): void {
  const path = join(set, placeOf(prompt))
  mkdirSync(dirname(path), { recursive: true })
  writeSound(path, samples, rateOf(prompt))
}

/** Made so many at a time. */
const atOnce = 2

async function makeSpeech(set: string, prompts: readonly Prompt[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'prompts-'))
  const waiting = prompts.entries()
  const work = async () => {
    for (const [index, prompt] of waiting) {
      const path = join(folder, `${index}.wav`)
      const end = await speakByFlite({ spoken: prompt.spoken, isPart: isPart(prompt) }, path)
      const sound = readSound(path)
      const samples = sound.samples.subarray(0, Math.round(end * sound.rate))
      write(set, prompt, finished({ ...sound, samples }, rateOf(prompt)))
    }
  }
  try {
    await Promise.all(Array.from({ length: atOnce }, work))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      missing: { type: 'boolean', default: false },
      set: { type: 'string', default: englishSet },
    },
  })
  const pattern = new RegExp(values.only)
  const prompts = readTable(values.set)
    .filter(({ name }) => pattern.test(name))
    .filter((prompt) => !values.missing || !existsSync(join(values.set, placeOf(prompt))))
  await makeSpeech(values.set, prompts.filter(isSpeech))
  for (const prompt of prompts.filter((one) => !isSpeech(one))) {
    const isMusic = prompt.spoken === 'music://perpetual'
    write(values.set, prompt, isMusic ? perpetualMusic(setRate) : await toneSamples(prompt.spoken))
  }
  console.log(`${prompts.length} prompts in ${values.set}`)
}

await main()
