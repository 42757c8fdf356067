/** The switch's global variables: names in any case, the first spelling kept. */

export class GlobalVariables extends Map<string, string> {
  /** From the lower-case name to the spelling it was first set with. */
  readonly #spelling: Map<string, string> = new Map()

  override get(name: string): string | undefined {
    // In its own spelling it is found at once.
    return super.get(name) ?? super.get(this.#key(name))
  }

  override has(name: string): boolean {
    return super.has(this.#key(name))
  }

  override set(name: string, value: string): this {
    const key = this.#key(name)
    this.#spelling.set(key.toLowerCase(), key)
    return super.set(key, value)
  }

  override delete(name: string): boolean {
    const key = this.#key(name)
    this.#spelling.delete(key.toLowerCase())
    return super.delete(key)
  }

  #key(name: string): string {
    return this.#spelling.get(name.toLowerCase()) ?? name
  }
}
