/** Speech by Flite (Debian: flite): texts into WAV files of 16 kHz. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The voice of the English set. */
export const englishVoice = 'rms'

/** How long its sounds last, as a part of what they would by themselves. */
const stretch = 0.95

/** Words that the lexicon lacks or has otherwise, by their sounds. */
// biome-ignore format: a table keeps its columns
const words: Readonly<Record<string, string>> = {
  adroitness: "ax - 'd r oy t - n ax s",
  belowground: "b ih - 'l ow - g r aw n d",
  cluecon: 'k l uw - k aa n',
  dogsled: 'd ao g - s l eh d',
  foxtrot: 'f aa k s - t r aa t',
  login: 'l ao g - ih n',
  offload: 'ao f - l ow d',
  resistor: "r ih - 'z ih s - t er",
  sangoma: "s ae ng - 'g ow - m ax",
  semicolon: 's eh - m iy - k ow - l ax n',
  spellbind: 's p eh l - b ay n d',
  strowger: 's t r ow - jh er',
  sweatband: 's w eh t - b ae n d',
  tapeworm: 't ey p - w er m',
  tilde: 't ih l - d ax',
}

const vowels = new Set('aa ae ah ao aw ax ay eh er ey ih iy ow oy uh uw'.split(' '))

/** `s ae ng - 'g ow - m ax` as Flite's lexicon writes it; without a mark the first syllable is stressed. */
export function sounds(written: string): string {
  const syllables = written.split('-').map((syllable) => syllable.trim())
  const marked = syllables.findIndex((syllable) => syllable.startsWith("'"))
  return syllables
    .flatMap((syllable, index) =>
      syllable
        .replace("'", '')
        .split(/\s+/)
        .map((sound) =>
          vowels.has(sound) ? `${sound}${index === Math.max(0, marked) ? 1 : 0}` : sound,
        ),
    )
    .join(' ')
}

/** The ends of words that nobody has heard before. */
const invented = [...'bdgklmnprstvz'].flatMap((first) => [...'aeiou'].map((last) => first + last))

/** The text for Flite, and lines for its lexicon: words given by their sounds (`{b iy}`) become words that only it knows. */
export function readable(spoken: string): { readonly text: string; readonly entries: string } {
  const own = new Map(Object.entries(words))
  const text = spoken.replace(/\{([^}]*)\}/g, (_, written: string) => {
    // What Flite takes for no word at all it spells, whatever its lexicon says.
    const word = `zora${invented[own.size % invented.length]}`
    own.set(word, written)
    return word
  })
  const entries = [...own].map(([word, written]) => `${word} nil : ${sounds(written)}\n`)
  return { text, entries: entries.join('') }
}

export interface Wanted {
  readonly spoken: string
  /** A part of a sentence, which ends as if more were to come. */
  readonly isPart: boolean
}

/** What follows the parts of a sentence; it is cut off again. */
const sequel = { words: 'one.', sounds: 3 }

/**
 * Makes one file; tells where its words end, seconds, when they were followed by others that do not belong to them. Throws when
 * Flite is not there or makes no pause before these.
 */
export async function speakByFlite(
  { spoken, isPart }: Wanted,
  path: string,
  voice = englishVoice,
): Promise<number> {
  const { text, entries } = readable(spoken)
  const lexicon = `${path}.lex`
  writeFileSync(lexicon, entries)
  const whole = isPart ? `${text}, ${sequel.words}` : /[.?!]$/.test(text) ? text : `${text}.`
  // biome-ignore format: options and their values
  const args = ['-voice', voice, '-add_lex', lexicon, '--setf', `duration_stretch=${stretch}`, '-psdur', '-t', whole, '-o', path]
  const { stdout, stderr } = await run('flite', args).catch((thrown: Error) => {
    throw new Error(`flite cannot be run (apt-get install flite): ${thrown.message}`)
  })
  if (/not in lexicon/.test(stdout + stderr)) throw new Error(`${spoken}: ${stdout}${stderr}`)
  if (!isPart) return Number.POSITIVE_INFINITY
  // The last sound is a pause, before it stands the sequel, and before that the pause that parts it from the words.
  const pause =
    stdout
      .trim()
      .split(/\s+/)
      .at(-sequel.sounds - 2) ?? ''
  const [sound = '', end = ''] = pause.split(':')
  if (sound !== 'pau') throw new Error(`no pause after "${spoken}" but ${sound}: ${stdout}`)
  return Number(end)
}
