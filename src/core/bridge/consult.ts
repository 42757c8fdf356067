/**
 * Consult: a bridged party talks with a third one while its partner hears music, and then joins the two, goes back, or talks with
 * both (`att_xfer`). It runs beside the bridge, which is there again when the consultation ends.
 */
import { logger } from '../../base/log.ts'
import type { Channel } from '../channel.ts'
import { originate } from '../originate/originate.ts'
import { deliverDigits } from '../send-digits.ts'
import { transferRecordings } from '../session-record.ts'
import { isTrue } from '../variables.ts'
import { joinSound } from './bridge.ts'
import { startHoldMusic, stopHoldMusic } from './hold.ts'
import { joinChannels } from './join.ts'

const log = logger('core/consult')

/** One digit each. */
interface Keys {
  readonly cancel: string
  readonly hangup: string
  readonly conference: string
}

type End = 'cancelled' | 'left' | 'third gone' | 'conference'

/**
 * Dials for `channel`, whose partner waits meanwhile, and lets it talk. Keys: cancel drops the third party, hangup leaves it to the
 * partner (as hanging up does), conference joins all. Sets `att_xfer_result` where the outcome is. Resolves when it is over.
 */
export async function consult(channel: Channel, dialString: string): Promise<void> {
  const held = channel.partner
  if (!held) {
    log.warning('att_xfer: there is no other party to be transferred', channel.uuid)
    channel.variables.set('att_xfer_result', 'failure')
    return
  }
  let over = () => {}
  channel.consultation = new Promise((resolve) => {
    over = resolve
  })
  channel.guests++
  channel.signals.emit('keys', undefined)
  const bond = channel.variables.get('signal_bond')
  channel.variables.set('soft_holding_uuid', held.uuid)
  try {
    await new Consultation(channel, held).run(dialString)
  } finally {
    channel.variables.set('signal_bond', bond)
    channel.variables.unset('soft_holding_uuid')
    channel.consultation = undefined
    channel.guests--
    channel.signals.emit('keys', undefined)
    over()
  }
}

class Consultation {
  readonly #channel: Channel
  readonly #held: Channel
  readonly #followsRecording: boolean

  constructor(channel: Channel, held: Channel) {
    this.#channel = channel
    this.#held = held
    this.#followsRecording = isTrue(channel.variables.get('recording_follow_attxfer'))
  }

  async run(dialString: string): Promise<void> {
    const channel = this.#channel
    const held = this.#held
    if (this.#followsRecording) transferRecordings(held, channel)
    await startHoldMusic(channel)
    const result = await originate(channel.sw, { dialString, originator: channel })
    const third = result.channel
    if (!third) {
      log.info(`att_xfer: ${dialString} was not reached: ${result.cause}`, channel.uuid)
      channel.variables.set('att_xfer_result', 'failure')
      return this.#goBack()
    }
    const end = channel.isUp ? await this.#talk(third) : 'left'
    // The partner was joined at once where the channel left.
    if (end === 'left') return
    if (end === 'cancelled') third.hangup('NORMAL_CLEARING')
    if (third.partner === channel) third.partner = undefined
    this.#goBack()
    channel.variables.set('att_xfer_result', end === 'conference' ? 'success' : 'failure')
    if (end === 'conference') this.#conference(third)
  }

  /** Resolves when a key, or somebody's leaving, ends it. */
  #talk(third: Channel): Promise<End> {
    const channel = this.#channel
    const keys = keysOf(channel, third)
    channel.partner = third
    third.partner = channel
    third.moveTo('exchange_media')
    joinSound(channel, third)
    channel.driver.bridged?.(third)
    third.driver.bridged?.(channel)
    channel.digits.flush()
    return new Promise((resolve) => {
      const finish = (end: End) => {
        for (const handle of handles) handle[Symbol.dispose]()
        resolve(end)
      }
      const leave = () => {
        this.#handOver(third)
        finish('left')
      }
      const join = () => {
        if (channel.partner === third) joinSound(channel, third)
      }
      const handles = [
        channel.signals.on('state', leave),
        third.signals.on('state', () => finish('third gone')),
        third.signals.on('digit', ({ digit, duration }) => {
          third.digits.flush()
          deliverDigits(channel, digit, duration / 8)
        }),
        channel.signals.on('media', join),
        third.signals.on('media', join),
        channel.signals.on('digit', ({ digit, duration }) => {
          channel.digits.flush()
          if (digit === keys.hangup) channel.hangup('NORMAL_CLEARING')
          else if (digit === keys.cancel) finish('cancelled')
          else if (digit === keys.conference) finish('conference')
          else deliverDigits(third, digit, duration / 8)
        }),
      ]
      if (!channel.isUp) leave()
      else if (!third.isUp || third.state !== 'exchange_media') finish('third gone')
    })
  }

  /** The channel has left: its partner and the third party belong to each other. */
  #handOver(third: Channel): void {
    const channel = this.#channel
    const held = this.#held
    stopHoldMusic(channel)
    if (third.partner === channel) third.partner = undefined
    if (this.#followsRecording) transferRecordings(channel, third)
    const isJoined = joinChannels(third, held)
    third.variables.set('att_xfer_result', isJoined ? 'success' : 'failure')
    if (isJoined) return
    log.info(`att_xfer: ${held.name} is gone; there is nobody to join`, channel.uuid)
    third.hangup('NORMAL_CLEARING')
  }

  /** The channel talks with its partner again, if that one is still there. */
  #goBack(): void {
    const channel = this.#channel
    const held = this.#held
    stopHoldMusic(channel)
    if (!channel.isUp) return
    if (held.isUp && held.partner === channel) {
      channel.partner = held
      joinSound(channel, held)
      channel.driver.bridged?.(held)
      if (this.#followsRecording) transferRecordings(channel, held)
    } else if (channel.partner !== held) channel.partner = undefined
  }

  /** All three hear each other. When one of the first two leaves, the third goes on with the other. */
  #conference(third: Channel): void {
    const channel = this.#channel
    const held = this.#held
    if (!third.isUp) return
    if (channel.partner !== held) {
      // Nobody waits any more: the two talk alone.
      joinChannels(channel, third)
      return
    }
    third.actions = [{ application: 'three_way', data: channel.uuid }]
    third.moveTo('execute')
    const handles: Disposable[] = []
    const watch = (one: Channel, other: Channel) =>
      one.signals.on('state', () => {
        if (one.state === 'exchange_media' || one.state === 'execute') return
        for (const handle of handles) handle[Symbol.dispose]()
        if (third.isUp && other.isUp) joinChannels(third, other)
      })
    const forget = () => {
      for (const handle of handles) handle[Symbol.dispose]()
    }
    handles.push(watch(channel, held), watch(held, channel), third.signals.on('hangup', forget))
  }
}

/** The keys that the channel's variables say, else those of the third party, else the usual ones. */
function keysOf(channel: Channel, third: Channel): Keys {
  const key = (name: string, usual: string) =>
    (channel.variables.get(name) ?? third.variables.get(name) ?? usual).charAt(0)
  return {
    cancel: key('attxfer_cancel_key', '#'),
    hangup: key('attxfer_hangup_key', '*'),
    conference: key('attxfer_conf_key', '0'),
  }
}
