/** What a conference does by the clock: its heartbeat, its end when nobody speaks or the time of grace is over, reports of talk. */
import type { Conference } from './conference.ts'
import { announceConference, announceMember } from './maintenance.ts'
import type { Member } from './member.ts'

const secondMs = 1000
/** Seconds from one `talk-report` of a member to the next. */
const reportSeconds = 10

export class ConferenceClock {
  readonly #conference: Conference
  #timer: NodeJS.Timeout | undefined
  #seconds = 0
  #ending: NodeJS.Timeout | undefined

  constructor(conference: Conference) {
    this.#conference = conference
  }

  /** Starts it where something is to be done; a second call changes nothing. */
  start(): void {
    const { heartbeatSeconds, silenceSeconds } = this.#conference.profile
    const reports = this.#conference.members.some((member) => member.has('talk-data-events'))
    if (this.#timer || (heartbeatSeconds === 0 && silenceSeconds === 0 && !reports)) return
    this.#timer = setInterval(() => this.#tick(), secondMs)
  }

  /** The end comes after so many seconds, unless somebody returns who keeps it. */
  endIn(seconds: number): void {
    this.stopEnding()
    if (seconds <= 0) return this.#conference.end()
    this.#ending = setTimeout(() => this.#conference.end(true), seconds * secondMs)
  }

  stopEnding(): void {
    clearTimeout(this.#ending)
    this.#ending = undefined
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.stopEnding()
  }

  #tick(): void {
    const conference = this.#conference
    const { heartbeatSeconds, silenceSeconds } = conference.profile
    this.#seconds++
    if (heartbeatSeconds > 0 && this.#seconds % heartbeatSeconds === 0)
      announceConference(conference, 'conference-heartbeat')
    if (silenceSeconds > 0 && conference.size > 1 && this.#isSilent(silenceSeconds))
      return conference.end()
    if (this.#seconds % reportSeconds !== 0) return
    for (const member of conference.members) if (member.has('talk-data-events')) report(member)
  }

  #isSilent(seconds: number): boolean {
    const since = Date.now() - seconds * secondMs
    return this.#conference.members.every(
      ({ isTalking, joinedAt, lastTalkingAt }) =>
        !isTalking && joinedAt < since && lastTalkingAt < since,
    )
  }
}

function report(member: Member): void {
  const talks = member.firstTalkAt === 0 ? 0 : Math.max(1, member.talks)
  const ms = member.firstTalkAt === 0 ? 0 : Date.now() - member.firstTalkAt
  announceMember(member, 'talk-report', {
    'talk-detects': String(talks),
    ...(talks === 0
      ? {}
      : { 'talk-detect-duration': String(ms), 'talk-detect-avg': (ms / talks).toFixed(6) }),
  })
  member.talks = member.isTalking ? 1 : 0
  if (!member.isTalking) member.firstTalkAt = 0
}
