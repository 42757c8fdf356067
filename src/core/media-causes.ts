/**
 * Why a party is not heard, or not heard well: one rule a cause, the most telling first. Each looks at what is known of one
 * leg and says its sentence, or nothing.
 */
import { staticCodec } from '../codecs/index.ts'
import { type LegFacts, lastHeardAt, silentSince } from './media-facts.ts'
import { flawPercent } from './media-figures.ts'
import { noKeys, noWay } from './webrtc-causes.ts'

/** A party of whom nothing came for so long is called silent. */
export const silentMs = 2000
/** Fewer odd packets are what every line has now and then. */
const fewPackets = 5

type Rule = (facts: LegFacts) => string | undefined

/** All that apply, the likeliest first. */
export function causesOf(facts: LegFacts): string[] {
  const found: string[] = []
  for (const rule of rules) {
    const sentence = rule(facts)
    if (sentence !== undefined) found.push(sentence)
  }
  return found
}

const rules: readonly Rule[] = [
  noSound,
  past,
  noWay,
  noKeys,
  wrongKeys,
  replayed,
  unknownType,
  foreignSource,
  held,
  muted,
  neverCame,
  stopped,
  otherPacketTime,
  undecodable,
  nowhereToSend,
  apart,
  ownSound,
  lossy,
  uneven,
  lossyFarEnd,
  slow,
  doubled,
]

function noSound({ way, callState }: LegFacts): string | undefined {
  return way === 'none' ? `the call has no sound yet: it is ${callState}` : undefined
}

function past({ way }: LegFacts): string | undefined {
  if (way !== 'past') return undefined
  return 'the parties send to each other past this server (bypass media): nothing of it is seen here'
}

function dropped({ wire }: LegFacts, reason: string): number {
  return wire?.drops[reason] ?? 0
}

function received({ wire }: LegFacts): number {
  return wire?.stats.in.packets ?? 0
}

/** Whether so many refused packets explain something: they are many, beside those that were taken. */
function isTelling(facts: LegFacts, refused: number): boolean {
  return refused > fewPackets && refused * 10 > received(facts)
}

function wrongKeys(facts: LegFacts): string | undefined {
  const { suite } = facts.wire ?? {}
  const count = dropped(facts, 'SRTP not authentic') + dropped(facts, 'SRTP short')
  if (!suite || !isTelling(facts, count)) return undefined
  return `SRTP: ${count} packets failed authentication under ${suite}: the keys differ, or it sends in the clear`
}

function replayed(facts: LegFacts): string | undefined {
  const count = dropped(facts, 'SRTP replayed')
  if (!isTelling(facts, count)) return undefined
  return `SRTP: ${count} packets came again that had come before: its numbering began anew under the same key, or somebody replays them`
}

function unknownType(facts: LegFacts): string | undefined {
  const count = dropped(facts, 'payload type')
  if (!isTelling(facts, count)) return undefined
  const type = facts.wire?.strangeType ?? -1
  const known = staticCodec(type)
  const name = known ? ` (${known.name})` : ''
  return `packets come with payload type ${type}${name} that was not agreed: ${count} dropped`
}

function foreignSource(facts: LegFacts): string | undefined {
  const { wire } = facts
  const count = dropped(facts, 'source')
  if (!wire || !isTelling(facts, count)) return undefined
  const from = `${count} packets came from ${wire.strangeSource} and were dropped, for the party is at ${wire.stats.remote}`
  if (wire.webrtc?.ice) return `${from}: no good ICE check has come from there`
  if (!wire.terms?.latch)
    return `${from}: the source is not followed (disable-rtp-auto-adjust, rtp_auto_adjust)`
  return `${from}: it moved without a re-INVITE, or somebody else sends`
}

function held({ wire, theirs, ours }: LegFacts): string | undefined {
  const terms = wire?.terms
  if (!terms || (terms.sends && terms.receives)) return undefined
  const isOld = terms.remoteAddress === '0.0.0.0'
  if (isOld) return 'one-way: the far end is on hold (its SDP gives the address 0.0.0.0)'
  if (theirs?.direction === 'sendonly')
    return 'one-way: the far end is on hold (a=sendonly): it is not to hear us'
  if (theirs?.direction === 'inactive') return 'no sound: the far end is on hold (a=inactive)'
  if (theirs?.direction === 'recvonly')
    return 'one-way: the far end only listens (a=recvonly): nothing is to be heard of it'
  if (ours && ours.direction !== 'sendrecv')
    return `one-way: we hold the far end (our SDP says a=${ours.direction})`
  return terms.receives ? 'one-way: nothing is sent to it' : 'one-way: it is not listened to'
}

function muted({ wire }: LegFacts): string | undefined {
  if (!wire || (!wire.mutedRead && !wire.mutedWrite)) return undefined
  const what =
    wire.mutedRead && wire.mutedWrite
      ? 'what this party says and hears'
      : wire.mutedRead
        ? 'what this party says'
        : 'what this party hears'
  return `muted here by uuid_audio or set_mute: ${what} is silence`
}

