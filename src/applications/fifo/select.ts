/** Which caller a consumer gets: pure functions over fifos and those who wait. */

/** `waiting_longer`: of the fifo that has not been empty for longest. `more_ppl`: of the one in which most wait. */
export type ConsumerStrategy = 'waiting_longer' | 'more_ppl'

export interface FifoView {
  readonly waiting: number
  /** ms since the epoch. */
  readonly startWaiting: number
  readonly importance: number
}

/** The fifo to be served, as its place in the list; undefined when nobody waits. An important one shuts out what comes behind it. */
export function chooseFifo(
  fifos: readonly FifoView[],
  strategy: ConsumerStrategy,
): number | undefined {
  let chosen: number | undefined
  let longest = Number.POSITIVE_INFINITY
  let most = 0
  let importance = 0
  for (const [index, fifo] of fifos.entries()) {
    if (fifo.waiting === 0) continue
    if (importance === 0 || fifo.importance > importance) {
      if (strategy === 'waiting_longer' ? fifo.startWaiting < longest : fifo.waiting > most) {
        longest = fifo.startWaiting
        most = fifo.waiting
        chosen = index
      }
    }
    importance = Math.max(importance, fifo.importance)
  }
  return chosen
}

export interface WaitingView {
  readonly priority: number
  readonly isVip: boolean
  readonly skill: string | undefined
}

export interface Wishes {
  /** Priorities in the order in which they are served. */
  readonly order: readonly number[]
  readonly skill: string | undefined
}

/** Priorities as `fifo_pop_order` lists them; without it all in their order. */
export function popOrder(text: string | undefined): number[] {
  if (!text) return Array.from({ length: 10 }, (_, priority) => priority)
  return text
    .split(',')
    .map((part) => Number.parseInt(part, 10))
    .filter((priority) => priority >= 0 && priority < 10)
}

/** Who comes next, as his place in the list: one with the skill, then a VIP, then the first; each by priorities. */
export function chooseEntry(
  waiting: readonly WaitingView[],
  { order, skill }: Wishes,
): number | undefined {
  const find = (passes: (one: WaitingView) => boolean) => {
    for (const priority of order) {
      const index = waiting.findIndex((one) => one.priority === priority && passes(one))
      if (index >= 0) return index
    }
    return undefined
  }
  const skilled = skill === undefined ? undefined : find((one) => one.skill === skill)
  return skilled ?? find(({ isVip }) => isVip) ?? find(() => true)
}
