/**
 * Looks through a sound set: which files of its table are missing or not in it, and how loud they are.
 * `npx tsx tools/prompts/check.ts [--set DIR] [--names FILE]`; exits with 1 when something is wrong. `--names` also tells which
 * of the names in FILE, one a line, the table lacks.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { decibels, type Loudness, loudnessOf } from './level.ts'
import { englishSet, isSpeech, type Prompt, placeOf, rateOf, readTable } from './table.ts'
import { readSound } from './wav-file.ts'

export interface Measured extends Loudness {
  readonly prompt: Prompt
  readonly seconds: number
  readonly octets: number
  /** Seconds before and after the sound that are below -60 dBFS. */
  readonly before: number
  readonly after: number
}

/** Files of the table that are not there, and files there that are not of the table. */
export function differences(
  set: string,
  prompts: readonly Prompt[],
): { readonly missing: readonly string[]; readonly extra: readonly string[] } {
  const places = new Set(prompts.map((prompt) => placeOf(prompt)))
  const found = (readdirSync(set, { recursive: true }) as string[]).filter((path) =>
    statSync(join(set, path)).isFile(),
  )
  return {
    missing: [...places].filter((place) => !existsSync(join(set, place))),
    extra: found.filter((path) => !places.has(path) && path !== 'texts.tsv'),
  }
}

/** What a file of the set is like. Throws when it is no 16-bit mono file of the rate that its folder says. */
export function measure(set: string, prompt: Prompt): Measured {
  const path = join(set, placeOf(prompt))
  const { rate, channels, bits, samples } = readSound(path)
  if (rate !== rateOf(prompt) || channels !== 1 || bits !== 16)
    throw new Error(`${path}: ${rate} Hz, ${channels} channels, ${bits} bits`)
  const quiet = 10 ** (-60 / 20)
  const first = samples.findIndex((x) => Math.abs(x) > quiet)
  const last = samples.findLastIndex((x) => Math.abs(x) > quiet)
  return {
    ...loudnessOf(samples, rate),
    prompt,
    seconds: samples.length / rate,
    octets: statSync(path).size,
    before: first / rate,
    after: (samples.length - 1 - last) / rate,
  }
}

/** The least, the middle and the greatest. */
function spread(values: readonly number[], digits: number): string {
  const sorted = [...values].sort((a, b) => a - b)
  const picked = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)]
  return picked.map((value) => (value ?? Number.NaN).toFixed(digits)).join(' / ')
}

function row(name: string, files: readonly Measured[]): string {
  const seconds = files.reduce((sum, { seconds }) => sum + seconds, 0)
  const octets = files.reduce((sum, { octets }) => sum + octets, 0)
  return [
    name.padEnd(15),
    String(files.length).padStart(5),
    `${seconds.toFixed(0)} s`.padStart(8),
    `${(octets / 1e6).toFixed(1)} MB`.padStart(9),
    spread(
      files.map(({ active }) => active),
      1,
    ).padStart(24),
    spread(
      files.map(({ peak }) => peak),
      1,
    ).padStart(22),
  ].join(' ')
}

function main(): void {
  const { values } = parseArgs({
    options: { set: { type: 'string', default: englishSet }, names: { type: 'string' } },
  })
  const prompts = readTable(values.set)
  const { missing, extra } = differences(values.set, prompts)
  for (const place of missing) console.log(`missing: ${place}`)
  for (const place of extra) console.log(`not in the table: ${place}`)
  let isWrong = missing.length > 0 || extra.length > 0
  if (values.names !== undefined) {
    const names = new Set(prompts.map(({ name }) => name))
    for (const line of readFileSync(values.names, 'utf8').split('\n')) {
      const name = line.trim().replace(/\.wav$/, '')
      if (name === '' || names.has(name)) continue
      console.log(`no such prompt: ${name}`)
      isWrong = true
    }
  }
  const files = prompts
    .filter((prompt) => !missing.includes(placeOf(prompt)))
    .map((prompt) => measure(values.set, prompt))
  console.log(`group           files   length      size   active level (dBFS)        peak (dBFS)`)
  for (const group of new Set(prompts.map((prompt) => prompt.group)))
    console.log(
      row(
        group,
        files.filter(({ prompt }) => prompt.group === group),
      ),
    )
  console.log(row('all', files))
  console.log(
    row(
      'speech',
      files.filter(({ prompt }) => isSpeech(prompt)),
    ),
  )
  const worst = Math.max(...files.map(({ offset }) => Math.abs(offset)))
  console.log(
    `silence before: ${spread(
      files.map(({ before }) => before * 1000),
      0,
    )} ms`,
  )
  console.log(
    `silence after: ${spread(
      files.map(({ after }) => after * 1000),
      0,
    )} ms`,
  )
  console.log(`offset at most ${decibels(worst).toFixed(0)} dBFS`)
  if (isWrong) process.exitCode = 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
