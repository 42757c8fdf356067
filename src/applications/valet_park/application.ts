/** The application `valet_park`: parks the caller in a place, or fetches whoever stands there. */
import { delay } from '../../base/clock.ts'
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { bridgeChannels } from '../../core/bridge/bridge.ts'
import type { Channel } from '../../core/channel.ts'
import { collectDigits } from '../../core/collect.ts'
import type { Application } from '../../core/interfaces.ts'
import { originate } from '../../core/originate/originate.ts'
import { play } from '../../core/play.ts'
import { separate } from '../../core/separate.ts'
import { transfer } from '../../core/transfer.ts'
import { isFalse } from '../../core/variables.ts'
import { announceValet } from './info-event.ts'
import { type Lot, lotsOf, type Slot } from './lots.ts'
import { inlineDestination, musicOf, standIn } from './park.ts'

const log = logger('applications/valet_park')

const syntax = '<lot> <extension>|ask [<min> [<max> [<ms> [<prompt>]]]]|auto in|out <least> <most>'

/** How often a place is asked for. */
const tries = 10
/** Seconds that a parker is rung who is to be told the place. */
const parkerRingSeconds = 15
/** ms before a place is said, so that a new connection does not swallow the words. */
const beforeWordsMs = 500

export const valetPark: Application = {
  name: 'valet_park',
  syntax,
  about: 'Park the caller in a place, or fetch whoever is parked there',
  needs: 'media',
  async run(channel, data, { signal }) {
    const [name, word, ...rest] = separate(data, ' ')
    if (!name || !word) return log.err(`valet_park ${data}: ${syntax}`, channel.uuid)
    const lot = lotsOf(channel.sw).lot(name)
    switch (word.toLowerCase()) {
      case 'ask': {
        const extension = await ask(channel, rest, signal)
        if (extension) await use(channel, lot, extension, signal)
        return
      }
      case 'auto':
        return automatic(channel, lot, rest, signal)
      default:
        return use(channel, lot, word, signal)
    }
  },
}

/** The place that the caller keys in. Without one he is hung up in the end. */
async function ask(
  channel: Channel,
  words: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const number = (index: number, name: string, usual: number) => {
    const value = Number.parseInt(words[index] ?? channel.text(name) ?? '', 10)
    return value > 0 ? value : usual
  }
  const prompt = words[3] ?? channel.text('valet_ext_prompt') ?? 'ivr/ivr-enter_ext_pound.wav'
  for (let i = 0; i < tries && !signal.aborted; i++) {
    const { digits, result } = await collectDigits(channel, {
      signal,
      min: number(0, 'valet_ext_min', 1),
      max: number(1, 'valet_ext_max', 11),
      timeoutMs: number(2, 'valet_ext_to', 10_000),
      prompt,
      terminators: '#',
    })
    if (result === 'success' && digits !== '') return digits
  }
  if (!signal.aborted) channel.hangup('DESTINATION_OUT_OF_ORDER')
  return undefined
}

/** The place is found by the lot: a free one to park in, the oldest to fetch from. */
async function automatic(
  channel: Channel,
  lot: Lot,
  words: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const [way = '', least = '', most = ''] = words
  const isIn = way.toLowerCase() === 'in'
  if ((!isIn && way.toLowerCase() !== 'out') || words.length < 3)
    return log.err(`valet_park ${lot.name} auto ${words.join(' ')}: ${syntax}`, channel.uuid)
  const bounds = [Number.parseInt(least, 10) || 0, Number.parseInt(most, 10) || 0] as const
  const music = await musicOf(channel)
  const extension = isIn ? lot.firstFree(...bounds) : lot.longestHeld(...bounds)
  if (extension === undefined) {
    log.notice(`${lot.name} is ${isIn ? 'full' : 'empty'}`, channel.uuid)
    await play(channel, `phrase:${isIn ? 'valet_lot_full' : 'valet_lot_empty'}`, { signal })
    return
  }
  if (!isIn) return use(channel, lot, extension, signal)
  const slot = lot.enter(extension, channel)
  const { partner } = channel
  const destination = inlineDestination(channel, lot, slot, music)
  channel.variables.set('inline_destination', destination)
  const parker = partner ? undefined : channel.text('valet_announce_to')
  try {
    // Who parks by a blind transfer has gone already: he is called.
    if (parker) tellParker(channel, lot, extension, parker)
    else await sayPlace(channel, lot, extension, signal)
  } catch (thrown) {
    lot.vacate(slot, false)
    throw thrown
  }
  if (partner) {
    // Asked for in the middle of a talk: the other one is parked, and this one is done.
    lot.vacate(slot, true)
    if (channel.partner !== partner || !partner.isUp) return lot.vacate(slot, false)
    transfer(partner, { extension: destination, dialplan: 'inline' })
    channel.hangup('NORMAL_CLEARING')
    return
  }
  if (signal.aborted) return lot.vacate(slot, !channel.isUp)
  await standIn(channel, lot, slot, music, signal)
}

