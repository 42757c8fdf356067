/** What a leg is doing at this moment, for whoever asks why it sounds as it does. */
import type { LegDescription, LegSettings, SoundWay, WireTerms } from './engine.ts'
import type { Leg } from './leg.ts'
import { legStats } from './leg-stats.ts'
import { PipeLeg } from './pipe-leg.ts'
import { RtpLeg } from './rtp-leg.ts'

/** ms since the epoch of a time on `performance.now()`'s clock; null for one that never was. */
function epochOf(time: number | null): number | null {
  return time === null || time < 0 ? null : Math.round(performance.timeOrigin + time)
}

/** Undefined for legs without a wire. */
export function describeLeg(leg: Leg | undefined): LegDescription | undefined {
  if (!(leg instanceof RtpLeg)) return undefined
  const { settings, sender, peer } = leg
  return {
    stats: legStats(leg),
    terms: settings && termsOf(settings),
    suite: sender.crypto?.figures?.suite,
    openedAt: Math.round(performance.timeOrigin + leg.openedAt),
    firstPacketAt: epochOf(leg.firstPacketAt),
    lastSentAt: epochOf(sender.lastSentAt),
    sendsTo: sender.port === 0 ? '' : `${sender.address}:${sender.port}`,
    input: inputOf(leg),
    partner: partnerOf(leg),
    hasFloorTaken: leg.hasFloorTaken,
    isHeard: leg.isHeard,
    isLent: leg.isLent,
    mutedRead: leg.readVolume.isMuted,
    mutedWrite: leg.writeVolume.isMuted,
    bugs: leg.taps.size + (leg.readBugs ? 1 : 0) + (leg.writeBugs ? 1 : 0),
    drops: leg.drops.counts,
    strangeType: leg.strangeType,
    strangeSource: leg.strangePort === 0 ? '' : `${leg.strangeAddress}:${leg.strangePort}`,
    isLatchOpen: leg.latch.isOpen,
    webrtc: leg.webrtc,
    peerDrops: peer instanceof RtpLeg && peer !== leg ? peer.drops.counts : {},
  }
}

/** What was agreed, without what is secret. */
function termsOf(settings: LegSettings): WireTerms {
  const { send, receive, remoteAddress, remotePort, sends, receives, latch } = settings
  const { eventSend, eventReceive, eventClock, comfortNoise, timeoutSeconds, rtcpIntervalMs } =
    settings
  return {
    send,
    receive,
    remoteAddress,
    remotePort,
    sends,
    receives,
    latch,
    eventSend,
    eventReceive,
    eventClock,
    digits: settings.digits ?? 'media',
    comfortNoise,
    timeoutSeconds,
    rtcpIntervalMs,
    hasIce: settings.ice !== undefined,
  }
}

function inputOf(leg: RtpLeg): LegDescription['input'] {
  const { lastInput, reception } = leg
  if (!lastInput) return undefined
  const { codec, clock } = lastInput
  return {
    codec: codec.name,
    payloadType: codec.payloadType,
    ptime: codec.ptime,
    packetMs: reception.step > 0 ? (reception.step * 1000) / clock : null,
    way: wayOf(leg),
  }
}

function wayOf(leg: RtpLeg): SoundWay {
  const { lastInput, peer } = leg
  if (lastInput && lastInput.relayAs >= 0) return lastInput.table ? 'translated' : 'relayed'
  if (!leg.isHeard) return 'unheard'
  return peer instanceof RtpLeg && peer !== leg ? 'transcoded' : 'decoded'
}

function partnerOf({ peer, id }: RtpLeg): LegDescription['partner'] {
  if (peer === undefined) return 'nobody'
  if (peer.id === id) return 'echo'
  if (peer instanceof RtpLeg) return 'leg'
  return peer instanceof PipeLeg ? 'pipe' : 'other'
}
