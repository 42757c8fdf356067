/**
 * Conferences as browsers see them (`livearray-sync`): a live array of the members, and channels on which moderators steer and all
 * may chat. Who comes in is told of them and may use them for as long as he is in.
 */
import type { Channel } from '../../core/channel.ts'
import type { EventMessage } from '../../core/event-channels.ts'
import { LiveArray } from '../../core/live-array.ts'
import type { Switch } from '../../core/switch.ts'
import type { Conference } from './conference.ts'
import { conferencesOf } from './conferences.ts'
import { describeConference } from './info.ts'
import { runControl } from './live-control.ts'
import type { Member } from './member.ts'

const variablePrefix = 'verto_dvar_'
const globalPrefix = /^conference_verto_(?=.)/i

/** Begins to show every conference that wants it. Ends when disposed. */
export function showLive(sw: Switch): Disposable {
  const live = new Map<Conference, LiveConference>()
  const party = {}
  const handles = [
    conferencesOf(sw).begun.on('conference', (conference) => {
      if (!conference.flags.has('livearray-sync')) return
      live.set(conference, new LiveConference(conference))
      conference.changes.once('ended', () => {
        live.get(conference)?.[Symbol.dispose]()
        live.delete(conference)
      })
    }),
    sw.eventChannels.bind(
      'conference',
      (name, message) => describe(sw, name, message, party),
      party,
    ),
  ]
  return {
    [Symbol.dispose]() {
      for (const handle of handles) handle[Symbol.dispose]()
      for (const each of live.values()) each[Symbol.dispose]()
    },
  }
}

/** `conference.3000@example.com`: who asks there is told what kind of conference it is, and who is in. */
function describe(sw: Switch, channel: string, message: EventMessage, party: object): void {
  const { data, ...rest } = message
  const action = (data as { action?: unknown } | undefined)?.action
  // Only questions of browsers have a session; what conferences tell of themselves comes here too.
  if (typeof rest['sessid'] !== 'string') return
  const [, name = ''] = /^[^.]*\.([^@]*)/.exec(channel) ?? []
  const found = conferencesOf(sw).get(name)
  const description = {
    conferenceDescription: 'FreeSWITCH Conference',
    conferenceState: 'inactive',
    users: [],
    oldUsers: [],
  }
  const known =
    action === 'bootstrap'
      ? found
        ? describeConference(found)
        : description
      : { error: 'Invalid action' }
  const answer = { ...rest, data: { ...known, action: 'conferenceDescription' } }
  sw.eventChannels.broadcast(channel, answer, party)
}

class LiveConference implements Disposable {
  readonly #conference: Conference
  readonly #array: LiveArray
  /** `3000@example.com` */
  readonly #address: string
  readonly #handles: Disposable[]
  readonly #watches = new Map<Member, readonly Disposable[]>()
  readonly #party = {}

  constructor(conference: Conference) {
    this.#conference = conference
    const { changes, domain, name, sw } = conference
    this.#address = name.includes('@') || domain === '' ? name : `${name}@${domain}`
    const bare = name.split('@', 1)[0] ?? name
    this.#array = new LiveArray(sw.eventChannels, this.#channel('liveArray'), bare)
    this.#handles = [
      changes.on('added', (member) => this.#came(member)),
      changes.on('changed', (member) => this.#show(member)),
      changes.on('removed', (member) => this.#went(member)),
      sw.eventChannels.bind(
        this.#channel('mod'),
        (channel, message) => void this.#control(channel, message),
        this.#party,
      ),
      sw.eventChannels.bind(
        this.#channel('chat'),
        (channel, message) => this.#chat(channel, message),
        this.#party,
      ),
    ]
  }

  [Symbol.dispose](): void {
    for (const handle of this.#handles) handle[Symbol.dispose]()
    for (const member of this.#watches.keys()) this.#unwatch(member)
    this.#array[Symbol.dispose]()
  }

  #channel(kind: 'liveArray' | 'mod' | 'chat' | 'info'): string {
    return `conference-${kind}.${this.#address}`
  }

  #came(member: Member): void {
    const { signals } = member.channel
    this.#watches.set(member, [
      signals.on('hold', () => this.#show(member)),
      // A page that was loaded anew asks for the list again once it knows of it.
      signals.on('reattached', () => this.#tell(member, true)),
    ])
    this.#show(member)
    this.#tell(member, true)
  }

  #show(member: Member): void {
    if (member.isGone || member.has('second-screen')) return
    this.#array.set(member.channel.uuid, rowOf(member))
  }

  #went(member: Member): void {
    this.#unwatch(member)
    this.#array.delete(member.channel.uuid)
    this.#tell(member, false)
  }