function neverCame(facts: LegFacts): string | undefined {
  const { wire, theirs, ours, signalledFrom } = facts
  if (lastHeardAt(facts) !== null || silentSince(facts, silentMs) === undefined) return undefined
  // Without a way or keys nothing can come, which other rules tell.
  const { ice, dtls } = wire?.webrtc ?? {}
  if ((ice && ice.state !== 'connected') || (dtls && dtls.state !== 'connected')) return undefined
  // Something came, and another rule says why it was not taken.
  if (['payload type', 'source', 'SRTP not authentic'].some((why) => dropped(facts, why) > 0))
    return undefined
  const target = wire?.sendsTo
    ? `we send to ${wire.sendsTo} but nothing comes back`
    : 'nothing comes, and nothing is sent'
  const strange = dropped(facts, 'not RTP')
  if (strange > 0) return `${strange} packets came that are no RTP, and nothing else`
  if (theirs && isPrivate(theirs.address) && isElsewhere(theirs.address, signalledFrom))
    return `${target}: the phone's SDP gave the private address ${theirs.address}, its signalling comes from ${signalledFrom}: it is behind NAT and never sent a packet`
  if (ours && isPrivate(ours.address) && signalledFrom && !isInside(signalledFrom))
    return `${target}: our SDP gives the private address ${ours.address} to a party at ${signalledFrom}, which cannot send there (ext-rtp-ip)`
  return `${target}: a firewall lies between, or the phone sends elsewhere than to ${ours ? `${ours.address}:${ours.port}` : 'our port'}`
}

function stopped(facts: LegFacts): string | undefined {
  const since = silentSince(facts, silentMs)
  if (since === undefined || lastHeardAt(facts) === null) return undefined
  const seconds = ((facts.now - since) / 1000).toFixed(0)
  if ((facts.wire?.stats.in.cngPackets ?? 0) > 0)
    return `silent for ${seconds} s: it leaves out silence (comfort noise came), or is gone`
  return `${received(facts)} packets came, and none for ${seconds} s: the phone went away, lost its network or moved to another port`
}

function otherPacketTime({ wire, ours }: LegFacts): string | undefined {
  const input = wire?.input
  // What is asked of the party stands in our description; the worker's terms follow the packets (rtp-autofix-timing).
  const asked = ours?.ptime ?? input?.ptime
  if (!input?.packetMs || asked === undefined || Math.abs(input.packetMs - asked) < 1)
    return undefined
  const isTaken = Math.abs(input.packetMs - input.ptime) < 1
  const taken = isTaken ? 'they are taken so' : 'they are not expected (rtp-autofix-timing)'
  return `the peer's packets are ${round(input.packetMs)} ms though the SDP says ${asked} ms: ${taken}`
}

function undecodable(facts: LegFacts): string | undefined {
  const count = dropped(facts, 'no codec')
  const { input } = facts.wire ?? {}
  if (count === 0 || !input) return undefined
  return `${input.codec} can be passed on but not decoded here, and the other side of the call has another codec`
}

function nowhereToSend({ wire }: LegFacts): string | undefined {
  const terms = wire?.terms
  if (!terms?.sends || wire?.sendsTo !== '' || wire.isLent) return undefined
  return `nothing can be sent: ${terms.remoteAddress || 'no address'}:${terms.remotePort} is no place to send to`
}

function apart({ wire, isBridged }: LegFacts): string | undefined {
  if (!isBridged || wire?.partner !== 'nobody' || wire.isLent) return undefined
  return 'the call is bridged but its sound is not joined with the other party'
}

function ownSound({ wire, isBridged }: LegFacts): string | undefined {
  if (!isBridged || !wire?.hasFloorTaken) return undefined
  return 'a sound from here plays to this party, who does not hear the other one meanwhile'
}

function lossy({ wire }: LegFacts): string | undefined {
  if (!wire) return undefined
  const percent = flawPercent(wire.stats)
  if (percent < 1) return undefined
  const { burst, lost } = wire.stats
  const late = wire.stats.in.jitterPackets
  const bursts =
    burst && burst.bursts > 0
      ? `, ${burst.bursts} bursts of ${round(burst.burstPackets)} packets`
      : ''
  return `${round(percent)} % of its packets do not come in time: ${lost} lost${bursts}, ${late} too late`
}

function uneven({ wire }: LegFacts): string | undefined {
  const jitter = wire?.stats.jitterMs ?? 0
  if (jitter < 30) return undefined
  const buffer = wire?.stats.buffer ? '' : '; there is no jitter buffer here (jitterbuffer_msec)'
  return `its packets come unevenly: jitter ${round(jitter)} ms${buffer}`
}

function lossyFarEnd({ wire }: LegFacts): string | undefined {
  const { farLost, out } = wire?.stats ?? {}
  if (!farLost || !out || farLost * 100 < out.packets) return undefined
  return `the far end misses ${round((100 * farLost) / Math.max(farLost, out.packets))} % of what we send`
}

function slow({ wire }: LegFacts): string | undefined {
  const trip = wire?.stats.roundTripMs ?? 0
  return trip < 300 ? undefined : `the way is long: ${round(trip)} ms there and back`
}

function doubled(facts: LegFacts): string | undefined {
  const count = facts.wire?.stats.duplicates ?? 0
  return isTelling(facts, count) ? `${count} packets came twice` : undefined
}

/** An address that only means something in its own network (RFC 1918, 6598, 3927, 4193). */
export function isPrivate(address: string): boolean {
  const [a = -1, b = -1] = address.split('.').map(Number)
  if (address.includes(':')) return /^f[cd]|^fe[89ab]/i.test(address)
  if (a === 10 || (a === 192 && b === 168) || (a === 169 && b === 254)) return true
  return (a === 172 && b >= 16 && b < 32) || (a === 100 && b >= 64 && b < 128)
}

/** In the same machine or in a private network. */
function isInside(address: string): boolean {
  return isPrivate(address) || address.startsWith('127.') || address === '::1'
}

function isElsewhere(address: string, signalledFrom: string): boolean {
  return signalledFrom !== '' && signalledFrom !== address
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10)
}
