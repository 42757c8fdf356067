/** A store that is gone when the process ends: tests and throw-away switches. */
import type { Store } from '../core/interfaces.ts'

export function memoryStore(): Store {
  const realms = new Map<string, Map<string, { value: string; expires: number }>>()
  const live = (entry: { expires: number } | undefined) =>
    entry !== undefined && (entry.expires === 0 || entry.expires > Date.now())
  return {
    name: 'memory',
    get(realm, key) {
      const entry = realms.get(realm)?.get(key)
      return live(entry) ? entry?.value : undefined
    },
    put(realm, key, value, expires = 0) {
      const entries = realms.get(realm) ?? new Map()
      realms.set(realm, entries)
      entries.set(key, { value, expires })
    },
    delete: (realm, key) => realms.get(realm)?.delete(key) ?? false,
    *list(realm, prefix = '') {
      for (const [key, entry] of realms.get(realm) ?? []) {
        if (live(entry) && key.startsWith(prefix)) yield [key, entry.value] as const
      }
    },
    [Symbol.dispose]: () => realms.clear(),
  }
}
