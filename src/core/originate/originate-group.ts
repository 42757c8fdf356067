/**
 * One group of a dial string: its legs are made and ring together, the first that is reached wins, and the A-leg is brought to
 * where the winner is.
 */
import { logger } from '../../base/log.ts'
import { answer, preAnswer } from '../answer.ts'
import { copyFailures } from '../cdr/copied-records.ts'
import type { Channel } from '../channel.ts'
import type { HangupCause } from '../hangup-cause.ts'
import { startChannel } from '../state-loop.ts'
import type { DialGroup, DialLeg } from './dial-string.ts'
import { dialWords } from './dial-words.ts'
import type { AttemptContext } from './originate-leg.ts'
import { createLeg, startLeg } from './originate-leg.ts'
import { isGone, type Member, memberOf } from './originate-member.ts'
import { groupCause, isFatalReject, loserCause } from './originate-outcome.ts'
import { inheritCodec, passCallee, Ringback } from './originate-ringback.ts'
import { GroupWatch, type WatchResult } from './originate-watch.ts'

const log = logger('core/originate')

/** `forced`: a cause that stands for the whole attempt, whatever else happens. */
export type GroupOutcome = { readonly forced: HangupCause | undefined } & (
  | { readonly channel: Channel; readonly cause?: undefined }
  /** `isFinal`: no other group may be tried. */
  | { readonly channel?: undefined; readonly cause: HangupCause; readonly isFinal: boolean }
)

/** Dials one group. `groupsFork`: others are dialled too, before or after it. `forced` is that of the groups before. */
export async function tryGroup(
  context: AttemptContext,
  group: DialGroup,
  groupsFork: boolean,
  forced: HangupCause | undefined,
): Promise<GroupOutcome> {
  const { settings, originator } = context
  const legs = group ?? []
  const size = legs.length
  const members: Member[] = []
  const refused: HangupCause[] = []
  const absent = new Set<string>()
  for (const leg of legs) {
    const made = await createMember(context, leg, groupsFork || size > 1)
    if (typeof made !== 'string') {
      members.push(made)
      continue
    }
    const whose = leg.variables.get('presence_id') ?? context.shared.get('presence_id')
    const of = whose === undefined ? '' : ` for ${whose}`
    const { level, text } = dialWords(`${leg.endpoint}/${leg.data ?? ''}${of}`, made)
    if (leg.endpoint === 'error') absent.add(text)
    else log.at(level, text, originator?.uuid)
    refused.push(made)
    const { failOn } = settings
    if (failOn !== undefined && isFatalReject(failOn, made)) {
      logAbsent(absent, false, originator)
      for (const member of members) giveUp(member, 'NO_ANSWER')
      return { cause: made, isFinal: true, forced: made }
    }
    if (originator && !originator.isUp) break
  }
  logAbsent(absent, members.length > 0, originator)
  const ringback = originator && new Ringback(originator)
  const watch: WatchResult =
    members.length === 0
      ? { end: 'all gone', winner: undefined, timedOut: false, forced: undefined }
      : await new GroupWatch(context, members, size, ringback).run()
  ringback?.stop()
  forced ??= watch.forced
  const isTaken = (originator ?? context.distantOriginator)?.isIntercepted === true
  const usual = isTaken ? 'PICKED_OFF' : loserCause(watch.end, watch.timedOut, size)
  const loser = forced ?? usual
  for (const member of members) if (member.channel !== watch.winner) giveUp(member, loser)
  const reached = watch.winner && (await reach(watch.winner, originator))
  if (originator) noteCauses(members, originator)
  if (watch.winner && reached) return { channel: watch.winner, forced }
  const copying =
    originator &&
    copyFailures(
      originator,
      members.map(({ channel }) => channel),
    )
  if (copying) await copying
  const end = watch.winner ? 'cancelled' : watch.end
  const causes = members.map(({ channel }) => channel.hangupCause)
  const cause = groupCause(end, causes, refused, originator !== undefined)
  const listed = typeof settings.failOn === 'string' && settings.failOn !== 'any'
  const isRejected =
    listed && causes.some((one) => one && isFatalReject(settings.failOn ?? 'any', one))
  return {
    cause,
    forced,
    isFinal: isRejected || (watch.timedOut && !settings.continuesOnTimeout),
  }
}

/**
 * `error/…` stands where there is no way to somebody: of a user with a telephone and without a browser that is nothing to tell,
 * of one who has neither it is.
 */
function logAbsent(
  absent: ReadonlySet<string>,
  hasOtherWays: boolean,
  originator: Channel | undefined,
): void {
  const uuid = originator?.uuid
  for (const words of absent) {
    if (hasOtherWays) log.debug(words, uuid)
    else log.notice(words, uuid)
  }
}

async function createMember(
  context: AttemptContext,
  leg: DialLeg,
  isForked: boolean,
): Promise<Member | HangupCause> {
  const made = await createLeg(context, leg, isForked)
  if (typeof made === 'string') return made
  const { originator } = context
  // An A-leg shows the cause of the last leg it lost.
  if (originator) {
    made.signals.once('hangup', (cause) =>
      originator.variables.set('last_bridge_hangup_cause', cause),
    )
  }
  const member = memberOf(made)
  if (member.isStarted) startLeg(made)
  return member
}

/** Brings the A-leg to where the winner is; false when it went away meanwhile. */
async function reach(winner: Channel, originator: Channel | undefined): Promise<boolean> {
  await untilWaiting(winner)
  if (!originator) return true
  if (winner.isAnswered || winner.isEarly) {
    passCallee(winner, originator)
    inheritCodec(originator, winner)
    if (winner.isAnswered) await answer(originator)
    else await preAnswer(originator)
  }
  // A winner that has gone again by now has won nevertheless: what follows is the end of a bridge.
  if (originator.isUp) return true
  winner.hangup('ORIGINATOR_CANCEL')
  return false
}

function noteCauses(members: readonly Member[], { variables }: Channel): void {
  for (const { channel } of members)
    variables.push('originate_causes', `${channel.uuid};${channel.hangupCause ?? 'NONE'}`)
}

/** Hangs a leg up that is still a candidate; one that never started still lives its end, for those who count calls. */
function giveUp(member: Member, cause: HangupCause): void {
  const { channel } = member
  if (!isGone(member)) {
    if (cause === 'LOSE_RACE') channel.variables.set('group_dial_status', 'loser')
    channel.hangup(cause)
  }
  if (!member.isStarted) startChannel(channel)
  channel.isOriginating = false
}

/** Resolves when the leg has come as far as waiting for what is made of it; before that its state loop would route it. */
function untilWaiting(channel: Channel): Promise<void> {
  const isOnItsWay = () =>
    channel.state === 'new' || channel.state === 'init' || channel.state === 'routing'
  if (!isOnItsWay()) return Promise.resolve()
  return new Promise((resolve) => {
    const handle = channel.signals.on('state', () => {
      if (isOnItsWay()) return
      handle[Symbol.dispose]()
      resolve()
    })
  })
}
