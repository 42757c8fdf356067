/**
 * Bowout: loopback legs step aside. When both are bridged, the channels behind them are joined with each other; with
 * `loopback_bowout_on_execute=true` the channel behind the -a leg executes what the -b leg has found.
 */
import type { Timer } from '../../base/clock.ts'
import { systemClock } from '../../base/clock.ts'
import { logger } from '../../base/log.ts'
import { joinChannels } from '../../core/bridge/join.ts'
import type { Channel } from '../../core/channel.ts'
import { isFalse, isTrue } from '../../core/variables.ts'

const log = logger('endpoints/loopback')

/** Both legs have been bridged so long before they step aside, ms (a hundred frames of 20 ms). */
const settleMs = 2000

export class Bowout implements Disposable {
  readonly #a: Channel
  readonly #b: Channel
  readonly #watch: Disposable
  #timer: Timer | undefined

  constructor(a: Channel, b: Channel) {
    this.#a = a
    this.#b = b
    this.#watch = b.signals.on('state', (state) => {
      if (state === 'execute') this.#onExecute()
    })
  }

  /** One of the legs was bridged or left its bridge. */
  bridged(): void {
    const isSettled = this.#a.partner && this.#b.partner && this.#a.isAnswered && this.#b.isAnswered
    if (!isSettled) {
      this.#timer?.cancel()
      this.#timer = undefined
    } else if (mayStepAside(this.#a) && mayStepAside(this.#b)) {
      this.#timer ??= systemClock.after(settleMs, () => this.#join())
    }
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel()
    this.#watch[Symbol.dispose]()
  }

  #join(): void {
    this.#timer = undefined
    const left = channelBehind(this.#a)
    const right = channelBehind(this.#b)
    if (!left?.partner || !right?.partner) return
    log.info(`${this.#a.name} steps aside: ${left.name} joins ${right.name}`, this.#a.uuid)
    this.#a.variables.set('loopback_hangup_cause', 'bridge')
    this.#a.variables.set('loopback_bowout_other_uuid', left.uuid)
    this.#b.variables.set('loopback_hangup_cause', 'bridge')
    this.#b.variables.set('loopback_bowout_other_uuid', right.uuid)
    joinChannels(left, right)
  }

  /** The -b leg is about to execute what its dialplan has found. */
  #onExecute(): void {
    const a = this.#a
    const b = this.#b
    const wants =
      isTrue(b.variables.get('loopback_bowout_on_execute')) ||
      b.actions.some((action) => action.application === 'unloop')
    if (!wants) return
    const real = callerBehind(a)
    if (!real) return
    log.info(`${b.name} steps aside for ${real.name}`, b.uuid)
    b.sw.events.announce(
      'CUSTOM',
      (event) => {
        event.add('Resigning-UUID', b.uuid)
        event.add('Resigning-Peer-UUID', a.uuid)
        event.add('Acquired-UUID', real.uuid)
      },
      'loopback::bowout',
    )
    const profile = b.profile.clone()
    real.replaceProfile(profile)
    b.variables.set('loopback_hangup_cause', 'bowout')
    b.variables.set('loopback_bowout_other_uuid', real.uuid)
    const actions = b.actions.filter((action) => action.application !== 'unloop')
    b.actions = []
    // The caller leaves the bridge (or the dialling) that led here, and the loopback legs end with it.
    real.actions = actions
    real.moveTo('execute')
    b.hangup('NORMAL_CLEARING')
  }
}

/** A leg steps aside unless `loopback_bowout` says no. */
function mayStepAside(leg: Channel): boolean {
  const wish = leg.variables.get('loopback_bowout')
  return wish === undefined || isTrue(wish)
}

/** The channel bridged with a leg, through further loopback calls if need be. */
function channelBehind(leg: Channel): Channel | undefined {
  let behind = leg.partner
  for (let hops = 0; behind && isLoopback(behind) && hops < 32; hops++) {
    if (isFalse(behind.variables.get('loopback_bowout'))) break
    const twin = behind.variables.get('other_loopback_leg_uuid')
    behind = twin === undefined ? undefined : leg.sw.channels.get(twin)?.partner
  }
  return behind
}

/** The same for a leg that is still being dialled: whoever dials it. */
function callerBehind(leg: Channel): Channel | undefined {
  const bridged = channelBehind(leg)
  if (bridged) return bridged
  const caller = leg.sw.channels.get(leg.variables.get('originator') ?? '')
  return caller && isLoopback(caller) ? undefined : caller
}

/** Every loopback leg knows its twin, and no other channel has one. */
function isLoopback(channel: Channel): boolean {
  return channel.variables.has('other_loopback_leg_uuid')
}
