/** Which tones a phone hears: tones of amplitude 8000, as phones of the tests send them, found in the last that arrived or waited for. */
import assert from 'node:assert/strict'
import type { PhoneCall } from './phone.ts'
import type { RtpPeer } from './rtp-peer.ts'
import { amplitudeAt, purity } from './tone.ts'
import { patienceMs } from './until.ts'

/** Those of `frequencies` that are in some 100 ms of the last `ms`: `500 900`. */
export function hears(
  peer: RtpPeer,
  frequencies: readonly number[],
  codec = 'PCMU',
  ms = 300,
): string {
  const rate = codec === 'G722' ? 16000 : 8000
  const packets = Math.ceil(ms / 20)
  const from = Math.max(0, peer.arrived.length - packets)
  const tail = peer.heard(codec, undefined, from)
  return frequencies.filter((frequency) => isIn(tail, frequency, rate)).join(' ')
}

/** A busy machine leaves a tick out now and then: each is a jump, across which a tone would seem faint. */
function isIn(pcm: Int16Array, frequency: number, rate: number): boolean {
  const step = rate / 50
  for (let at = 0; at + step * 5 <= pcm.length; at += step)
    if (amplitudeAt(pcm, frequency, rate, at, at + step * 5) > 3000) return true
  return false
}

/** Resolves when 100 ms of a tone in PCMU have come behind packet `from`, with the number of the packet after them. */
export async function comes(
  peer: RtpPeer,
  hz: number,
  { from = peer.arrived.length, least = 0.8 } = {},
): Promise<number> {
  const end = performance.now() + patienceMs
  for (let at = from; ; ) {
    if (peer.arrived.length >= at + 5) {
      if (purity(hz, peer.heard('PCMU', 0, at).subarray(0, 800)) > least) return at + 5
      at++
    } else if (performance.now() > end) assert.fail(`${hz} Hz did not come`)
    else await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** One says a tone until all the others hear it. */
export async function isHeard(
  speaker: RtpPeer,
  hz: number,
  ...listeners: readonly RtpPeer[]
): Promise<void> {
  let isOver = false
  const speaking = (async () => {
    while (!isOver) await speaker.tone(hz, 5)
  })()
  try {
    await Promise.all(listeners.map((listener) => comes(listener, hz)))
  } finally {
    isOver = true
    await speaking
  }
}

/** Each hears the other's tone. */
export async function talk(one: PhoneCall, other: PhoneCall): Promise<void> {
  await Promise.all([isHeard(one.rtp, 440, other.rtp), isHeard(other.rtp, 700, one.rtp)])
}
