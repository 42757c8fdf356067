/** Numbers that a party may dial during a call, and what they do (`bind_digit_action`). */

import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import { broadcastOn } from './broadcast.ts'
import type { Channel } from './channel.ts'
import type { DigitWay } from './digit-filters.ts'
import { DigitMachine, type MachineTimes } from './digit-machine.ts'
import { executeApplication } from './execute.ts'
import { receiveDigit } from './receive-digit.ts'
import { deliverDigits } from './send-digits.ts'

const log = logger('core/digit-actions')

const usualDigitMs = 1500
/** Of a digit that nothing wanted and that goes on, samples at 8 kHz. */
const passedDuration = 2000

export type Target = 'self' | 'peer' | 'both'

export interface DigitAction {
  /** `exec:app`, `exec[flags]:app`, `api:command`, or a word for a CHANNEL_DATA event. */
  readonly what: string
  readonly value: string
  /** Whose leg it happens on. */
  readonly target: Target
}

type Machines = Map<DigitWay, { machine: DigitMachine<DigitAction>; filter: Disposable }>

const machines = new WeakMap<Channel, Machines>()

/** The sides that a target names: the own party's digits, those of whoever it talks with. */
function waysOf(target: Target): DigitWay[] {
  if (target === 'both') return ['sent', 'received']
  return [target === 'peer' ? 'sent' : 'received']
}

/** Binds digits or `~expression` in a realm, which becomes the active one. Throws what a bad expression throws. */
export function bindDigits(
  channel: Channel,
  realm: string,
  digits: string,
  target: Target,
  action: DigitAction,
): void {
  const table: Machines = machines.get(channel) ?? new Map()
  machines.set(channel, table)
  for (const way of waysOf(target)) {
    const known = table.get(way)
    const machine = known?.machine ?? newMachine(channel, way)
    if (!known) {
      const filter = channel.keys.add(way, (digit) => !machine.feed(digit))
      table.set(way, { machine, filter })
      channel.signals.once('hangup', () => machine.close())
    }
    machine.bind(realm, digits, isPriority(action), action)
    const terminators = channel.variables.get('bda_terminators')
    if (terminators) machine.setTerminators(terminators)
    log.info(`${digits} in ${realm}: ${action.what} ${action.value}`, channel.uuid)
  }
}

/** Ends the bindings of a realm; `all` of every realm. */
export function clearDigits(channel: Channel, realm: string, target: Target): void {
  const table = machines.get(channel)
  for (const way of waysOf(target)) {
    const entry = table?.get(way)
    if (!entry) continue
    if (realm !== '' && realm.toLowerCase() !== 'all') {
      entry.machine.clearRealm(realm)
      continue
    }
    entry.machine.close()
    entry.filter[Symbol.dispose]()
    table?.delete(way)
  }
}

/** Makes a realm the active one, `none` none. False when there is no such realm. */
export function setDigitRealm(channel: Channel, realm: string, target: Target): boolean {
  const entries = waysOf(target).map((way) => machines.get(channel)?.get(way))
  return entries.every((entry) => entry?.machine.setRealm(realm) ?? realm.toLowerCase() === 'none')
}

function newMachine(channel: Channel, way: DigitWay): DigitMachine<DigitAction> {
  const number = (name: string, otherwise: number) => {
    const value = Number.parseInt(channel.variables.get(name) ?? '', 10)
    return value >= 0 ? value : otherwise
  }
  const times: MachineTimes = {
    digitMs: number('bind_digit_digit_timeout', usualDigitMs),
    inputMs: number('bind_digit_input_timeout', 0),
  }
  return new DigitMachine<DigitAction>(
    {
      matched: (action, digits) => act(channel, action, digits),
      failed: (digits) => goOn(channel, way, digits),
    },
    times,
  )
}

/** Digits that nothing wanted are dialled as if nobody had looked at them. */
function goOn(channel: Channel, way: DigitWay, digits: string): void {
  if (!channel.isUp) return
  const shown = way === 'sent' ? (channel.partner ?? channel) : channel
  shown.variables.set('last_non_matching_digits', digits)
  if (digits === '') return
  shown.announce('CHANNEL_DATA', (event) => event.add('digits', digits))
  if (way === 'sent') return deliverDigits(channel, digits, passedDuration / 8)
  for (const digit of digits)
    receiveDigit(channel, { digit, duration: passedDuration, source: 'APP' }, true)
}

function isPriority({ what }: DigitAction): boolean {
  return /^(exec|api:)\[[^\]]*P[^\]]*\]/.test(what)
}

function act(channel: Channel, action: DigitAction, digits: string): void {
  if (!channel.isUp) return
  const { partner } = channel
  const legs =
    action.target === 'self' || !partner
      ? [channel]
      : action.target === 'peer'
        ? [partner]
        : [partner, channel]
  for (const leg of legs) actOn(leg, action, digits)
}

function actOn(leg: Channel, { what, value, target }: DigitAction, digits: string): void {
  const { variables } = leg
  variables.set('last_matching_digits', digits)
  log.debug(`${digits}: ${what} ${value}`, leg.uuid)
  const [, flags = '', application = ''] = /^exec(?:\[([^\]]*)\])?:(.*)$/i.exec(what) ?? []
  const isInline = flags.includes('i')
  const command = /^api:(.*)$/i.exec(what)?.[1]
  leg.announce('CHANNEL_DATA', (event) => {
    event.add(application || command || what, value)
    event.add('digits', digits)
    if (application) event.add('execute', isInline ? 'blocking' : 'non-blocking')
  })
  if (application && !isInline)
    return broadcastOn(leg, `${application}::${value}`, target !== 'both' && !flags.includes('H'))
  const work = application
    ? executeApplication(leg, application, value, { persists: true })
    : command !== undefined
      ? runCommand(leg, command, value)
      : undefined
  void work?.catch((thrown: unknown) => log.err(`${what} failed: ${reasonOf(thrown)}`, leg.uuid))
}

async function runCommand(leg: Channel, command: string, value: string): Promise<void> {
  const reply = await leg.sw.runCommand(`${command} ${value}`.trim(), leg)
  leg.variables.set('bind_digit_action_api_result', reply)
}
