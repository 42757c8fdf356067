/** Notes, chords and melodies as text: `E5/1.5`, `Am7`, `| Cmaj7 | Am9 |`. */

const letters: Readonly<Record<string, number>> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 }

/** Semitones above the root. The first four make the voicing; the root itself is the bass's. */
const qualities: Readonly<Record<string, readonly number[]>> = {
  '': [0, 4, 7, 12],
  '6': [4, 7, 9, 12],
  maj7: [4, 7, 11, 14],
  maj9: [4, 7, 11, 14],
  m: [0, 3, 7, 12],
  m6: [3, 7, 9, 12],
  m7: [3, 7, 10, 12],
  m9: [3, 7, 10, 14],
  '7': [4, 7, 10, 12],
  '9': [4, 7, 10, 14],
  '13': [4, 10, 14, 21],
  '7sus4': [5, 7, 10, 12],
  dim7: [3, 6, 9, 12],
}

function pitchClass(name: string): number {
  const letter = letters[name.charAt(0)]
  if (letter === undefined) throw new Error(`${name} is no note`)
  return letter + (name.includes('#') ? 1 : 0) - (name.charAt(1) === 'b' ? 1 : 0)
}

/** The MIDI number of `Eb5`. */
export function noteNumber(name: string): number {
  return pitchClass(name) + 12 * (Number(name.replace(/^[A-G][#b]?/, '')) + 1)
}

/** Hz of a MIDI number, which may lie between two keys. */
export function frequency(note: number): number {
  return 440 * 2 ** ((note - 69) / 12)
}

export interface MelodyNote {
  /** A MIDI number. */
  readonly note: number
  /** In beats. */
  readonly at: number
  readonly beats: number
}

/** `E5/1.5 D5/.5 -/2 | …`: notes with their length in beats. Throws when a bar has not its length. */
export function melody(text: string, barBeats: number): readonly MelodyNote[] {
  const notes: MelodyNote[] = []
  for (const [bar, written] of text.split('|').entries()) {
    let at = 0
    for (const token of written.trim().split(/\s+/)) {
      const [name = '', length = ''] = token.split('/')
      const beats = Number(length)
      if (!(beats > 0)) throw new Error(`bar ${bar + 1}: ${token} has no length`)
      if (name !== '-') notes.push({ note: noteNumber(name), at: bar * barBeats + at, beats })
      at += beats
    }
    if (at !== barBeats) throw new Error(`bar ${bar + 1} has ${at} beats of ${barBeats}`)
  }
  return notes
}

export interface Chord {
  /** The root's pitch class. */
  readonly root: number
  readonly tones: readonly number[]
  readonly at: number
  readonly beats: number
}

/** `Cmaj7 | Dm7 G7 | …`: the chords of a bar share it. */
export function chords(text: string, barBeats: number): readonly Chord[] {
  return text.split('|').flatMap((bar, index) => {
    const names = bar.trim().split(/\s+/)
    const beats = barBeats / names.length
    return names.map((name, place) => {
      const [, root = '', quality = ''] = /^([A-G][#b]?)(.*)$/.exec(name) ?? []
      const steps = qualities[quality]
      if (!steps || root === '') throw new Error(`bar ${index + 1}: ${name} is no chord`)
      const tones = steps.map((step) => (pitchClass(root) + step) % 12)
      return {
        root: (pitchClass(root) + 12) % 12,
        tones,
        at: index * barBeats + place * beats,
        beats,
      }
    })
  })
}

/** The four tones laid near those before, so that each voice moves as little as it can; MIDI numbers, lowest first. */
export function voicing(chord: Chord, before: readonly number[] | undefined): readonly number[] {
  let best: readonly number[] = []
  let least = Number.POSITIVE_INFINITY
  for (let turn = 0; turn < 4; turn++) {
    for (const floor of [50, 54, 58]) {
      const notes: number[] = []
      let lowest = floor
      for (let i = 0; i < 4; i++) {
        const tone = chord.tones[(i + turn) % 4] ?? 0
        const note = lowest + ((((tone - lowest) % 12) + 12) % 12)
        notes.push(note)
        lowest = note + 1
      }
      const center = notes.reduce((sum, note) => sum + note, 0) / 4
      const moved = before
        ? notes.reduce((sum, n, i) => sum + Math.abs(n - (before[i] ?? n)), 0)
        : 0
      const cost = moved + 0.6 * Math.abs(center - 62)
      if (cost < least) {
        least = cost
        best = notes
      }
    }
  }
  return best
}