  #unwatch(member: Member): void {
    for (const handle of this.#watches.get(member) ?? []) handle[Symbol.dispose]()
    this.#watches.delete(member)
  }

  /** What his browser has to know to follow the conference. */
  #tell(member: Member, isIn: boolean): void {
    const { channel, conference, id, isModerator } = member
    const { sw } = conference
    const session = channel.variables.get('event_channel_cookie')
    const eventChannel = session ?? channel.uuid
    const channels = {
      laChannel: this.#channel('liveArray'),
      ...(isModerator ? { modChannel: this.#channel('mod') } : {}),
      chatChannel: this.#channel('chat'),
      infoChannel: this.#channel('info'),
    }
    if (session !== undefined) {
      for (const name of Object.values(channels)) {
        if (isIn) sw.eventChannels.permit(session, name)
        else sw.eventChannels.forbid(session, name)
      }
    }
    const pvtData = {
      callID: channel.uuid,
      action: isIn ? 'conference-liveArray-join' : 'conference-liveArray-part',
      laName: this.#array.name,
      role: isModerator ? 'moderator' : 'participant',
      chatID: `conf+${this.#address}`,
      conferenceMemberID: String(id),
      canvasCount: 0,
      ...(member.has('second-screen') ? { secondScreen: true } : {}),
      ...channels,
      ...globalsFor(sw),
    }
    sw.eventChannels.broadcast(eventChannel, { eventChannel, eventType: 'channelPvtData', pvtData })
  }

  async #control(channel: string, message: EventMessage): Promise<void> {
    const { sw } = this.#conference
    const data = await runControl(this.#conference, message['data'])
    sw.eventChannels.broadcast(channel, { eventChannel: channel, data }, this.#party)
  }

  #chat(channel: string, message: EventMessage): void {
    const { data, userid, fromDisplay } = message as Readonly<Record<string, unknown>>
    const said = (data ?? {}) as Readonly<Record<string, unknown>>
    if (said['action'] !== 'send') return
    const text = (name: string, value: unknown) =>
      typeof value === 'string' && value !== '' ? { [name]: value } : {}
    this.#conference.sw.eventChannels.broadcast(
      channel,
      {
        eventChannel: channel,
        data: {
          direction: 'outbound',
          ...text('message', said['message']),
          ...text('fromDisplay', fromDisplay),
          ...text('from', userid),
          type: typeof said['type'] === 'string' ? said['type'] : 'message',
        },
      },
      this.#party,
    )
  }
}

/** Global variables `conference_verto_…`, without that word. */
function globalsFor(sw: Switch): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [name, value] of sw.globals)
    if (globalPrefix.test(name)) found[name.replace(globalPrefix, '')] = value
  return found
}

/** A member as the list shows him: number, who he is, his codec, how he is, what his browser says of itself. */
function rowOf(member: Member): readonly unknown[] {
  const { channel, id } = member
  const codec = channel.variables.get('original_read_codec') ?? ''
  const rate = channel.variables.get('original_read_rate') ?? ''
  return [
    String(id).padStart(4, '0'),
    channel.profile.get('caller_id_number'),
    channel.profile.get('caller_id_name'),
    `${codec}@${rate}`,
    JSON.stringify({
      audio: {
        muted: !member.canSpeak,
        deaf: !member.canHear,
        onHold: channel.isHeld,
        talking: member.isTalking,
        floor: member.conference.floor === member,
        energyScore: member.score,
      },
      video: false,
      oldStatus: statusOf(member),
    }),
    variablesOf(channel),
    null,
  ]
}

/** In one word, the first that is true. */
function statusOf(member: Member): string {
  const hasFloor = member.conference.floor === member
  if (member.isHeld) return 'HOLD'
  if (!member.canSpeak) return 'MUTE'
  if (member.channel.isHeld) return 'HOLD'
  if (hasFloor) return member.isTalking ? 'TALKING (FLOOR)' : 'FLOOR'
  return member.isTalking ? 'TALKING' : 'ACTIVE'
}

function variablesOf(channel: Channel): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [name] of channel.variables.entries()) {
    if (name.toLowerCase().startsWith(variablePrefix))
      found[name.slice(variablePrefix.length)] = channel.variables.get(name) ?? ''
  }
  return found
}
