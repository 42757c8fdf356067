/**
 * Which voice is the most natural and the easiest to understand: `npx tsx tools/prompts/compare.ts [--words N]`. Needs what it
 * compares and a recognizer to judge (Debian: apt-get install festival festvox-us-slt-hts festvox-kallpc16k festlex-cmu
 * festlex-poslex flite espeak-ng pocketsphinx pocketsphinx-en-us).
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { transform } from '../fft.ts'
import { finished } from './finish.ts'
import { loudnessOf } from './level.ts'
import { englishSet, isSpeech, readTable } from './table.ts'
import { readSound, writeSound } from './wav-file.ts'

const rate = 16000
const model = '/usr/share/pocketsphinx/model/en-us'

/** Sentences by which pitch, bandwidth and crest are judged. */
const sentences = [
  'After the tone, leave your message. Press any key when you are done, or just stop talking.',
  'Many people are calling. You may wait longer than usual.',
  'Enter the number of your conference, and finish with the pound key.',
  'Do you want to choose a new one now?',
]

type Voice = (texts: readonly string[], paths: readonly string[], folder: string) => void

/** All in one run: it takes long to start. */
const festival =
  (voice: string): Voice =>
  (texts, paths, folder) => {
    const script = join(folder, 'texts.scm')
    const lines = texts.map((text, i) => `(make "${text}" "${paths[i]}")`)
    const make = `(define (make text file)
      (utt.save.wave (utt.synth (eval (list 'Utterance 'Text text))) file 'riff))`
    writeFileSync(script, [`(${voice})`, make, ...lines].join('\n'))
    execFileSync('festival', ['--batch', script], { stdio: 'ignore' })
  }

const each =
  (run: (text: string, path: string) => readonly [string, ...string[]]): Voice =>
  (texts, paths) => {
    for (const [i, text] of texts.entries()) {
      const [command, ...args] = run(text, paths[i]!)
      execFileSync(command, args, { stdio: 'ignore' })
    }
  }

const voices: Readonly<Record<string, Voice>> = {
  'festival slt (HTS)': festival('voice_cmu_us_slt_arctic_hts'),
  'festival kal (diphones)': festival('voice_kal_diphone'),
  'flite slt': each((text, path) => ['flite', '-voice', 'slt', '-t', text, '-o', path]),
  'flite rms': each((text, path) => ['flite', '-voice', 'rms', '-t', text, '-o', path]),
  'flite awb': each((text, path) => ['flite', '-voice', 'awb', '-t', text, '-o', path]),
  'espeak-ng en-us': each((text, path) => ['espeak-ng', '-v', 'en-us', '-w', path, text]),
}

interface Figures {
  /** Hz up to which the spectrum stays within 50 dB of its highest band. */
  readonly bandwidth: number
  /** dB that the band from 2 to 4 kHz lies below that under 1 kHz. */
  readonly dullness: number
  /** dB from the active level to the highest sample. */
  readonly crest: number
  /** The mean of the pitch, Hz, and how far it moves, semitones. */
  readonly pitch: number
  readonly melody: number
}

/** The power of each of 512 bands, and the pitch of each frame of 64 ms that has one. */
function analysed(samples: Float64Array): { power: Float64Array; pitches: readonly number[] } {
  const size = 1024
  const power = new Float64Array(size / 2)
  const pitches: number[] = []
  const re = new Float64Array(size)
  const im = new Float64Array(size)
  for (let at = 0; at + size <= samples.length; at += size / 4) {
    for (let i = 0; i < size; i++) re[i] = samples[at + i]! * Math.sin((Math.PI * i) / size) ** 2
    im.fill(0)
    transform(re, im)
    for (let k = 0; k < size / 2; k++) power[k]! += re[k]! ** 2 + im[k]! ** 2
    const pitch = pitchOf(samples.subarray(at, at + size))
    if (pitch !== undefined) pitches.push(pitch)
  }
  return { power, pitches }
}

/** By autocorrelation, from 70 to 400 Hz; undefined where there is no voice. */
function pitchOf(frame: Float64Array): number | undefined {
  const energy = frame.reduce((sum, x) => sum + x * x, 0)
  if (energy / frame.length < 1e-4) return undefined
  let best = 0
  let most = 0
  for (let lag = Math.floor(rate / 400); lag <= rate / 70; lag++) {
    let sum = 0
    let one = 0
    let two = 0
    for (let i = 0; i + lag < frame.length; i++) {
      sum += frame[i]! * frame[i + lag]!
      one += frame[i]! ** 2
      two += frame[i + lag]! ** 2
    }
    const likeness = sum / Math.sqrt(one * two || 1)
    if (likeness > most + 0.02) [best, most] = [lag, likeness]
  }
  return most > 0.75 ? rate / best : undefined
}

