/** Standing in a place: music until somebody comes for the party, it has waited for too long, a key is pressed or it hangs up. */
import { systemClock } from '../../base/clock.ts'
import { logger } from '../../base/log.ts'
import type { Channel } from '../../core/channel.ts'
import { play } from '../../core/play.ts'
import { transfer } from '../../core/transfer.ts'
import { announceLotPresence, announceValet } from './info-event.ts'
import type { Lot, Slot } from './lots.ts'

const log = logger('applications/valet_park')

/** Seconds after which a party is sent to its orbit where only that was given. */
const usualSeconds = 60

/** Variables that go with a parked party to whatever runs `valet_park` for it next. */
const passed = [
  'valet_parking_timeout',
  'valet_parking_orbit_exten',
  'valet_parking_orbit_dialplan',
  'valet_parking_orbit_context',
  'valet_parking_orbit_exit_key',
] as const

/** What the party hears: `valet_hold_music`, else its hold music. */
export async function musicOf(channel: Channel): Promise<string> {
  const written = channel.text('valet_hold_music') ?? channel.text('hold_music') ?? 'silence'
  const music = await channel.sw.expand(written, channel)
  return music === '' || music.toLowerCase() === 'silence' ? 'silence_stream://-1' : music
}

/** The inline destination by which another party gets into this place. */
export function inlineDestination(channel: Channel, lot: Lot, slot: Slot, music: string): string {
  const settings = passed.flatMap((name) => {
    const value = channel.text(name)
    return value === undefined ? [] : [`set:${name}=${value}`]
  })
  return `m:^:${[
    ...settings,
    `set:valet_ticket=${slot.ticket}`,
    `set:valet_hold_music=${music}`,
    `valet_park:${lot.name} ${slot.extension}`,
  ].join('^')}`
}

export async function standIn(
  channel: Channel,
  lot: Lot,
  slot: Slot,
  music: string,
  signal: AbortSignal,
): Promise<void> {
  announceValet(channel, lot, slot.extension, 'hold')
  channel.variables.set('valet_lot_extension', slot.extension)
  channel.variables.set('valet_parking_extension', slot.extension)
  announceLotPresence(lot, slot, true)
  const over = new AbortController()
  const stop = () => over.abort()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  const seconds = secondsOf(channel)
  let isLate = false
  const late = () => {
    isLate = true
    stop()
  }
  const timer = seconds > 0 ? systemClock.after(seconds * 1000, late) : undefined
  let isOrbitKey = false
  const listening = channel.signals.on('digit', ({ digit }) => {
    if (channel.guests > 0) return
    channel.digits.flush()
    isOrbitKey ||= digit === channel.text('valet_parking_orbit_exit_key')
    if (isOrbitKey || digit === '#') stop()
  })
  try {
    await hearMusic(channel, music, over.signal)
  } finally {
    timer?.cancel()
    listening[Symbol.dispose]()
    signal.removeEventListener('abort', stop)
    // With a ticket somebody else may come for the place of one who has hung up.
    lot.vacate(slot, !channel.isUp && !slot.isFetched)
    channel.variables.unset('inline_destination')
    // Somebody else may stand there by now.
    if ((lot.slot(slot.extension) ?? slot) === slot) announceLotPresence(lot, slot, false)
    announceValet(channel, lot, slot.extension, 'exit')
  }
  if ((isLate || isOrbitKey) && !signal.aborted) sendToOrbit(channel)
}

/** A sound that cannot be played leaves silence; the party stays. */
async function hearMusic(channel: Channel, music: string, signal: AbortSignal): Promise<void> {
  let path = music
  while (!signal.aborted) {
    const { ended } = await play(channel, path, { signal, loops: -1 })
    if (ended === 'closed') return
    if (ended === 'stopped') continue
    if (path === silence) return log.err('not even silence can be played', channel.uuid)
    path = silence
  }
}

const silence = 'silence_stream://-1'

function secondsOf(channel: Channel): number {
  const own = Number.parseInt(channel.text('valet_parking_timeout') ?? '', 10)
  if (own > 0) return own
  return channel.text('valet_parking_orbit_exten') === undefined ? 0 : usualSeconds
}

function sendToOrbit(channel: Channel): void {
  const extension = channel.text('valet_parking_orbit_exten')
  if (!extension) return
  transfer(channel, {
    extension,
    dialplan: channel.text('valet_parking_orbit_dialplan'),
    context: channel.text('valet_parking_orbit_context'),
  })
}
