/**
 * What a conference tells of itself when members come or go: its presence, and documents for those who asked (RFC 4575, RFC 4579).
 * The documents go by the event CONFERENCE_DATA; info-query.ts answers who asks for one.
 */
import { announceLinePresence } from '../../core/presence-event.ts'
import type { Switch } from '../../core/switch.ts'
import { arrayText } from '../../core/variables.ts'
import { child, children } from '../../xml/query.ts'
import type { Conference } from './conference.ts'
import { element, writeDocument, type XmlElement } from './list-xml.ts'
import type { Member } from './member.ts'

/** Rooms that conference.conf.xml announces when the module begins, before anybody is in: `<advertise><room name="3000@domain" status=""/>`. */
export function advertiseRooms(sw: Switch): void {
  for (const room of children(child(sw.configuration('conference.conf'), 'advertise'), 'room')) {
    const name = room.attributes.get('name')
    if (!name) continue
    announceLinePresence(sw, {
      protocol: 'conf',
      login: name,
      from: name,
      isActive: false,
      status: room.attributes.get('status') ?? 'Available',
    })
  }
}

export class InfoTeller {
  readonly #conference: Conference
  #version = 0

  constructor(conference: Conference) {
    this.#conference = conference
  }

  /** The members are others than before. */
  tell(): void {
    this.#tellPresence()
    if (this.#conference.flags.has('rfc-4579')) this.#tellDocument(false)
    if (this.#conference.flags.has('json-events')) this.#tellBrowsers()
  }

  /** The same as JSON, for who listens on the event channel of the conference (`json-events`). */
  #tellBrowsers(): void {
    const { domain, name, sw } = this.#conference
    const eventChannel = `conference.${name}@${domain}`
    const data = describeConference(this.#conference)
    sw.eventChannels.broadcast(eventChannel, { eventChannel, data }, this)
  }

  #tellPresence(): void {
    const { domain, name, size, sw } = this.#conference
    announceLinePresence(sw, {
      protocol: 'conf',
      login: name,
      from: name.includes('@') ? name : `${name}@${domain}`,
      isActive: size > 0,
      isEarly: size === 1,
      status: size > 0 ? `Active (${size} caller${size === 1 ? '' : 's'})` : 'Inactive',
      direction: size === 1 ? 'outbound' : 'inbound',
    })
  }

  /** It is over: who watches it hears nothing more. */
  end(): void {
    if (this.#conference.flags.has('rfc-4579')) this.#tellDocument(true)
  }

  #tellDocument(isOver: boolean): void {
    const { domain, name, sw } = this.#conference
    sw.events.announce('CONFERENCE_DATA', (event) => {
      event.add('conference-name', name.replace(/@.*$/, ''))
      event.add('conference-domain', domain)
      if (isOver) event.add('notfound', 'true')
      else event.body = this.document()
    })
  }

  /** The document under the name that somebody has asked for. */
  document(uri = this.#uri()): string {
    return writeDocument(this.#document(uri))
  }

  #uri(): string {
    const { domain, name } = this.#conference
    return `sip:${name.includes('@') ? name : `${name}@${domain}`}`
  }

  /** application/conference-info+xml, RFC 4575 §5. */
  #document(uri: string): XmlElement {
    const { domain, members, profile, size } = this.#conference
    return element(
      'conference-info',
      {
        version: String(this.#version++),
        state: 'full',
        xmlns: 'urn:ietf:params:xml:ns:conference-info',
        entity: uri,
      },
      [
        element('conference-description', {}, [
          element('display-text', {}, profile.description),
          element('conf-uris', {}, [element('entry', {}, [element('uri', {}, uri)])]),
        ]),
        element('conference-state', {}, [
          element('user-count', {}, String(size)),
          element('active', {}, 'true'),
        ]),
        element(
          'users',
          {},
          members.map((member) => userElement(member, domain)),
        ),
      ],
    )
  }
}

function userElement(member: Member, domain: string): XmlElement {
  const { channel, joinedAt } = member
  const name = channel.profile.get('caller_id_name')
  const uri =
    channel.text('conference_invite_uri') ||
    `sip:${channel.profile.get('caller_id_number')}@${domain}`
  return element('user', { state: 'full', entity: uri }, [
    element('display-text', {}, name),
    element('endpoint', { entity: uri }, [
      element('display-text', {}, name),
      element('status', {}, 'connected'),
      element('joining-info', {}, [element('when', {}, new Date(joinedAt).toISOString())]),
      element('media', { id: `${member.id}a` }, [
        element('type', {}, 'audio'),
        element('status', {}, soundFlow(member)),
      ]),
    ]),
  ])
}

/** A conference and its members as JSON. */
export function describeConference({
  domain,
  members,
  name,
  profile,
  size,
}: Conference): Record<string, unknown> {
  return {
    entity: `${name}@${domain}`,
    conferenceDescription: profile.description,
    conferenceState: 'active',
    userCount: String(size),
    users: members.map((member) => userObject(member, domain)),
    oldUsers: [],
  }
}

/** As the member sees it. */
function soundFlow({ canSpeak, channel }: Member): string {
  if (channel.isHeld) return canSpeak ? 'sendonly' : 'inactive'
  return canSpeak ? 'sendrecv' : 'recvonly'
}

function userObject(member: Member, domain: string): Record<string, unknown> {
  const { channel, id, joinedAt } = member
  return {
    entity:
      channel.text('conference_invite_uri') ||
      `${channel.profile.get('caller_id_number')}@${domain}`,
    displayText: channel.profile.get('caller_id_name'),
    status: 'connected',
    joinTime: new Date(joinedAt).toISOString(),
    memberId: String(id),
    rtpAudioDirection: soundFlow(member),
    variables: shownVariables(member),
  }
}

/** Those whose name begins with `json_`, or as the variable json_conference_var_prefix says (`__all__`: every one). */
function shownVariables({ channel }: Member): Record<string, string> {
  const prefix = channel.variables.get('json_conference_var_prefix') ?? 'json_'
  const shown: Record<string, string> = {}
  for (const [name, value] of channel.variables.entries())
    if (prefix === '__all__' || name.startsWith(prefix))
      shown[name] = typeof value === 'string' ? value : arrayText(value)
  return shown
}
