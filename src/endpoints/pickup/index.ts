/**
 * `pickup/<key>`: a leg that rings nowhere and waits among others until somebody runs `pickup <key>`; whoever does takes its place.
 * When all other legs are gone it is given up.
 */
import { logger } from '../../base/log.ts'
import { answer } from '../../core/answer.ts'
import { Channel } from '../../core/channel.ts'
import type { Application, ChannelDriver, Endpoint } from '../../core/interfaces.ts'

const log = logger('endpoints/pickup')

/** Those that wait, by key, the first one first. */
const waiting = new Map<string, PickupParty[]>()

export const pickupEndpoint: Endpoint = {
  name: 'pickup',
  module: 'mod_dptools',
  originate(leg) {
    const party = new PickupParty(leg.destination)
    const channel = new Channel({
      sw: leg.sw,
      uuid: leg.uuid,
      name: `pickup/${leg.destination}`,
      source: 'mod_dptools',
      direction: 'outbound',
      profile: leg.profile,
      driver: party,
    })
    party.channel = channel
    channel.isStandby = true
    for (const [name, value] of leg.variables.entries()) party.variables.push([name, value])
    channel.variables.set('process_cdr', 'false')
    waiting.set(leg.destination, [...(waiting.get(leg.destination) ?? []), party])
    return channel
  },
}

class PickupParty implements ChannelDriver {
  readonly #key: string
  readonly variables: [name: string, value: string | readonly string[]][] = []
  channel: Channel | undefined

  constructor(key: string) {
    this.#key = key
  }

  ring(): void {}
  progress(): Promise<void> {
    return Promise.resolve()
  }
  answer(): Promise<void> {
    return Promise.resolve()
  }
  sendDtmf(): void {}

  hangup(): void {
    const others = (waiting.get(this.#key) ?? []).filter((party) => party !== this)
    if (others.length > 0) waiting.set(this.#key, others)
    else waiting.delete(this.#key)
  }
}

export const pickup: Application = {
  name: 'pickup',
  syntax: '<key>',
  about: 'Take a call that rings for the key',
  needs: 'nothing',
  async run(channel, data) {
    const party = waiting.get(data.trim())?.[0]
    const leg = party?.channel
    if (!party || !leg?.isUp) {
      log.info(`pickup ${data}: nothing rings there`, channel.uuid)
      return
    }
    await answer(channel)
    if (!channel.isUp || !leg.isUp) return
    for (const [name, value] of party.variables) channel.variables.set(name, value)
    const { profile } = channel
    const name = profile.get('caller_id_name')
    const number = profile.get('caller_id_number')
    profile.set('caller_id_name', leg.profile.get('caller_id_name'))
    profile.set('caller_id_number', leg.profile.get('caller_id_number'))
    profile.set('callee_id_name', name)
    profile.set('callee_id_number', number)
    channel.announce('CALL_UPDATE', (event) => event.add('Direction', 'RECV'))
    leg.signals.emit('taken', channel)
  },
}
