/** Verto as a whole: profiles, sessions by their id, calls, who listens to which event channel, and what was refused. */
import { logger } from '../../base/log.ts'
import { LogBrake } from '../../base/log-brake.ts'
import { readSettings, type Values } from '../../core/settings.ts'
import type { Switch } from '../../core/switch.ts'
import type { VertoCall } from './call.ts'
import type { Connection } from './connection.ts'
import { vertoCounters } from './counters.ts'
import { LoginLimit } from './login-limit.ts'
import type { VertoProfile } from './profile.ts'
import { moduleSettings } from './settings.ts'
import { Subscriptions } from './subscriptions.ts'

const log = logger('verto')

export interface OperatorWatch extends Disposable {
  /** Tables that it asked for; empty: all. */
  readonly asked: readonly string[]
  /** What its user may, when it began. */
  readonly rights: ReadonlySet<string>
}

export class Verto {
  readonly sw: Switch
  readonly settings: Values
  readonly profiles: VertoProfile[] = []
  /** The socket of each session; one whose socket is gone is not in it. */
  readonly sessions = new Map<string, Connection>()
  /** Calls by the channel's uuid, attached or not. */
  readonly calls = new Map<string, VertoCall>()
  readonly subscriptions = new Subscriptions<Connection>()
  /** Operators' pages, and what each is shown until it is disposed. */
  readonly operators = new Map<Connection, OperatorWatch>()
  readonly logins = new LoginLimit()
  /** Of lines that strangers cause. */
  readonly brake = new LogBrake()
  readonly counters = vertoCounters()
  /** `verto debug`: at 1 and more every message is in the log, at this level. */
  debug: number
  debugLevel = 6
  #requests = 0

  constructor(sw: Switch) {
    this.sw = sw
    this.settings = readSettings(sw.configuration('verto.conf'), moduleSettings)
    this.debug = this.settings.number('debug')
  }

  /** Of requests of ours. */
  nextId(): number {
    return ++this.#requests
  }

  /** ms that a call outlives its socket. */
  get detachMs(): number {
    const seconds = this.settings.number('detach-timeout-sec')
    return (seconds > 0 ? seconds : 120) * 1000
  }

  /** Every open socket. */
  *connections(): Iterable<Connection> {
    for (const profile of this.profiles) yield* profile.connections
  }

  /** The sockets of a user, `id@domain`, oldest first. */
  connectionsOf(user: string): Connection[] {
    const wanted = user.toLowerCase()
    return [...this.connections()].filter(
      ({ user: own, isBound }) => isBound && own?.uid.toLowerCase() === wanted,
    )
  }

  callsOf(sessid: string): VertoCall[] {
    return [...this.calls.values()].filter((call) => call.sessid === sessid)
  }

  /** Counts something dropped, limited or refused. */
  count(what: keyof ReturnType<typeof vertoCounters>): void {
    this.counters[what]++
  }

  trace(direction: 'READ' | 'WRITE', connection: Connection, text: string): void {
    if (this.debug < 1 && connection.profile.debug < 1) return
    log.at(this.debugLevel, `${direction} ${connection.name} [${withoutSecrets(text)}]`)
  }
}

/** Passwords do not get into the log. */
function withoutSecrets(text: string): string {
  return text.replace(/("(?:passwd|password|credential)"\s*:\s*)"(?:[^"\\]|\\.)*"/gi, '$1"…"')
}

const bySwitch = new WeakMap<Switch, Verto>()

/** Undefined while mod_verto is not loaded. */
export function vertoOf(sw: Switch): Verto | undefined {
  return bySwitch.get(sw)
}

export function setVerto(sw: Switch, verto: Verto | undefined): void {
  if (verto) bySwitch.set(sw, verto)
  else bySwitch.delete(sw)
}
