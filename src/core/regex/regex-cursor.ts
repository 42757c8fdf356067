/** Where the parser of a regular expression stands, and the flags in force there. */
import { SwitchError } from '../../base/errors.ts'

/** What `(?imsx)` switches; `xx` also ignores blanks in classes, `U` swaps greedy and lazy, `n` stops plain groups capturing. */
export interface RegexFlags {
  readonly i: boolean
  readonly m: boolean
  readonly s: boolean
  readonly x: boolean
  readonly xx: boolean
  readonly U: boolean
  readonly n: boolean
}

export const noFlags: RegexFlags = {
  i: false,
  m: false,
  s: false,
  x: false,
  xx: false,
  U: false,
  n: false,
}

/** Where the parser stands in the pattern. Shared with the readers of classes and escapes. */
export class RegexCursor {
  readonly pattern: string
  at = 0
  /** Capture groups opened so far. */
  groups = 0

  constructor(pattern: string) {
    this.pattern = pattern
  }

  get isAtEnd(): boolean {
    return this.at >= this.pattern.length
  }

  /** The character here, empty at the end. */
  get char(): string {
    return this.pattern.charAt(this.at)
  }

  /** Steps over `text` when it stands here. */
  take(text: string): boolean {
    if (!this.pattern.startsWith(text, this.at)) return false
    this.at += text.length
    return true
  }

  /** Steps over what a sticky expression matches here. */
  match(sticky: RegExp): RegExpExecArray | undefined {
    sticky.lastIndex = this.at
    const found = sticky.exec(this.pattern)
    if (!found) return undefined
    this.at += found[0].length
    return found
  }

  bad(reason: string): never {
    throw new SwitchError('REGEX_BAD', `${reason} at character ${this.at + 1} of [${this.pattern}]`)
  }

  unsupported(what: string): never {
    throw new SwitchError(
      'REGEX_UNSUPPORTED',
      `${what} cannot be used, at character ${this.at + 1} of [${this.pattern}]`,
    )
  }
}
