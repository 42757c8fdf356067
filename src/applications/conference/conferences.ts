/** The conferences of a switch, by name. */
import type { Channel } from '../../core/channel.ts'
import type { Switch } from '../../core/switch.ts'
import { Conference } from './conference.ts'
import { readProfile } from './profile.ts'

export class Conferences {
  readonly sw: Switch
  readonly #byName = new Map<string, Conference>()
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

  /** The conference of that name; if there is none, one is made with the profile and the sound near the channel's. */
  open(name: string, profile: string, channel: Channel): Conference {
    const present = this.#byName.get(name)
    if (present) return present
    const conference = new Conference(
      this.sw,
      name,
      readProfile(this.sw, profile),
      channel,
      (ended) => {
        if (this.#byName.get(name) === ended) this.#byName.delete(name)
      },
    )
    this.#byName.set(name, conference)
    return conference
  }

  /** Numbers members over all conferences, so that a transfer keeps them apart. */
  nextMemberId(): number {
    return ++this.#members
  }

  refuse(why: string): void {
    this.refused[why] = (this.refused[why] ?? 0) + 1
  }

  endAll(): void {
    for (const conference of this.list()) conference.end()
  }
}

const bySwitch = new WeakMap<Switch, Conferences>()

export function conferencesOf(sw: Switch): Conferences {
  let conferences = bySwitch.get(sw)
  if (!conferences) {
    conferences = new Conferences(sw)
    bySwitch.set(sw, conferences)
  }
  return conferences
}
