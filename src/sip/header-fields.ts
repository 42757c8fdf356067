/** The header fields of a message as raw text, in the order they came (RFC 3261 §7.3). */
import { headerKey } from './headers.ts'
import { splitCommas } from './text.ts'

export abstract class HeaderFields {
  /** Header names in order: the usual spelling where it is known, else as written. */
  readonly names: string[]
  /** The raw value of each, trimmed, folds resolved. */
  readonly values: string[]
  /** Under which key each is found (`headerKey`). */
  protected readonly keys: string[]

  constructor(names: string[] = [], values: string[] = [], keys: string[] = []) {
    this.names = names
    this.values = values
    this.keys = keys
  }

  /** The raw value of the first header of that name, any spelling; undefined when it is not there. */
  get(name: string): string | undefined {
    const at = this.keys.indexOf(headerKey(name))
    return at < 0 ? undefined : this.values[at]
  }

  has(name: string): boolean {
    return this.keys.includes(headerKey(name))
  }

  /** The raw values of all headers of that name, one for each line. */
  lines(name: string): string[] {
    const key = headerKey(name)
    const found: string[] = []
    for (let at = this.keys.indexOf(key); at >= 0; at = this.keys.indexOf(key, at + 1))
      found.push(this.values[at] ?? '')
    return found
  }

  /** All values of a list header: lines split at their commas (quotes and brackets respected). */
  list(name: string): string[] {
    const lines = this.lines(name)
    const only = lines[0]
    if (lines.length === 1 && only !== undefined) return splitCommas(only)
    return lines.flatMap(splitCommas)
  }

  /** Whether a list of tokens (`Supported`, `Require`, `Allow`) holds `token`, any case. */
  lists(name: string, token: string): boolean {
    const wanted = token.toLowerCase()
    return this.list(name).some((value) => value.toLowerCase() === wanted)
  }

  /** Puts the value in place of all headers of that name: where the first stood, else at the end. */
  set(name: string, value: string): this {
    const key = headerKey(name)
    const at = this.keys.indexOf(key)
    if (at < 0) return this.add(name, value)
    this.values[at] = value
    for (let more = this.keys.indexOf(key, at + 1); more >= 0; ) {
      this.removeAt(more)
      more = this.keys.indexOf(key, at + 1)
    }
    this.forget()
    return this
  }

  /** Adds a header line at the end. */
  add(name: string, value: string): this {
    const key = headerKey(name)
    this.keys.push(key)
    this.names.push(name)
    this.values.push(value)
    this.forget()
    return this
  }

  /** Adds header lines at the end. */
  addAll(headers: readonly (readonly [name: string, value: string])[]): this {
    for (const header of headers) this.add(header[0], header[1])
    return this
  }

  /** Puts a header line before all others. */
  prepend(name: string, value: string): this {
    this.keys.unshift(headerKey(name))
    this.names.unshift(name)
    this.values.unshift(value)
    this.forget()
    return this
  }

  /** Removes all headers of that name. */
  remove(name: string): this {
    const key = headerKey(name)
    for (let at = this.keys.indexOf(key); at >= 0; at = this.keys.indexOf(key)) this.removeAt(at)
    this.forget()
    return this
  }

  private removeAt(at: number): void {
    this.keys.splice(at, 1)
    this.names.splice(at, 1)
    this.values.splice(at, 1)
  }

  /** Called after each change: whatever was read out of the fields is to be read anew. */
  protected abstract forget(): void
}
