/** What the mixer tells of who talks, and what is told of it. */
import { tellMember } from './feedback.ts'
import { announceMember, type Headers } from './maintenance.ts'
import type { Member } from './member.ts'

type News = { readonly isTalking: boolean; readonly score: number; readonly report?: Report }

interface Report {
  readonly hits: number
  readonly frames: number
  readonly mean: number
  readonly change: number
}

/** Frames at the end of a talk that only tell that it is over, and ms of one. */
const endingFrames = 40
const frameMs = 20

/** A member began or ceased to talk. */
export function talkNews(member: Member, { isTalking, score, report }: News): void {
  member.score = score
  if (!member.canSpeak || member.isHeld) {
    if (!isTalking || !member.has('mute-detect')) return
    announceMember(member, 'mute-detect')
    tellMember(member, 'mute-detect-sound', 'Currently Muted')
    return
  }
  if (member.isTalking === isTalking) return
  member.isTalking = isTalking
  member.lastTalkingAt = Date.now()
  if (isTalking) {
    member.talks++
    if (member.firstTalkAt === 0) member.firstTalkAt = Date.now()
  }
  const headers = !isTalking && report && report.hits > 0 ? figuresOf(report) : {}
  announceMember(member, isTalking ? 'start-talking' : 'stop-talking', headers)
}

function figuresOf({ hits, frames, mean, change }: Report): Headers {
  const misses = Math.max(1, frames - hits - endingFrames)
  const on = (hits * 100) / Math.max(1, frames)
  const off = (misses * 100) / Math.max(1, frames)
  return {
    'talking-gate-hits': String(hits),
    'talking-total-packets': String(frames),
    'talking-duration-ms': String(frames * frameMs),
    'talking-average-energy': mean.toFixed(6),
    'talking-delta-average': change.toFixed(6),
    'talking-hit-on-percent': on.toFixed(6),
    'talking-non-hit-ratio': ((misses * 100) / hits).toFixed(6),
    'talking-hit-off-percent': off.toFixed(6),
    'talking-hit-off-differential': (on - off).toFixed(6),
  }
}
