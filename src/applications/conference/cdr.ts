/** The record of a conference: who was in, when and how, and who was not let in. A file, an event `conference::cdr`, or both. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { Channel } from '../../core/channel.ts'
import type { Conference } from './conference.ts'
import { element, writeDocument, type XmlElement } from './list-xml.ts'
import type { Member } from './member.ts'

const log = logger('applications/conference')

const subclass = 'conference::cdr'

export type RejectReason = 'conference_locked' | 'max_members_reached' | 'invalid_pin'

interface Stay {
  /** Undefined for a recording. */
  readonly member: Member | undefined
  readonly recordPath: string | undefined
  readonly profile: XmlElement | undefined
  readonly joined: number
  left: number
}

interface Rejection {
  readonly reason: RejectReason
  readonly at: number
  readonly profile: XmlElement
}

/** A conference that stands open for weeks is not remembered member by member without end. */
const mostEntries = 10_000

export class CallRecord {
  readonly #conference: Conference
  readonly #stays: Stay[] = []
  readonly #rejections: Rejection[] = []

  constructor(conference: Conference) {
    this.#conference = conference
  }

  get #isWanted(): boolean {
    const { cdrEvents, cdrFolder } = this.#conference.profile
    return cdrEvents !== 'none' || cdrFolder !== undefined
  }

  came(member: Member): void {
    this.#add({
      member,
      recordPath: undefined,
      profile: this.#isWanted ? profileElement(member.channel) : undefined,
      joined: seconds(),
      left: 0,
    })
  }

  went(member: Member): void {
    const stay = this.#stays.find((one) => one.member === member)
    if (stay) stay.left = seconds()
  }

  recordingBegan(path: string): void {
    this.#add({
      member: undefined,
      recordPath: path,
      profile: undefined,
      joined: seconds(),
      left: 0,
    })
  }

  recordingEnded(path: string): void {
    const stay = this.#stays.findLast((one) => one.recordPath === path && one.left === 0)
    if (stay) stay.left = seconds()
  }

  refused(channel: Channel, reason: RejectReason): void {
    if (!this.#isWanted || this.#rejections.length >= mostEntries) return
    this.#rejections.push({ reason, at: seconds(), profile: profileElement(channel) })
  }

  /** Writes what was gathered; `isForced`: the time of grace was over. */
  write(isForced: boolean): void {
    if (!this.#isWanted || (this.#stays.length === 0 && this.#rejections.length === 0)) return
    const { cdrEvents, cdrFolder } = this.#conference.profile
    const text = writeDocument(this.#tree(isForced))
    const path = cdrFolder === undefined ? '' : join(cdrFolder, `${this.#conference.uuid}.cdr.xml`)
    const save = async () => {
      if (cdrFolder !== undefined) {
        await mkdir(cdrFolder, { recursive: true })
        await writeFile(path, text)
      }
      if (cdrEvents === 'none') return
      this.#conference.sw.events.announce(
        'CUSTOM',
        (event) => {
          event.add('CDR-Source', subclass)
          if (cdrEvents === 'file' && path !== '') event.add('CDR-Path', path)
          else event.body = text
        },
        subclass,
      )
    }
    void save().catch((thrown: unknown) => log.err(`${path} is not written: ${reasonOf(thrown)}`))
  }

  #add(stay: Stay): void {
    if (this.#isWanted && this.#stays.length < mostEntries) this.#stays.push(stay)
  }

  #tree(isForced: boolean): XmlElement {
    const { name, profile, startedAt, sw } = this.#conference
    const epoch = { type: 'UNIX-epoch' }
    const time = (tag: string, value: number) => element(tag, epoch, String(value))
    const started = Math.trunc(startedAt / 1000)
    return element('cdr', {}, [
      element('conference', {}, [
        element('name', {}, name),
        element('hostname', {}, sw.globals.get('hostname') ?? ''),
        element('rate', {}, String(profile.rate)),
        element('interval', {}, '20'),
        time('start_time', started),
        element(
          'end_time',
          { endconference_forced: String(isForced), ...epoch },
          String(seconds()),
        ),
        element(
          'members',
          {},
          this.#stays.toReversed().map((stay) => stayElement(stay, time)),
        ),
        element(
          'rejected',
          {},
          this.#rejections
            .toReversed()
            .map(({ reason, at, profile: caller }) =>
              element('attempt', {}, [
                element('reason', {}, reason),
                time('reject_time', at),
                caller,
              ]),
            ),
        ),
      ]),
    ])
  }
}

function stayElement(
  { joined, left, member, profile, recordPath }: Stay,
  time: (tag: string, value: number) => XmlElement,
): XmlElement {
  const flag = (tag: string, on: boolean) => element(tag, {}, String(on))
  return element('member', { type: member ? 'caller' : 'recording_node' }, [
    time('join_time', joined),
    time('leave_time', left || seconds()),
    ...(member
      ? [
          element('flags', {}, [
            flag('is_moderator', member.isModerator),
            flag('end_conference', member.has('endconf')),
            flag('mandatory_member_end_conference', member.has('mandatory_member_endconf')),
            flag('was_kicked', member.isKicked),
            flag('is_ghost', member.isGhost),
          ]),
        ]
      : []),
    ...(profile ? [profile] : []),
    ...(recordPath === undefined ? [] : [element('record_path', {}, recordPath)]),
  ])
}

const profileFields = [
  'username',
  'dialplan',
  'caller_id_name',
  'caller_id_number',
  'callee_id_name',
  'callee_id_number',
  'ani',
  'aniii',
  'network_addr',
  'rdnis',
  'destination_number',
  'uuid',
  'source',
  'context',
  'chan_name',
] as const

function profileElement({ profile }: Channel): XmlElement {
  return element(
    'caller_profile',
    {},
    profileFields.map((field) => element(field, {}, profile.get(field))),
  )
}

function seconds(): number {
  return Math.trunc(Date.now() / 1000)
}
