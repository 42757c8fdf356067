/** What the media tests share: settings of a leg, and legs joined to peers. */
import type {
  LegCodec,
  LegEvents,
  LegSettings,
  MediaEngine,
  MediaIo,
  MediaLeg,
  ReceivedDigit,
} from '../../src/media/engine.ts'
import { startMediaEngine } from '../../src/media/start.ts'
import { ownPorts } from './ports.ts'
import './precedence.ts'
import { RtpPeer } from './rtp-peer.ts'
import { patienceMs } from './until.ts'

export function codec(name: string, payloadType: number, more: Partial<LegCodec> = {}): LegCodec {
  return { name, payloadType, clockRate: 8000, channels: 1, fmtp: '', ptime: 20, ...more }
}

export const pcmu = codec('PCMU', 0)
export const pcma = codec('PCMA', 8)

export function settings(remotePort: number, more: Partial<LegSettings> = {}): LegSettings {
  return {
    send: pcmu,
    receive: [pcmu],
    eventSend: 101,
    eventReceive: 101,
    eventClock: 8000,
    remoteAddress: '127.0.0.1',
    remotePort,
    remoteRtcpPort: undefined,
    rtcpMux: false,
    sends: true,
    receives: true,
    latch: true,
    timeoutSeconds: 0,
    holdTimeoutSeconds: 0,
    rtcpIntervalMs: 0,
    ...more,
  }
}

let count = 0

/** A leg and the phone that it talks to. */
export async function phone(
  engine: MediaEngine,
  more: Partial<LegSettings> = {},
  near?: MediaLeg,
): Promise<{ leg: MediaLeg; peer: RtpPeer }> {
  const peer = await RtpPeer.open()
  const leg = await engine
    .openLeg({ uuid: `leg-${++count}`, address: '127.0.0.1', near })
    .catch(async (thrown: unknown) => {
      await peer[Symbol.asyncDispose]()
      throw thrown
    })
  leg.configure(settings(peer.port, more))
  peer.target = leg.localPort
  return { leg, peer }
}

/** Run from the sources the worker's file has no loader: those runs take the inline engine. */
export const hasThreads = !import.meta.url.endsWith('.ts')

export interface EngineOptions {
  readonly workers?: number
  readonly io?: MediaIo
  /** How many it may have. */
  readonly ports?: number
  /** The first of them; default: some that nobody else has. */
  readonly firstPort?: number
}

/** An engine with ports of its own; threads where they can be had. */
export async function startEngine(options: EngineOptions = {}) {
  const { workers = 1, io = 'auto', ports = 40 } = options
  const rtpStartPort = options.firstPort ?? (await ownPorts(ports))
  const rtpEndPort = rtpStartPort + ports - 1
  return startMediaEngine({ workers: hasThreads ? workers : 0, rtpStartPort, rtpEndPort, io })
}

/** Everything asked of the leg's worker before this has been done. */
export async function settled(...legs: readonly MediaLeg[]): Promise<void> {
  await Promise.all(legs.map((leg) => leg.stats()))
}

/** The next value of an event; rejects after `ms`. */
export function next<K extends keyof LegEvents>(
  leg: MediaLeg,
  event: K,
  ms = patienceMs,
): Promise<LegEvents[K]> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${event} within ${ms} ms`)), ms)
    leg.events.once(event, (value) => {
      clearTimeout(timer)
      resolve(value)
    })
  })
}

/** Collects digits as they come. */
export function digitsOf(leg: MediaLeg): ReceivedDigit[] {
  const digits: ReceivedDigit[] = []
  leg.events.on('dtmf', (digit) => digits.push(digit))
  return digits
}
