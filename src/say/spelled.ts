/** What every language says alike: addresses, telephone numbers and names, number by number or character by character. */

/** The sounds of a whole number above 0. */
type NumberSounds = (number: string) => readonly string[]

/** Four numbers with `dot` between them. */
export function addressSounds(written: string, say: NumberSounds): readonly string[] {
  const parts = written.split('.')
  if (parts.length < 4) return []
  const numbers = [...parts.slice(0, 3), parts.slice(3).join('.')]
  return numbers.flatMap((part, index) => {
    const number = String(Math.abs(Number.parseInt(part, 10) || 0))
    return [...(index > 0 ? ['digits/dot'] : []), ...say(number)]
  })
}

/** Digits, plus and letters; whatever else is a short pause. */
export function telephoneSounds(written: string): readonly string[] {
  const pause = 'silence_stream://100'
  const sounds: string[] = []
  for (const character of written.toLowerCase()) {
    if (/\d/.test(character)) sounds.push(`digits/${character}`)
    else if (/[a-z+]/.test(character)) sounds.push(`ascii/${character.charCodeAt(0)}`)
    else if (sounds.at(-1) !== pause) sounds.push(pause)
  }
  return sounds
}

/**
 * Character by character, digits and others of ASCII. What has no sound of its own is said as `other` has it, or as the plain letter
 * below its mark; without either it is left out.
 */
export function spelledSounds(
  written: string,
  folder: string,
  other: (character: string) => readonly string[] | undefined = () => undefined,
): readonly string[] {
  const sounds: string[] = []
  for (const character of written.normalize('NFC').toLowerCase()) {
    const own = other(character)
    if (own) {
      sounds.push(...own)
      continue
    }
    for (const plain of character.normalize('NFD')) {
      if (/\d/.test(plain)) sounds.push(`digits/${plain}`)
      else if (plain.charCodeAt(0) < 128) sounds.push(`${folder}/${plain.charCodeAt(0)}`)
    }
  }
  return sounds
}
