/** Who calls whom, at one moment of routing. A transfer makes a new profile and keeps the old one behind it. */
import { randomUUID } from 'node:crypto'
import type { FoundExtension } from './found-extension.ts'
import { nowMicros } from './time/times.ts'
import { plainField } from './untrusted.ts'

/** µs since the epoch; 0 until it happened. */
export interface ProfileTimes {
  created: number
  profileCreated: number
  progress: number
  progressMedia: number
  answered: number
  bridged: number
  lastHold: number
  holdAccumulated: number
  transferred: number
  resurrected: number
  hungUp: number
}

function emptyTimes(): ProfileTimes {
  return {
    created: 0,
    profileCreated: 0,
    progress: 0,
    progressMedia: 0,
    answered: 0,
    bridged: 0,
    lastHold: 0,
    holdAccumulated: 0,
    transferred: 0,
    resurrected: 0,
    hungUp: 0,
  }
}

/** The text fields, by the name that dialplan conditions and `${}` use. Empty text: not known. */
export const profileFieldNames = [
  'username',
  'dialplan',
  'caller_id_name',
  'caller_id_number',
  'orig_caller_id_name',
  'orig_caller_id_number',
  'callee_id_name',
  'callee_id_number',
  'network_addr',
  'ani',
  'aniii',
  'destination_number',
  'uuid',
  'source',
  'transfer_source',
  'context',
  'rdnis',
  'chan_name',
  'caller_ton',
  'caller_numplan',
  'destination_number_ton',
  'destination_number_numplan',
  'ani_ton',
  'ani_numplan',
  'rdnis_ton',
  'rdnis_numplan',
] as const
export type ProfileField = (typeof profileFieldNames)[number]

const fieldSet: ReadonlySet<string> = new Set(profileFieldNames)

/** A caller for whom agents are dialled all day remembers the latest of them. */
const mostMet = 100

export class CallerProfile {
  readonly fields: Partial<Record<ProfileField, string>>
  direction: 'inbound' | 'outbound' = 'inbound'
  logicalDirection: 'inbound' | 'outbound' = 'inbound'
  index = 1
  times: ProfileTimes = emptyTimes()
  screen = true
  hideName = false
  hideNumber = false
  /** Fields set by `set_profile_var` that have no place of their own. */
  readonly soft = new Map<string, string>()
  /** The profile before this one (before a transfer). */
  previous: CallerProfile | undefined
  /** The other party's profile as it was when the legs met; behind each, as its `previous`, the one before. */
  originator: CallerProfile | undefined
  originatee: CallerProfile | undefined
  /** Those of all legs that were dialled for it, the last first. */
  origination: CallerProfile | undefined
  /** What the dialplan had for it. */
  extension: FoundExtension | undefined

  /** The `id` of the profile that it was copied from. */
  cloneOf = ''
  #id: string | undefined

  constructor(fields: Partial<Record<ProfileField, string>>) {
    this.fields = { ...fields }
    for (const [name, value] of Object.entries(fields))
      this.fields[name as ProfileField] = plainField(value)
    this.times.profileCreated = nowMicros()
  }

  /** A uuid of this profile alone. */
  get id(): string {
    this.#id ??= randomUUID()
    return this.#id
  }

  /** Puts another party's profile in front of those of its kind. */
  meet(role: 'originator' | 'originatee' | 'origination', other: CallerProfile): void {
    other.previous = this[role]
    this[role] = other
    let last: CallerProfile | undefined = other
    for (let count = 1; last && count < mostMet; count++) last = last.previous
    if (last) last.previous = undefined
  }

  get(name: ProfileField): string {
    return this.fields[name] ?? ''
  }

  /** Whoever wrote it: neither references nor control characters come in. */
  set(name: ProfileField, value: string): void {
    this.fields[name] = plainField(value)
  }

  /**
   * A field by the name that a person wrote, times and flags included; undefined when there is no such field.
   * `aleg_` and `bleg_` read the originator's and originatee's profile.
   */
  read(name: string): string | undefined {
    const word = name.toLowerCase()
    if (word.startsWith('aleg_')) return this.originator?.read(word.slice(5))
    if (word.startsWith('bleg_')) return this.originatee?.read(word.slice(5))
    if (fieldSet.has(word)) {
      const value = this.fields[word as ProfileField]
      if (value !== undefined) return value
      // Types of number and numbering plans are 255 where nobody knows them.
      return /_(ton|numplan)$/.test(word) ? '255' : ''
    }
    switch (word) {
      case 'profile_index':
        return String(this.index)
      case 'screen_bit':
        return String(this.screen)
      case 'privacy_hide_name':
        return String(this.hideName)
      case 'privacy_hide_number':
        return String(this.hideNumber)
      case 'profile_created_time':
        return String(this.times.profileCreated)
      case 'created_time':
        return String(this.times.created)
      case 'answered_time':
        return String(this.times.answered)
      case 'progress_time':
        return String(this.times.progress)
      case 'progress_media_time':
        return String(this.times.progressMedia)
      case 'hungup_time':
        return String(this.times.hungUp)
      case 'transferred_time':
        return String(this.times.transferred)
      case 'bridged_time':
        return String(this.times.bridged)
      default:
        return this.soft.get(word)
    }
  }

  /** A copy that can be changed, without the history behind it. */
  clone(): CallerProfile {
    const copy = new CallerProfile(this.fields)
    copy.cloneOf = this.id
    copy.direction = this.direction
    copy.logicalDirection = this.logicalDirection
    copy.screen = this.screen
    copy.hideName = this.hideName
    copy.hideNumber = this.hideNumber
    for (const [name, value] of this.soft) copy.soft.set(name, value)
    return copy
  }
}
