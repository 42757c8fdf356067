/** The music on hold: pieces of our own, written for telephones. Their melodies lie where G.711 is at its best. */
import { type Piece, render, type Section } from './arrange.ts'

/** dBFS, root mean square: below the voice, which has -19. */
export const musicLevel = -24

const dawn: Section = {
  chords: 'Cmaj9 | Am9 | Fmaj7 | G7sus4 G7 | Em7 | Am7 | Dm9 | G13',
  melody:
    'E5/1.5 D5/.5 G4/2 | C5/1 D5/.5 E5/.5 B4/2 | A4/1 C5/1 E5/1 D5/1 | D5/3 -/1 | G5/1.5 E5/.5 B4/2 | C5/1 E5/1 A5/2 | F5/1.5 E5/.5 D5/1 C5/1 | D5/2 B4/2',
  lead: 'vibes',
}

const dawnAgain: Section = {
  chords: 'Cmaj9 | Am9 | Fmaj7 | G7sus4 G7 | Em7 | Am7 | Dm9 G7 | Cmaj7 G7sus4',
  melody:
    'E5/1.5 D5/.5 G4/2 | C5/1 D5/.5 E5/.5 B4/2 | A4/1 C5/1 E5/1 G5/1 | D5/3 -/1 | B4/1 D5/1 G5/1 E5/1 | A5/1.5 G5/.5 E5/2 | F5/1 E5/.5 D5/.5 A4/1 B4/1 | C5/3 -/1',
}

const noon: Section = {
  chords: 'Fmaj7 | Em7 A7 | Dm7 | G7 | Em7 | A7 | Dm7 Fm6 | G7sus4',
  melody:
    'A5/2 G5/1 E5/1 | G5/1 E5/1 C#5/2 | F5/2 E5/1 D5/1 | B4/3 -/1 | G5/1.5 E5/.5 D5/2 | E5/1 C#5/1 A4/2 | D5/1 F5/1 Ab5/1 F5/1 | G5/3 -/1',
  lead: 'guitar',
}

const waltz: Section = {
  chords:
    'Fmaj7 | Dm7 | Gm7 | C7 | Am7 | Dm7 | Gm7 | C7 | Fmaj7 | F7 | Bbmaj7 | Bbm6 | Am7 | Dm7 | Gm7 | C7sus4',
  melody:
    'C5/2 A4/1 | F5/2 E5/1 | D5/1 E5/1 F5/1 | E5/2 G4/1 | C5/1 E5/1 G5/1 | F5/2 D5/1 | Bb4/1 D5/1 F5/1 | E5/3 | C5/2 A4/1 | Eb5/2 C5/1 | D5/1 F5/1 A5/1 | G5/2 F5/1 | E5/2 C5/1 | A4/1 D5/1 F5/1 | D5/1 Bb4/1 G4/1 | C5/3',
}

const turning: Section = {
  chords:
    'Bbmaj7 | C7 | Am7 | Dm7 | Gm7 | C7 | Fmaj7 | F7 | Bbmaj7 | Bdim7 | Am7 | D7 | Gm7 | C7 | Fmaj7 | C7sus4',
  melody:
    'D5/1 F5/1 A5/1 | G5/2 E5/1 | C5/1 E5/1 G5/1 | F5/3 | Bb4/1 D5/1 F5/1 | E5/2 C5/1 | A4/3 | C5/1 Eb5/1 F5/1 | D5/2 F5/1 | F5/2 D5/1 | E5/2 C5/1 | F#5/2 A4/1 | Bb4/1 D5/1 G5/1 | E5/2 D5/1 | F5/3 | -/1 G5/1 E5/1',
  lead: 'vibes',
}

const evening: Section = {
  chords: 'Gmaj7 | Gmaj7 | Am7 | D9 | Bm7 | E7 | Am7 | D7',
  melody:
    'B4/1.5 D5/.5 F#5/2 | E5/1 D5/1 B4/2 | C5/1.5 E5/.5 G5/2 | F#5/1 E5/1 D5/2 | D5/1.5 F#5/.5 A5/2 | G#5/1 E5/1 B4/2 | C5/1 E5/1 G5/1 E5/1 | F#5/3 -/1',
}

const eveningEnd: Section = {
  chords: 'Gmaj7 | Gmaj7 | Am7 | D9 | Bm7 | E7 | Am7 D7 | Gmaj7 D7sus4',
  melody:
    'B4/1.5 D5/.5 F#5/2 | E5/1 D5/1 B4/2 | C5/1.5 E5/.5 G5/2 | F#5/1 E5/1 D5/2 | D5/1.5 F#5/.5 A5/2 | G#5/1 E5/1 B4/2 | C5/1 B4/1 A4/1 F#5/1 | G5/3 -/1',
}

const lamps: Section = {
  chords: 'Cmaj7 | Cm6 | Bm7 | Em7 | A7 | A7 | Am7 | D7',
  melody:
    'E5/2 G5/2 | Eb5/2 G5/2 | D5/1 F#5/1 A5/2 | G5/1.5 F#5/.5 E5/2 | C#5/1 E5/1 G5/2 | F#5/1 E5/1 C#5/2 | C5/1 D5/1 E5/1 G5/1 | F#5/2 D5/2',
  lead: 'vibes',
}

export const pieces: readonly Piece[] = [
  {
    name: 'first-light',
    title: 'First light',
    beatsPerMinute: 76,
    barBeats: 4,
    style: 'ballad',
    sections: [dawn, { ...dawnAgain, lead: 'vibes' }, noon, dawnAgain],
  },
  {
    name: 'switchboard-waltz',
    title: 'Switchboard waltz',
    beatsPerMinute: 92,
    barBeats: 3,
    style: 'waltz',
    sections: [waltz, turning, waltz],
  },
  {
    name: 'evening-exchange',
    title: 'Evening exchange',
    beatsPerMinute: 104,
    barBeats: 4,
    style: 'bossa',
    sections: [{ ...evening, lead: 'guitar' }, eveningEnd, lamps, eveningEnd],
  },
]

/** A short piece that goes round and round: for those who are alone in a conference. */
export function perpetualMusic(rate: number): Float64Array {
  const [first] = pieces
  if (!first) throw new Error('there is no piece')
  return render({ ...first, name: 'perpetual', sections: [dawn] }, rate, musicLevel)
}
