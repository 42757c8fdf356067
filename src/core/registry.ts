/** Named things: endpoints, applications, commands. Two of one name is an error; what a module added goes with it. */
import { SwitchError } from '../base/errors.ts'

export interface Named {
  readonly name: string
}

export class Registry<T extends Named> {
  readonly #kind: string
  readonly #entries = new Map<string, { thing: T; module: string }>()

  constructor(kind: string) {
    this.#kind = kind
  }

  add(thing: T, module: string): void {
    const key = thing.name.toLowerCase()
    const present = this.#entries.get(key)
    if (present) {
      throw new SwitchError(
        'MODULE_NAME_TAKEN',
        `${this.#kind} ${thing.name} of ${module} is already there, from ${present.module}`,
      )
    }
    this.#entries.set(key, { thing, module })
  }

  get(name: string): T | undefined {
    return this.#entries.get(name.toLowerCase())?.thing
  }

  removeModule(module: string): void {
    for (const [key, entry] of this.#entries) if (entry.module === module) this.#entries.delete(key)
  }

  /** Each with the module that brought it, by name. */
  list(): readonly { readonly thing: T; readonly module: string }[] {
    return [...this.#entries.values()].sort((a, b) => (a.thing.name < b.thing.name ? -1 : 1))
  }
}
