/** The conferences of a switch, by name. */

import { Emitter } from '../../base/emitter.ts'
import { onePer } from '../../base/one-per.ts'
import type { Channel } from '../../core/channel.ts'
import { runCommandHook } from '../../core/hooks.ts'
import type { Switch } from '../../core/switch.ts'
import { Conference } from './conference.ts'
import type { ConferenceFlag } from './flags.ts'
import { limitOf, readProfile } from './profile.ts'

export interface Opening {
  readonly name: string
  readonly profile: string
  readonly first: Channel
  readonly flags: ReadonlySet<ConferenceFlag>
  readonly isBridge?: boolean
}

export class Conferences {
  readonly sw: Switch
  /** Whoever shows conferences live listens here, and then to the `changes` of each. */
  readonly begun = new Emitter<{ conference: Conference }>()
  readonly #byName = new Map<string, Conference>()
  readonly #ids = new WeakMap<Channel, number>()
  #members = 0
  /** Those whom a conference did not take, by why. */
  readonly refused: Record<string, number> = {}

  constructor(sw: Switch) {
    this.sw = sw
  }

  get count(): number {
    return this.#byName.size
  }

  list(): Conference[] {
    return [...this.#byName.values()]
  }

  get(name: string): Conference | undefined {
    return this.#byName.get(name)
  }

  /** Makes a conference with what the variables of its first channel say, its sound near the channel's. There must be none of that name. */
  open({ first, flags, isBridge = false, name, profile }: Opening): Conference {
    const conference = new Conference(this.sw, {
      name,
      profile: readProfile(this.sw, profile, first),
      first,
      flags,
      isBridge,
      onEnd: (ended) => {
        if (this.#byName.get(name) === ended) this.#byName.delete(name)
      },
    })
    if (!isBridge) takeVariables(conference, first)
    this.#byName.set(name, conference)
    this.begun.emit('conference', conference)
    const hook = first.variables.get('api_on_conference_create')
    if (hook) runCommandHook(first, hook)
    return conference
  }

  /** A channel keeps its number from conference to conference. */
  memberId(channel: Channel): number {
    const id = this.#ids.get(channel) ?? ++this.#members
    this.#ids.set(channel, id)
    return id
  }

  refuse(why: string): void {
    this.refused[why] = (this.refused[why] ?? 0) + 1
  }

  endAll(): void {
    for (const conference of this.list()) conference.end()
  }
}

/** What the first channel's variables change of a conference. */
function takeVariables(conference: Conference, first: Channel): void {
  const text = (name: string) => first.text(name) || undefined
  conference.music.fallBackOn(text('conference_moh_sound'), text('conference_perpetual_sound'))
  const record = text('conference_auto_record')
  if (record) conference.recordings.autoRecord = record
  const most = text('conference_max_members')
  if (most) conference.maxMembers = limitOf(most, 'the variable conference_max_members')
  const grace = Number(text('conference_endconference_grace_time') ?? Number.NaN)
  if (grace >= 0) conference.graceSeconds = grace
}

export const conferencesOf = onePer((sw: Switch) => new Conferences(sw))
