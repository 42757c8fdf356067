/** One loopback call: its two legs, the loop of sound between them, and what passes from one to the other. */

import { logger } from '../../base/log.ts'
import { Channel } from '../../core/channel.ts'
import type { HangupCause } from '../../core/hangup-cause.ts'
import type { ChannelDriver, OutgoingLeg } from '../../core/interfaces.ts'
import { receiveDigit } from '../../core/receive-digit.ts'
import { startChannel } from '../../core/state-loop.ts'
import { transfer } from '../../core/transfer.ts'
import { Bowout } from './bowout.ts'
import type { LoopbackTarget } from './index.ts'

const log = logger('endpoints/loopback')

/** Sound between the legs is linear, 8 kHz, 20 ms. */
const face = { name: 'L16', rate: 8000, bitRate: 128000 }

export class LoopbackCall {
  readonly #leg: OutgoingLeg
  readonly #target: LoopbackTarget
  #a: Channel | undefined
  #b: Channel | undefined
  #hasSound = false
  #bowout: Bowout | undefined

  constructor(leg: OutgoingLeg, target: LoopbackTarget) {
    this.#leg = leg
    this.#target = target
  }

  readonly driverA: ChannelDriver = {
    dial: () => this.#startB(),
    ring: () => undefined,
    progress: () => Promise.resolve(),
    answer: () => {
      // `answer` on the dialled leg answers nobody: the dialplan behind it does.
      this.#openSound()
      return Promise.resolve()
    },
    bridged: () => this.#bowout?.bridged(),
    sendDtmf: (digits, ms) => pressKeys(this.#b, digits, ms),
    display: (name, number) => showCallee(this.#b, name, number),
    deflect: (target) => this.#deflect(this.#b, target),
    hangup: (cause) => this.#end(this.#b, cause),
    report: () => this.#a?.variables.set('is_loopback', '1'),
  }

  readonly #driverB: ChannelDriver = {
    ring: () => this.#a?.markRinging(),
    progress: () => {
      this.#openSound()
      this.#a?.markEarly()
      return Promise.resolve()
    },
    answer: () => {
      this.#openSound()
      if (this.#a && this.#b?.isConfirmed) this.#a.isConfirmed = true
      this.#a?.markAnswered()
      return Promise.resolve()
    },
    bridged: (partner) => {
      const from = this.#b?.variables.get('other_loopback_from_uuid')
      if (partner && from) partner.variables.set('other_leg_true_id', from)
      this.#bowout?.bridged()
    },
    sendDtmf: (digits, ms) => pressKeys(this.#a, digits, ms),
    display: (name, number) => showCaller(this.#a, name, number),
    deflect: (target) => this.#deflect(this.#a, target),
    hangup: (cause) => this.#end(this.#a, cause),
    report: () => this.#b?.variables.set('is_loopback', '1'),
  }

  /** The -a leg was made. */
  begin(a: Channel): void {
    this.#a = a
    a.readCodec = face
    a.writeCodec = face
    const { originator } = this.#leg
    if (originator) a.variables.set('loopback_from_uuid', originator.uuid)
    const { application } = this.#target
    if (!application) return
    a.variables.set('loopback_app', application.name)
    a.variables.set('loopback_app_arg', application.data)
  }

  #startB(): void {
    const a = this.#a
    if (!a?.isUp) return
    const { sw } = a
    const refused = sw.channels.admit('inbound')
    if (refused) return a.hangup(refused)
    const b = new Channel({
      sw,
      uuid: crypto.randomUUID(),
      name: `loopback/${this.#target.extension}-b`,
      source: 'mod_loopback',
      direction: 'inbound',
      profile: a.profile.clone(),
      driver: this.#driverB,
    })
    this.#b = b
    b.readCodec = face
    b.writeCodec = face
    this.#passVariables(a, b)
    this.#bowout = new Bowout(a, b)
    const { application } = this.#target
    if (application) this.#planApplication(b, application)
    startChannel(b)
  }

  #passVariables(a: Channel, b: Channel): void {
    for (const [name, value] of this.#leg.variables.entries()) b.variables.set(name, value)
    for (const [name] of [...a.variables.entries()]) {
      if (name.toLowerCase().startsWith('group_confirm_')) a.variables.unset(name)
    }
    for (const name of (a.variables.get('loopback_export') ?? '').split(',')) {
      const value = name && a.text(name)
      if (value) b.variables.set(name, value)
    }
    a.variables.set('other_loopback_leg_uuid', b.uuid)
    b.variables.set('other_loopback_leg_uuid', a.uuid)
    b.variables.set('other_loopback_from_uuid', a.variables.get('loopback_from_uuid'))
    a.variables.set('loopback_leg', 'A')
    b.variables.set('loopback_leg', 'B')
  }

  /** `loopback/app=…`: in the place of a dialplan stand `pre_answer` and the application. */
  #planApplication(b: Channel, application: { name: string; data: string | undefined }): void {
    b.variables.set('loopback_app', application.name)
    b.variables.set('loopback_app_arg', application.data)
    const handle = b.signals.on('state', (state) => {
      if (state !== 'routing') return
      handle[Symbol.dispose]()
      b.actions = [
        { application: 'pre_answer', data: '' },
        { application: application.name, data: application.data ?? '' },
      ]
      b.moveTo('execute')
    })
  }

  #openSound(): void {
    const a = this.#a
    const b = this.#b
    if (this.#hasSound || !a || !b) return
    this.#hasSound = true
    const [mediaA, mediaB] = a.sw.media.openLoop(a.uuid, b.uuid)
    a.attachMedia(mediaA)
    b.attachMedia(mediaB)
  }

  #end(other: Channel | undefined, cause: HangupCause): void {
    this.#bowout?.[Symbol.dispose]()
    other?.hangup(cause)
  }

  /** `<extension> [<context> [<dialplan>]]`: sends the channel behind the other leg there. */
  #deflect(other: Channel | undefined, target: string): Promise<string> {
    const partner = other?.partner
    if (!partner) {
      log.warning(`deflect ${target}: nobody is bridged with the other leg`, other?.uuid)
      return Promise.resolve('480')
    }
    const [extension = '', context, dialplan] = target.split(' ')
    transfer(partner, { extension, context, dialplan })
    return Promise.resolve('200')
  }
}

function pressKeys(channel: Channel | undefined, digits: string, ms: number): void {
  for (const digit of digits) {
    // w and W are pauses for senders of sound; here a digit arrives as a whole.
    if (/[wW]/.test(digit)) continue
    if (channel) receiveDigit(channel, { digit, duration: Math.round(ms * 8), source: 'APP' })
  }
}

function showCallee(channel: Channel | undefined, name: string, number: string): void {
  if (name) channel?.profile.set('callee_id_name', name)
  if (number) channel?.profile.set('callee_id_number', number)
}

function showCaller(channel: Channel | undefined, name: string, number: string): void {
  if (name) channel?.profile.set('caller_id_name', name)
  if (number) channel?.profile.set('caller_id_number', number)
}
