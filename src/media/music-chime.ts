/** When the chimes of a stream break in: by the clock, so that all workers hear the same one at the same time. */

/** The chimes of a stream, and when the first wait for one began. */
export interface ChimePlan {
  readonly chimes: readonly { readonly path: string; readonly seconds: number }[]
  /** Seconds from the end of one to the next. */
  readonly everySeconds: number
  /** On the streams' clock, ms. */
  readonly from: number
}

export interface Chime {
  readonly path: string
  /** On the streams' clock, ms. */
  readonly startsAt: number
  readonly endsAt: number
}

/** The chime that plays at a time, or the next one after it; undefined where there are none. */
export function chimeAfter(plan: ChimePlan, now: number): Chime | undefined {
  const { chimes, from } = plan
  const wait = plan.everySeconds * 1000
  const round = chimes.reduce((sum, { seconds }) => sum + seconds * 1000 + wait, 0)
  if (chimes.length === 0 || round <= 0) return undefined
  let at = from + Math.max(0, Math.floor((now - from) / round)) * round
  for (let i = 0; ; i++) {
    const chime = chimes[i % chimes.length]
    if (!chime) return undefined
    const startsAt = at + wait
    const endsAt = startsAt + chime.seconds * 1000
    if (endsAt > now) return { path: chime.path, startsAt, endsAt }
    at = endsAt
  }
}
