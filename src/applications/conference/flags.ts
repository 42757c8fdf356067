/** Flags of members and of conferences: which there are, and which of them have an effect here. */
import { logger } from '../../base/log.ts'

const log = logger('applications/conference')

/** What a member may be. */
const memberFlags = [
  'mute',
  'deaf',
  'mute-detect',
  'dist-dtmf',
  'skip-dtmf',
  'moderator',
  'nomoh',
  'endconf',
  'mandatory_member_endconf',
  'mintwo',
  'talk-data-events',
  'ghost',
  'join-only',
  'second-screen',
] as const

/** What a conference may be. */
const conferenceFlags = [
  'wait-mod',
  'audio-always',
  'restart-auto-record',
  'json-events',
  'rfc-4579',
  'breakable',
  'livearray-sync',
  'livearray-json-status',
] as const

export type MemberFlag = (typeof memberFlags)[number]
export type ConferenceFlag = (typeof conferenceFlags)[number]

const ofMembers: ReadonlySet<string> = new Set(memberFlags)
const ofConferences: ReadonlySet<string> = new Set(conferenceFlags)

const pictures = 'it is about pictures, and sound alone is mixed'
const places = 'the sound of a conference has one channel, and no places in a room'

/** Known in the field and without effect, and why. */
const withoutEffect: ReadonlyMap<string, string> = new Map([
  ...`vmute blind video-bridge flip-video join-vid-floor no-video-blanks no-minimize-encoding video-floor-only
    minimize-video-encoding video-bridge-first-two video-required-for-canvas video-mute-exit-canvas transcode-video
    manage-inbound-video-bitrate video-muxing-personal-canvas ded-vid-layer-audio-floor`
    .split(/\s+/)
    .map((flag) => [flag, pictures] as const),
  ...['positional', 'no-positional', 'auto-3d-position'].map((flag) => [flag, places] as const),
  ['waste', 'every member is always sent sound'],
])

const told = new Set<string>()

export interface Flags {
  readonly member: Set<MemberFlag>
  readonly conference: Set<ConferenceFlag>
}

/** Sorts flags; those without effect are told in the log, each once. They are compared in any case. */
export function sortFlags(flags: Iterable<string>): Flags {
  const member = new Set<MemberFlag>()
  const conference = new Set<ConferenceFlag>()
  for (const flag of flags) {
    const word = flag.toLowerCase()
    if (ofMembers.has(word)) member.add(word as MemberFlag)
    else if (ofConferences.has(word)) conference.add(word as ConferenceFlag)
    else tellWithoutEffect(word)
  }
  return { member, conference }
}

function tellWithoutEffect(flag: string): void {
  if (told.has(flag)) return
  told.add(flag)
  const why = withoutEffect.get(flag)
  if (why === undefined) log.warning(`there is no conference flag ${flag}`)
  else log.info(`the conference flag ${flag} has no effect: ${why}`)
}