function figuresOf(samples: Float64Array): Figures {
  const { power, pitches } = analysed(samples)
  const band = (from: number, to: number) => {
    const [first, last] = [Math.round(from / 15.625), Math.round(to / 15.625)]
    return power.subarray(first, last).reduce((sum, x) => sum + x, 0) / (last - first)
  }
  const top = Math.max(...Array.from({ length: 32 }, (_, i) => band(i * 250, i * 250 + 250)))
  let bandwidth = 0
  for (let f = 0; f < 8000; f += 250) if (band(f, f + 250) > top * 1e-5) bandwidth = f + 250
  const { active, peak } = loudnessOf(samples, rate)
  const tones = pitches.map((pitch) => 12 * Math.log2(pitch / 100))
  const mean = tones.reduce((sum, x) => sum + x, 0) / tones.length
  const spread = Math.sqrt(tones.reduce((sum, x) => sum + (x - mean) ** 2, 0) / tones.length)
  return {
    bandwidth,
    dullness: 10 * Math.log10(band(100, 1000) / band(2000, 4000)),
    crest: peak - active,
    pitch: 100 * 2 ** (mean / 12),
    melody: spread,
  }
}

/** The part of single words that the recognizer takes for what they are, among all of them. */
function recognised(words: readonly string[], folder: string): number {
  const grammar = join(folder, 'words.gram')
  writeFileSync(grammar, `#JSGF V1.0;\ngrammar words;\npublic <word> = ${words.join(' | ')};\n`)
  const names = words.map((_, i) => `w${i}`)
  writeFileSync(join(folder, 'words.ctl'), `${names.join('\n')}\n`)
  const out = join(folder, 'words.hyp')
  // biome-ignore format: options and their values
  execFileSync('pocketsphinx_batch', ['-adcin', 'yes', '-cepdir', folder, '-cepext', '.wav', '-adchdr', '44',
    '-ctl', join(folder, 'words.ctl'), '-hyp', out, '-jsgf', grammar, '-hmm', join(model, 'en-us'),
    '-dict', join(model, 'cmudict-en-us.dict')], { stdio: 'ignore' })
  const heard = readFileSync(out, 'utf8').split('\n')
  const right = words.filter((word, i) => (heard[i] ?? '').replace(/\s*\(.*/, '').trim() === word)
  return right.length / words.length
}

function listOfWords(count: number): readonly string[] {
  const known = new Set(
    readFileSync(join(model, 'cmudict-en-us.dict'), 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[0]),
  )
  const words = readTable(englishSet)
    .filter(
      (prompt) => isSpeech(prompt) && /^(digits|time|currency|base256|phonetic)/.test(prompt.name),
    )
    .map(({ text }) => text.toLowerCase())
  const unique = [...new Set(words)].filter((word) => known.has(word))
  const step = unique.length / count
  return step <= 1
    ? unique
    : unique.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step))
}

function judge(name: string, speak: Voice, words: readonly string[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'voices-'))
  try {
    const raw = join(folder, 'raw')
    mkdirSync(raw)
    const texts = [...sentences, ...words]
    const paths = texts.map((_, i) => join(raw, `${i}.wav`))
    speak(texts, paths, folder)
    const sounds = paths.map((path) => finished(readSound(path), rate))
    for (const [i] of words.entries())
      writeSound(join(folder, `w${i}.wav`), sounds[sentences.length + i]!, rate)
    const all = sounds.slice(0, sentences.length).flatMap((samples) => [...samples])
    const { bandwidth, dullness, crest, pitch, melody } = figuresOf(Float64Array.from(all))
    const right = recognised(words, folder)
    console.log(
      `${name.padEnd(26)} ${(100 * right).toFixed(1)} % of words, ${bandwidth} Hz, 2-4 kHz at -${dullness.toFixed(1)} dB, crest ${crest.toFixed(1)} dB, pitch ${pitch.toFixed(0)} Hz ±${melody.toFixed(1)} semitones`,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const { values } = parseArgs({ options: { words: { type: 'string', default: '200' } } })
const words = listOfWords(Number(values.words))
console.log(`${words.length} words`)
for (const [name, speak] of Object.entries(voices)) judge(name, speak, words)
