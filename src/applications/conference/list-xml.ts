/** `conference xml_list`, and the small XML writer that it shares with the records. */
import { escapeXmlAttribute } from '../../core/event-text.ts'
import type { Conference } from './conference.ts'
import type { Member } from './member.ts'

export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  /** Text, or what is inside. */
  readonly content: string | readonly XmlElement[]
}

export function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  content: XmlElement['content'],
): XmlElement {
  return { name, attributes, content }
}

/** Each element on a line of its own, two blanks per level. */
function writeElement({ name, attributes, content }: XmlElement, depth = 0): string {
  const margin = '  '.repeat(depth)
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escapeXmlAttribute(value)}"`)
    .join('')
  if (typeof content === 'string')
    return `${margin}<${name}${written}>${escapeXmlAttribute(content)}</${name}>\n`
  const inside = content.map((one) => writeElement(one, depth + 1)).join('')
  return inside === ''
    ? `${margin}<${name}${written}></${name}>\n`
    : `${margin}<${name}${written}>\n${inside}${margin}</${name}>\n`
}

/** With the line that every XML file begins with. */
export function writeDocument(root: XmlElement): string {
  return `<?xml version="1.0"?>\n${writeElement(root)}`
}

/** Conferences as XML. */
export function xmlList(conferences: readonly Conference[]): string {
  return writeDocument(element('conferences', {}, conferences.map(conferenceElement)))
}

/** What lists tell of a conference as yes or no. */
export function roomMarks(conference: Conference): Record<string, boolean> {
  return {
    locked: conference.isLocked,
    destruct: conference.isOver,
    wait_mod: conference.isWaiting,
    audio_always: conference.isAlwaysHeard,
    running: !conference.isOver,
    answered: conference.isAnswered,
    enforce_min: conference.hadLeast,
    bridge_to: conference.isBridge,
    dynamic: true,
    exit_sound: conference.playsExitSound,
    enter_sound: conference.playsEnterSound,
    recording: conference.recordings.list().length > 0,
    video_rfc4579: conference.flags.has('rfc-4579'),
  }
}

/** The names of those that are yes. */
export function marksOf(conference: Conference): string[] {
  return Object.entries(roomMarks(conference)).flatMap(([name, on]) => (on ? [name] : []))
}

function conferenceElement(conference: Conference): XmlElement {
  const { graceSeconds, maxMembers, members } = conference
  return element(
    'conference',
    {
      name: conference.name,
      'member-count': String(conference.size),
      'ghost-count': String(conference.ghosts),
      rate: String(conference.profile.rate),
      uuid: conference.uuid,
      ...Object.fromEntries(marksOf(conference).map((name) => [name, 'true'])),
      ...(maxMembers > 0 ? { max_members: String(maxMembers) } : {}),
      ...(graceSeconds > 0 ? { endconference_grace_time: String(graceSeconds) } : {}),
      run_time: String(Math.trunc(conference.age / 1000)),
    },
    [
      element(
        'variables',
        {},
        [...conference.variables].map(([name, value]) => element('variable', { name, value }, [])),
      ),
      element('members', {}, [...recordingElements(conference), ...members.map(memberElement)]),
    ],
  )
}

function recordingElements({ recordings }: Conference): XmlElement[] {
  return recordings
    .list()
    .toReversed()
    .map(({ isPaused, path, startedAt }) =>
      element('member', { type: 'recording_node' }, [
        element('record_path', isPaused ? { status: 'paused' } : {}, path),
        element('join_time', { type: 'UNIX-epoch' }, String(Math.trunc(startedAt / 1000))),
      ]),
    )
}

/** Seconds since then. */
export function ago(ms: number): number {
  return Math.trunc((Date.now() - ms) / 1000)
}

/** What lists tell of a member as yes or no. */
export function memberMarks(member: Member): Record<string, boolean> {
  const isHere = !member.isHeld
  return {
    can_hear: isHere && member.canHear,
    can_see: isHere,
    can_speak: isHere && member.canSpeak,
    hold: member.isHeld,
    mute_detect: member.has('mute-detect'),
    talking: isHere && member.isTalking,
    has_video: false,
    video_bridge: false,
    has_floor: member.conference.floor === member,
    is_moderator: member.isModerator,
    end_conference: member.has('endconf'),
    mandatory_member_end_conference: member.has('mandatory_member_endconf'),
  }
}

function memberElement(member: Member): XmlElement {
  const { channel, lastTalkingAt } = member
  const text = (name: string, value: string) => element(name, {}, value)
  const marks = { ...memberMarks(member), is_ghost: member.isGhost }
  return element('member', { type: 'caller' }, [
    text('id', String(member.id)),
    element(
      'flags',
      {},
      Object.entries(marks).map(([name, on]) => text(name, String(on))),
    ),
    text('uuid', channel.uuid),
    text('caller_id_name', channel.profile.get('caller_id_name')),
    text('caller_id_number', channel.profile.get('caller_id_number')),
    text('join_time', String(ago(member.joinedAt))),
    text('last_talking', lastTalkingAt === 0 ? 'N/A' : String(ago(lastTalkingAt))),
    text('energy', String(member.energyLevel)),
    text('volume_in', String(member.volumeIn)),
    text('volume_out', String(member.volumeOut)),
    text('output-volume', String(member.volumeOut)),
  ])
}
