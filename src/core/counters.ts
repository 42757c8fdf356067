/** Counters of everything that is dropped, limited or refused, gathered from whoever counts; the command `counters` prints them. */

/** Figures by name at this moment; may be asked of another thread. */
export type CounterSource = () =>
  | Readonly<Record<string, number>>
  | Promise<Readonly<Record<string, number>>>

export class Counters {
  readonly #sources = new Map<string, CounterSource>()

  /** Adds a source under a name (`sofia/internal`, `event_socket`); one of the same name is replaced. Dispose removes it. */
  add(name: string, source: CounterSource): Disposable {
    this.#sources.set(name, source)
    return {
      [Symbol.dispose]: () => {
        if (this.#sources.get(name) === source) this.#sources.delete(name)
      },
    }
  }

  /** All figures, by source in alphabetical order. */
  async read(): Promise<
    readonly (readonly [source: string, figures: Readonly<Record<string, number>>])[]
  > {
    const names = [...this.#sources.keys()].sort()
    return Promise.all(
      names.map(async (name) => [name, (await this.#sources.get(name)?.()) ?? {}] as const),
    )
  }
}
