/** Tags, branches and Call-IDs: random words that nobody can guess (RFC 3261 §8.1.1.4, §8.1.1.7, §19.3). */
import { randomFillSync } from 'node:crypto'

/** Marks a branch as made by RFC 3261 rules. */
export const magicCookie = 'z9hG4bK'

const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz0123456789acegij'
const pool = new Uint8Array(4096)
let used = pool.length

/** A word of `length` characters with 6 random bits each (a few letters are a little likelier). */
export function randomWord(length: number): string {
  if (used + length > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  let word = ''
  for (let index = 0; index < length; index++)
    word += alphabet[(pool[used + index] ?? 0) & 63] ?? 'x'
  used += length
  return word
}

/** A tag for From or To: 72 random bits. */
export const newTag = (): string => randomWord(12)

/** A branch with the magic cookie. */
export const newBranch = (): string => magicCookie + randomWord(16)

/** A Call-ID without host part. */
export const newCallId = (): string => randomWord(24)