/** The phrase `valet_announce_ext` with `lot:place`, unless `valet_announce_slot` says no. */
async function sayPlace(
  channel: Channel,
  lot: Lot,
  extension: string,
  signal: AbortSignal,
): Promise<void> {
  if (isFalse(channel.text('valet_announce_slot'))) return
  if (!(await delay(beforeWordsMs, signal))) return
  await play(channel, `phrase:valet_announce_ext:${lot.name}:${extension}`, { signal })
}

/** Calls whoever has parked the caller, `valet_announce_to`, and says the place. The caller hears music meanwhile. */
function tellParker(channel: Channel, lot: Lot, extension: string, dialString: string): void {
  const { sw } = channel
  channel.variables.unset('valet_announce_to')
  void originate(sw, {
    dialString,
    timeoutSeconds: parkerRingSeconds,
    callerName: `Parked ${extension}`,
    callerNumber: extension,
  })
    .then(async (result) => {
      const parker = result.channel
      if (!parker) return log.notice(`${dialString} is not told the place: ${result.cause}`)
      const gone = new AbortController()
      parker.signals.once('hangup', () => gone.abort())
      if (parker.isUp) await sayPlace(parker, lot, extension, gone.signal)
      parker.hangup('NORMAL_CLEARING')
    })
    .catch((thrown: unknown) => log.err(`telling the place failed: ${reasonOf(thrown)}`))
}

/** Fetches whoever stands in a place, or takes it. */
async function use(
  channel: Channel,
  lot: Lot,
  extension: string,
  signal: AbortSignal,
): Promise<void> {
  const { variables } = channel
  const slot = lot.slot(extension)
  const ticket = variables.get('valet_ticket')
  if (slot && ticket !== undefined && ticket === slot.ticket) {
    variables.unset('valet_ticket')
    return takeOver(channel, lot, slot, signal)
  }
  if (slot?.keptUntil !== undefined && ticket !== undefined) {
    log.err(`${lot.name} ${extension} is kept for another ticket`, channel.uuid)
    return channel.hangup('DESTINATION_OUT_OF_ORDER')
  }
  if (slot && slot.keptUntil === undefined && !slot.isFetched && slot.holder.isUp)
    return fetchFrom(channel, lot, slot)
  await standAnew(channel, lot, lot.enter(extension, channel), signal)
}

/** The party that an attended transfer leaves takes the place of who parked it. */
async function takeOver(
  channel: Channel,
  lot: Lot,
  slot: Slot,
  signal: AbortSignal,
): Promise<void> {
  slot.isFetched = true
  await standAnew(channel, lot, lot.enter(slot.extension, channel), signal)
}

async function standAnew(
  channel: Channel,
  lot: Lot,
  slot: Slot,
  signal: AbortSignal,
): Promise<void> {
  const music = await musicOf(channel)
  channel.variables.set('inline_destination', inlineDestination(channel, lot, slot, music))
  await standIn(channel, lot, slot, music, signal)
}

async function fetchFrom(channel: Channel, lot: Lot, slot: Slot): Promise<void> {
  const parked = slot.holder
  slot.isFetched = true
  announceValet(parked, lot, slot.extension, 'bridge', channel)
  show(channel, parked)
  show(parked, channel)
  await bridgeChannels(channel, parked)
}

/** One phone shows the other party. */
function show(phone: Channel, { direction, profile }: Channel): void {
  const who = direction === 'inbound' ? 'caller' : 'callee'
  const number = profile.get(`${who}_id_number`)
  if (number) phone.driver.display?.(profile.get(`${who}_id_name`) || number, number)
}
