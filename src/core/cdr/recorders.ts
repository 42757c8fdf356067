/** Who writes call detail records, and of which calls: asked in CS_REPORTING, when all variables of a channel stand. */
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { LegStats } from '../../media/engine.ts'
import type { Channel } from '../channel.ts'
import type { StreamFigures } from '../channel-streams.ts'
import { causeNumber, type HangupCause } from '../hangup-cause.ts'
import { isTrue } from '../variables.ts'

const log = logger('core/cdr')

/** What was counted of a call's media; no `stats` where it had no sound of this server. */
export interface CallFigures {
  readonly stats: LegStats | undefined
  readonly streams: readonly StreamFigures[]
}

export interface CallRecorder {
  readonly name: string
  /** Whether it records a channel at all; where nobody does, what only records show is not worked out. */
  takes(channel: Channel): boolean
  /** Takes what it needs of the channel and returns at once: writing it down comes later, in the order of the calls. */
  record(channel: Channel, figures: CallFigures): void
}

/** Those who will record a channel. None where `process_cdr` or `skip_cdr_causes` say so. */
export function recordersOf(channel: Channel): readonly CallRecorder[] {
  const { callRecorders } = channel.sw
  if (callRecorders.size === 0 || !isRecorded(channel)) return []
  return [...callRecorders].filter((recorder) => recorder.takes(channel))
}

/** One that fails is logged, and the others go on. */
export function recordCall(
  channel: Channel,
  recorders: readonly CallRecorder[],
  figures: CallFigures,
): void {
  for (const recorder of recorders) {
    try {
      recorder.record(channel, figures)
    } catch (thrown) {
      log.err(`${recorder.name} failed: ${reasonOf(thrown)}`, channel.uuid)
    }
  }
}

/** A channel that another one dialled. */
export function isBLeg(channel: Channel): boolean {
  return channel.profile.originator !== undefined
}

function isRecorded(channel: Channel): boolean {
  const { variables, profile } = channel
  const processed = variables.get('process_cdr')?.toLowerCase()
  if (processed === 'a_only') {
    if (profile.originator) return false
  } else if (processed === 'b_only') {
    if (profile.originatee) return false
  } else if (processed !== undefined && !isTrue(processed)) return false
  const skipped = variables.get('skip_cdr_causes')
  return skipped === undefined || !names(skipped, channel.hangupCause ?? 'NORMAL_CLEARING')
}

/** Names or numbers, parted by `|` (FreeSWITCH's own way) or by commas. */
function names(list: string, cause: HangupCause): boolean {
  const number = String(causeNumber(cause))
  return list.split(/[|,]/).some((word) => {
    const wanted = word.trim().toUpperCase()
    return wanted === cause || wanted === number
  })
}
