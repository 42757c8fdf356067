/** The live tables `conferences` and `members`, which operators see: each conference, and who is in which. */
import type { LiveEntry, LiveFields, LiveSource } from '../../core/live-tables.ts'
import type { Switch } from '../../core/switch.ts'
import type { Conference } from './conference.ts'
import { conferencesOf } from './conferences.ts'
import type { Member } from './member.ts'

function conferenceFields(conference: Conference): LiveFields {
  return {
    name: conference.name,
    profile: conference.profile.name,
    since: conference.startedAt,
    isLocked: conference.isLocked,
    isRecorded: conference.recordings.active > 0,
    count: conference.members.length,
  }
}

function memberFields(member: Member): LiveFields {
  const { channel, conference } = member
  const { profile, uuid } = channel
  return {
    conference: conference.name,
    id: member.id,
    uuid,
    number: profile.get('caller_id_number') ?? '',
    name: profile.get('caller_id_name') ?? '',
    since: member.joinedAt,
    isTalking: member.isTalking,
    hasFloor: conference.floor === member,
    isMuted: !member.canSpeak,
    isDeaf: !member.canHear,
    isHeld: member.isHeld || channel.isHeld,
    isModerator: member.isModerator,
  }
}

/** Calls `follow` for each conference that there is and that begins; what it returns is disposed with the conference or with all. */
function followAll(
  sw: Switch,
  follow: (conference: Conference) => readonly Disposable[],
): Disposable {
  const conferences = conferencesOf(sw)
  const handles = new Set<Disposable>()
  const begin = (conference: Conference) => {
    const own = follow(conference)
    for (const handle of own) handles.add(handle)
    conference.changes.once('ended', () => {
      for (const handle of own) {
        handle[Symbol.dispose]()
        handles.delete(handle)
      }
    })
  }
  for (const conference of conferences.list()) begin(conference)
  handles.add(conferences.begun.on('conference', begin))
  return {
    [Symbol.dispose]() {
      for (const handle of handles) handle[Symbol.dispose]()
    },
  }
}

export function liveConferences(sw: Switch): LiveSource {
  const conferences = conferencesOf(sw)
  return {
    name: 'conferences',
    *rows(): Iterable<LiveEntry> {
      for (const conference of conferences.list())
        yield [conference.name, conferenceFields(conference)]
    },
    row(name) {
      const conference = conferences.get(name)
      return conference && conferenceFields(conference)
    },
    listen: (touch) =>
      followAll(sw, ({ changes, name }) => {
        touch(name)
        return (['added', 'removed', 'room', 'ended'] as const).map((what) =>
          changes.on(what, () => touch(name)),
        )
      }),
  }
}

/** By the number that a member has in commands. Of a room of a thousand only who begins to talk is sent. */
export function liveMembers(sw: Switch): LiveSource {
  const conferences = conferencesOf(sw)
  const find = (id: number): Member | undefined => {
    for (const conference of conferences.list()) {
      const member = conference.find(id)
      if (member) return member
    }
    return undefined
  }
  /** Those of whom somebody wants to know. */
  const known = new Map<string, Member>()
  return {
    name: 'members',
    *rows(): Iterable<LiveEntry> {
      for (const { members } of conferences.list())
        for (const member of members.toReversed()) yield [String(member.id), memberFields(member)]
    },
    row(key) {
      const member = known.get(key) ?? find(Number(key))
      return member && memberFields(member)
    },
    listen(touch) {
      const holds = new Map<Member, Disposable>()
      const show = (member: Member) => {
        const key = String(member.id)
        known.set(key, member)
        if (!holds.has(member))
          holds.set(
            member,
            member.channel.signals.on('hold', () => touch(key)),
          )
        touch(key)
      }
      const forget = (member: Member) => {
        const key = String(member.id)
        // In another conference by now, he has the same number there.
        if (known.get(key) === member) known.delete(key)
        holds.get(member)?.[Symbol.dispose]()
        holds.delete(member)
        touch(key)
      }
      const rooms = followAll(sw, (conference) => {
        for (const member of conference.members) show(member)
        const { changes } = conference
        return [
          changes.on('added', show),
          changes.on('changed', (member) => {
            if (!member.isGone) show(member)
          }),
          changes.on('removed', forget),
        ]
      })
      return {
        [Symbol.dispose]() {
          rooms[Symbol.dispose]()
          for (const hold of holds.values()) hold[Symbol.dispose]()
          holds.clear()
          known.clear()
        },
      }
    },
  }
}
