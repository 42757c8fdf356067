/** What is told of parking lots: the events `valet_parking::info`, and whether somebody stands there as presence. */
import type { Channel } from '../../core/channel.ts'
import { announceLinePresence } from '../../core/presence-event.ts'
import type { Lot, Slot } from './lots.ts'

export function announceValet(
  channel: Channel,
  lot: Lot,
  extension: string,
  action: 'hold' | 'bridge' | 'exit',
  bridgeTo?: Channel,
): void {
  channel.announce(
    'CUSTOM',
    (event) => {
      event.add('Valet-Lot-Name', lot.name)
      event.add('Valet-Extension', extension)
      event.add('Action', action)
      if (bridgeTo) event.add('Bridge-To-UUID', bridgeTo.uuid)
    },
    'valet_parking::info',
  )
}

/** The lot as a whole, and one place of it: for lamps that watch `park+6001@domain`. */
export function announceLotPresence(lot: Lot, slot: Slot, isHeld: boolean): void {
  const { sw } = slot.holder
  const [name = '', ownDomain] = lot.name.split('@')
  const domain = ownDomain ?? sw.globals.get('domain') ?? ''
  const count = lot.held().length
  announceLinePresence(sw, {
    protocol: 'park',
    login: name,
    from: `${name}@${domain}`,
    isActive: count > 0,
    status: count > 0 ? `Active (${count} caller${count === 1 ? '' : 's'})` : 'Empty',
    rpid: count > 0 ? 'active' : 'unknown',
  })
  announceLinePresence(sw, {
    protocol: 'park',
    login: slot.extension,
    from: `${slot.extension}@${domain}`,
    isActive: isHeld,
    status: !isHeld ? 'Empty' : slot.isFetched ? 'Active' : 'Holding',
    rpid: isHeld ? 'active' : 'unknown',
    direction: isHeld && !slot.isFetched ? 'outbound' : 'inbound',
  })
}
