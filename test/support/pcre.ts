/** PCRE2 itself, as the judge of our regular expressions. */

interface Judge {
  match(subject: string): Record<string, { readonly match: string }> | null
  destroy(): void
}
interface JudgeClass {
  new (pattern: string, flags?: string): Judge
  init(): Promise<void>
}

export interface Pcre {
  /** The match and its groups up to the last that is set; undefined: no match; 'bad': PCRE refuses the pattern. */
  judge(
    pattern: string,
    subject: string,
    flags?: string,
  ): (string | undefined)[] | undefined | 'bad'
}

export async function loadPcre(): Promise<Pcre> {
  // Its loader takes a global fetch for a browser and would ask it for a file.
  const saved = Object.getOwnPropertyDescriptor(globalThis, 'fetch')
  Reflect.deleteProperty(globalThis, 'fetch')
  const loaded = (await import('@stephen-riley/pcre2-wasm' as string)) as {
    default: JudgeClass & { default?: JudgeClass }
  }
  const PCRE = loaded.default.default ?? loaded.default
  await PCRE.init()
  if (saved) Object.defineProperty(globalThis, 'fetch', saved)
  return {
    judge(pattern, subject, flags = '') {
      let compiled: Judge
      try {
        compiled = new PCRE(pattern, flags)
      } catch {
        return 'bad'
      }
      try {
        const found = compiled.match(subject)
        if (!found) return undefined
        const last = Math.max(
          ...Object.keys(found)
            .filter((key) => /^\d+$/.test(key))
            .map(Number),
        )
        // Unset groups come out empty.
        return Array.from({ length: last + 1 }, (_, index) => found[index]?.match || undefined)
      } catch {
        // It gave up (an endless recursion), which is no match to those who ask it.
        return undefined
      } finally {
        compiled.destroy()
      }
    },
  }
}
