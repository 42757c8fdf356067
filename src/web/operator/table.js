/** A table of the server's as this page knows it: whole tables and changes go in, rows in order come out. */

export class Table {
  #rows = new Map()
  #order
  #arrange
  #isStale = true

  /** `arrange`: puts entries `{ key, row, depth }` in the order in which they are shown; may add some. Default: as they came. */
  constructor(arrange) {
    this.#arrange = arrange
  }

  get size() {
    return this.#rows.size
  }

  get(key) {
    return this.#rows.get(key)
  }

  apply({ isWhole, set, gone }) {
    if (isWhole) this.#rows.clear()
    for (const [key, row] of set) this.#rows.set(key, row)
    for (const key of gone) this.#rows.delete(key)
    this.#isStale = true
  }

  /** Something that the order depends on is another one. */
  touch() {
    this.#isStale = true
  }

  clear() {
    this.#rows.clear()
    this.#isStale = true
  }

  /** `{ key, row, depth }` of each, in order. Made anew only when something has changed. */
  entries() {
    if (!this.#isStale) return this.#order
    this.#isStale = false
    const all = [...this.#rows].map(([key, row]) => ({ key, row, depth: 0 }))
    this.#order = this.#arrange ? this.#arrange(all) : all
    return this.#order
  }
}

/** The legs of a call stand together: who began it first, its partner below it. */
export function arrangeLegs(all) {
  const byKey = new Map(all.map((entry) => [entry.key, entry]))
  const done = new Set()
  const order = []
  for (const entry of all) {
    if (done.has(entry.key)) continue
    done.add(entry.key)
    order.push(entry)
    const partner = byKey.get(entry.row.partner)
    if (!partner || done.has(partner.key)) continue
    done.add(partner.key)
    order.push({ ...partner, depth: 1 })
  }
  return order
}

/**
 * Rows that have others below them, which are shown where `isOpen(key)`. `childrenOf()` gives a function that tells those of an entry,
 * as `{ key, row }`.
 */
export function arrangeTree(childrenOf, isOpen) {
  return (all) => {
    const of = childrenOf()
    const order = []
    for (const entry of all) {
      const children = of(entry)
      const parent = { ...entry, children }
      if (children.length > 0) parent.isOpen = isOpen(entry.key)
      order.push(parent)
      if (parent.isOpen)
        for (const child of children) order.push({ ...child, depth: 1, parent: entry.key })
    }
    return order
  }
}

/** Those that pass; who is above one of them stays with it. */
export function thatPass(entries, passes) {
  const kept = entries.filter(passes)
  const parents = new Set(kept.map(({ parent }) => parent))
  if (parents.size <= 1 && parents.has(undefined)) return kept
  const found = new Set(kept)
  return entries.filter((entry) => found.has(entry) || parents.has(entry.key))
}
