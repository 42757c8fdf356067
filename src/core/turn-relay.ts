/** An address at a TURN server for a leg of ours: which servers a profile names for it, and asking them before we describe ourselves. */

import { lookup } from 'node:dns/promises'
import { isIP, isIPv6 } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { placeText, reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import { onePer } from '../base/one-per.ts'
import type { MediaLeg, TurnOutcome, TurnServer } from '../media/engine.ts'
import type { XmlNode } from '../xml/node.ts'
import type { Channel } from './channel.ts'
import type { HasValues } from './codec-choice.ts'
import { credentialsFor, type IceServer, readIceServers } from './ice-servers.ts'
import type { Values } from './settings.ts'
import type { Switch } from './switch.ts'
import { iceModeOf, type RelayedPort } from './webrtc-side.ts'

const log = logger('core/turn')

/** ms that a description waits for an address at a server. */
const limitMs = 1000

/** The servers that `turn-server` of a profile names; those that are reached otherwise than by UDP are left out. */
export function readTurnServers(node: XmlNode, values: Values): readonly IceServer[] {
  const servers = readIceServers(node, 'turn-server', ({ scheme, transport }) =>
    scheme === 'turn' && transport === 'udp'
      ? undefined
      : 'is no turn:host:port over UDP, which is the only way there from here',
  )
  if (servers.length > 0 && values.text('ice-mode').toLowerCase() !== 'full')
    log.notice(`${placeText(node.place)}: turn-server is for calls with full ICE (ice-mode) only`)
  return servers
}

/** What is asked of a profile. */
export interface TurnProfile extends HasValues {
  readonly rtpIp: string
  readonly turnServers: readonly IceServer[]
}

/**
 * Asks for an address that relays to a leg, where its profile names servers and the leg makes checks of ICE (`lite` is for
 * those who can be reached). Undefined: there is none, or not in time; the log says why.
 */
export async function relayOf(
  leg: MediaLeg,
  profile: TurnProfile,
  channel: Channel,
): Promise<RelayedPort | undefined> {
  const { turnServers, rtpIp } = profile
  if (turnServers.length === 0 || iceModeOf(profile, channel) !== 'full') return undefined
  const { sw, uuid } = channel
  const figures = figuresOf(sw)
  figures['asked']++
  const outcome = await ask(leg, turnServers, isIPv6(rtpIp) ? 6 : 4, uuid)
  if (!('failure' in outcome)) {
    figures['relayed']++
    const { relayed, mapped } = outcome
    return { ...relayed, seenAt: mapped ?? { address: rtpIp, port: leg.localPort } }
  }
  figures['without']++
  log.warning(`no relayed candidate: ${outcome.failure}`, uuid)
  return undefined
}

async function ask(
  leg: MediaLeg,
  servers: readonly IceServer[],
  family: 4 | 6,
  uuid: string,
): Promise<TurnOutcome> {
  const endsAt = performance.now() + limitMs
  const found = await Promise.race([
    Promise.all(servers.map((server) => addressesOf(server, family, uuid))),
    pause(limitMs, undefined, { ref: false }),
  ])
  if (!found) return { failure: `the DNS does not answer within ${limitMs} ms` }
  const usable = found.filter((server) => server !== undefined)
  if (usable.length === 0) return { failure: 'none of the servers has a usable address' }
  return leg.relayBy(usable, Math.max(0, Math.round(endsAt - performance.now())))
}

/** A server with its address and an account for this leg; undefined where the DNS has none of our family. */
async function addressesOf(
  { url, host, port, account }: IceServer,
  family: 4 | 6,
  uuid: string,
): Promise<TurnServer | undefined> {
  if (!account) return undefined
  const credentials = credentialsFor(account, uuid, Date.now())
  const kind = isIP(host)
  try {
    const address = kind === 0 ? (await lookup(host, { family })).address : host
    if (kind === 0 || kind === family) return { name: url, address, port, ...credentials }
    log.warning(`${url}: its address is of another family than rtp-ip`, uuid)
  } catch (thrown) {
    log.warning(`${url}: ${reasonOf(thrown)}`, uuid)
  }
  return undefined
}

interface TurnFigures extends Record<string, number> {
  asked: number
  relayed: number
  /** Descriptions that went without an address at a relay. */
  without: number
}

const figuresOf = onePer((sw: Switch): TurnFigures => {
  const figures = { asked: 0, relayed: 0, without: 0 }
  sw.counters.add('turn', () => figures)
  return figures
})
