/** How a worker answers what it is asked of a leg: one table of handlers a feature, all in the form given here. */
import type { DelayedEcho } from './echo.ts'
import type { Filler } from './filler.ts'
import type { InbandDigits } from './inband-digits.ts'
import type { Leg } from './leg.ts'
import type { LegBug } from './leg-bug.ts'
import type { LegHost } from './leg-host.ts'
import type { Player } from './player.ts'
import type { QuestionToLeg } from './protocol.ts'

/** What a leg has running that later requests name. */
export interface Running {
  player: Player | undefined
  /** Those that were paused when another began, innermost last. */
  waiting: Player[]
  echo: DelayedEcho | undefined
  filler: Filler | undefined
  inband: InbandDigits | undefined
  readonly bugs: Map<number, LegBug>
}

export function nothingRunning(): Running {
  return {
    player: undefined,
    waiting: [],
    echo: undefined,
    filler: undefined,
    inband: undefined,
    bugs: new Map(),
  }
}

/** The leg that is asked, and what stands around it. */
export interface Asked {
  readonly leg: Leg
  readonly running: Running
  readonly host: LegHost
  /** Another leg of this worker. */
  find(leg: number): Leg | undefined
  /** Takes in a leg that was made for the question. */
  add(leg: Leg): void
}

/** A handler for each question of `Q`. */
export type AskTable<Q extends QuestionToLeg> = {
  readonly [Word in Q['ask']]: (asked: Asked, question: Extract<Q, { ask: Word }>) => void
}
