/** From a piece's chords and melody to the notes of its instruments, and from these to sound. */
import { Resampler } from '../../src/formats/resampler.ts'
import { highPass } from '../prompts/finish.ts'
import { randomNumbers } from '../random.ts'
import {
  bass,
  electricPiano,
  type Instrument,
  nylonString,
  pad,
  vibraphone,
} from './instruments.ts'
import { type Chord, chords, melody, voicing } from './notes.ts'
import { reverberation } from './reverb.ts'

export interface Section {
  readonly chords: string
  readonly melody: string
  /** Who has the melody; default the piano. */
  readonly lead?: 'piano' | 'vibes' | 'guitar'
  /** Semitones by which the melody is moved. */
  readonly shift?: number
}

export interface Piece {
  readonly name: string
  readonly title: string
  readonly beatsPerMinute: number
  readonly barBeats: number
  readonly style: 'ballad' | 'waltz' | 'bossa'
  readonly sections: readonly Section[]
}

interface Hit {
  readonly by: Instrument
  readonly note: number
  /** Beats. */
  readonly at: number
  readonly beats: number
  readonly force: number
}

const leads = { piano: electricPiano, vibes: vibraphone, guitar: nylonString } as const

/** Hz at which all is made, before it goes to the rate that is wanted. */
const workRate = 32000

/** What each style plays under the melody: bass notes (0 the root, 7 the fifth) and chord tones, by beat. */
type Accompaniment = (chord: Chord, notes: readonly number[]) => readonly Hit[]

function bassNote(root: number, step: number): number {
  const low = 36 + ((root + step) % 12)
  return low < 41 ? low + 12 : low
}

const styles: Readonly<Record<Piece['style'], Accompaniment>> = {
  ballad: (chord, notes) => {
    const order = [0, 2, 1, 3, 2, 1, 3, 2]
    const hits: Hit[] = []
    for (let step = 0; step * 0.5 < chord.beats; step++)
      hits.push({
        by: electricPiano,
        note: notes[order[step % 8]!]!,
        at: chord.at + step * 0.5,
        beats: 1,
        force: step % 4 === 0 ? 0.3 : 0.22,
      })
    for (let at = 0; at < chord.beats; at += 2)
      hits.push({
        by: bass,
        note: bassNote(chord.root, at === 0 ? 0 : 7),
        at: chord.at + at,
        beats: 2,
        force: 0.42,
      })
    for (const note of notes)
      hits.push({ by: pad, note, at: chord.at, beats: chord.beats, force: 0.11 })
    return hits
  },
  waltz: (chord, notes) => [
    { by: bass, note: bassNote(chord.root, 0), at: chord.at, beats: 2.6, force: 0.44 },
    ...[1, 2].flatMap((beat) =>
      notes.map((note, i) => ({
        by: nylonString,
        note,
        at: chord.at + beat + i * 0.03,
        beats: 0.9,
        force: beat === 1 ? 0.27 : 0.22,
      })),
    ),
    ...notes
      .slice(1)
      .map((note) => ({ by: pad, note, at: chord.at, beats: chord.beats, force: 0.1 })),
  ],
  bossa: (chord, notes) => [
    { by: bass, note: bassNote(chord.root, 0), at: chord.at, beats: 1.4, force: 0.44 },
    { by: bass, note: bassNote(chord.root, 7), at: chord.at + 1.5, beats: 0.5, force: 0.3 },
    { by: bass, note: bassNote(chord.root, 7), at: chord.at + 2, beats: 1.4, force: 0.42 },
    { by: bass, note: bassNote(chord.root, 0), at: chord.at + 3.5, beats: 0.5, force: 0.3 },
    ...[0, 1.5, 3].flatMap((beat, hit) =>
      notes.map((note, i) => ({
        by: nylonString,
        note,
        at: chord.at + beat + i * 0.015,
        beats: hit === 1 ? 1.2 : 0.7,
        force: hit === 0 ? 0.27 : 0.22,
      })),
    ),
    ...notes
      .slice(1, 3)
      .map((note) => ({ by: pad, note, at: chord.at, beats: chord.beats, force: 0.1 })),
  ],
}

function hitsOf(piece: Piece): { readonly hits: readonly Hit[]; readonly beats: number } {
  const hits: Hit[] = []
  let start = 0
  let before: readonly number[] | undefined
  for (const section of piece.sections) {
    const line = chords(section.chords, piece.barBeats)
    for (const chord of line) {
      before = voicing(chord, before)
      const moved = { ...chord, at: start + chord.at }
      hits.push(...styles[piece.style](moved, before))
    }
    for (const { note, at, beats } of melody(section.melody, piece.barBeats))
      hits.push({
        by: leads[section.lead ?? 'piano'],
        note: note + (section.shift ?? 0),
        at: start + at,
        beats,
        force: at % piece.barBeats === 0 ? 0.78 : 0.66,
      })
    const bars = section.chords.split('|').length
    if (bars !== section.melody.split('|').length)
      throw new Error(`${piece.name}: a section has ${bars} bars of chords and not of melody`)
    start += bars * piece.barBeats
  }
  return { hits, beats: start }
}

/** A piece as samples at `rate`, at `level` dBFS (root mean square). Its end leads into its beginning without a seam. */
export function render(piece: Piece, rate: number, level: number): Float64Array {
  const { hits, beats } = hitsOf(piece)
  const second = 60 / piece.beatsPerMinute
  // A whole number of samples at every usual rate.
  const seconds = Math.round(beats * second * 50) / 50
  const stretch = seconds / beats
  const dry = new Float64Array(Math.round(seconds * workRate))
  const chance = randomNumbers(1891)
  for (const { by, note, at, beats: length, force } of hits) {
    // Nobody plays like a clock.
    const early = (chance() - 0.5) * 0.016
    const seconds = Math.max(0, at * stretch + early)
    by(dry, workRate, {
      note,
      at: seconds,
      seconds: length * stretch,
      force: force * (0.9 + 0.2 * chance()),
    })
  }
  const room = reverberation(dry, workRate, 1.7)
  const mixed = dry.map((x, i) => x + 0.16 * (room[i] ?? 0))
  return loop(mixed, rate, level)
}

/** To another rate and level; what the filters need of the past is the end of the piece. */
function loop(ring: Float64Array, rate: number, level: number): Float64Array {
  const lead = workRate
  const around = new Float64Array(ring.length + 2 * lead)
  for (let i = 0; i < around.length; i++)
    around[i] = ring[(i - lead + 2 * ring.length) % ring.length] ?? 0
  const even = highPass(around, workRate, 90)
  const energy = even.reduce((sum, x) => sum + x * x, 0) / even.length
  const gain = 10 ** (level / 20) / Math.sqrt(energy)
  const input = Int16Array.from(even, (x) =>
    Math.round(Math.max(-1, Math.min(1, x * gain)) * 32767),
  )
  const resampler = new Resampler(workRate, rate)
  const output = new Int16Array(resampler.room(input.length))
  resampler.process(input, input.length, output)
  const start = Math.round((lead / workRate) * rate)
  const count = Math.round((ring.length / workRate) * rate)
  return Float64Array.from(output.subarray(start, start + count), (x) => x / 32767)
}
