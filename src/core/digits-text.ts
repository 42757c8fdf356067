/** The grammar of digits to send: `12#w3@100+45`, with pauses and durations. */

export interface DigitChunk {
  /** 0-9 A-D a-d * # F, with `w` (500 ms) and `W` (1 s) pauses. */
  readonly digits: string
  /** ms each; undefined: the default. */
  readonly ms: number | undefined
}

/** The chunks of a text, and the characters in it that are no digits. A leading `~` means: as if received. */
export function parseDigits(text: string): {
  chunks: DigitChunk[]
  isReceived: boolean
  bad: string
} {
  const isReceived = text.startsWith('~')
  let bad = ''
  const chunks: DigitChunk[] = []
  for (const part of text.slice(isReceived ? 1 : 0).split('+')) {
    const [written = '', duration] = part.split('@')
    let digits = ''
    for (const character of written) {
      if (/[0-9A-Da-d*#FfwW]/.test(character)) digits += character
      else if (character !== ' ') bad += character
    }
    const ms = Number.parseInt(duration ?? '', 10)
    if (digits) chunks.push({ digits, ms: ms > 0 ? ms : undefined })
  }
  return { chunks, isReceived, bad }
}
