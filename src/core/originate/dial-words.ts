/** How a leg that came to nothing is told: that somebody was called and did not take it is no fault of the switch. */
import type { HangupCause } from '../hangup-cause.ts'

/** What the party did, or what became of the call that rang there. */
const outcomes: Readonly<Partial<Record<HangupCause, string>>> = {
  USER_BUSY: 'is busy',
  CALL_REJECTED: 'declined the call',
  NO_ANSWER: 'did not answer',
  NO_USER_RESPONSE: 'did not answer',
  ALLOTTED_TIMEOUT: 'did not answer in time',
  ORIGINATOR_CANCEL: 'was called until the caller hung up',
  PICKED_OFF: 'was called; somebody else took the call',
  LOSE_RACE: 'was called; another answered first',
}

export interface DialWords {
  /** 5 (NOTICE) for what somebody may have to mend, 6 (INFO) for what phones do all day. */
  readonly level: 5 | 6
  readonly text: string
}

/** `target` as it was dialled: `user/1000@example.com`. */
export function dialWords(target: string, cause: HangupCause): DialWords {
  const outcome = outcomes[cause]
  if (outcome === undefined) return { level: 5, text: `cannot dial ${target}: ${cause}` }
  return { level: 6, text: `${target} ${outcome} (${cause})` }
}
