/** Phones in conferences: calls into them, what they hear there, and what is told of them. */
import assert from 'node:assert/strict'
import type { SwitchEvent } from '../../src/core/events.ts'
import { pressKeys } from './keys.ts'
import type { CallOptions, PhoneCall } from './phone.ts'
import { dialled, type SipSwitch } from './sip-switch.ts'
import { amplitudeAt } from './tone.ts'
import { patienceMs } from './until.ts'

export const actionOf = (action: string) => (event: SwitchEvent) => event.get('Action') === action

/** Every event of a conference with this action so far. */
export function told(sw: SipSwitch, action: string): SwitchEvent[] {
  return sw.events.filter(
    (event) => event.subclass === 'conference::maintenance' && event.get('Action') === action,
  )
}

/** Resolves when so many members have come in all. */
export function untilCame(sw: SipSwitch, count: number): Promise<void> {
  return sw.until(() => told(sw, 'add-member').length >= count)
}

/** A phone that has called and is in: its number among the members. */
export async function joined(
  sw: SipSwitch,
  user: string,
  number: string,
  options: CallOptions = {},
): Promise<{ call: PhoneCall; id: string }> {
  const before = told(sw, 'add-member').length
  const call = await dialled(sw, user, number, options)
  await untilCame(sw, before + 1)
  return { call, id: told(sw, 'add-member').at(-1)?.get('Member-ID') ?? '' }
}

/** Presses digits as events of RFC 4733, all of them at once: no machine is so busy that they would be taken for several entries. */
export async function press(call: PhoneCall, digits: string): Promise<void> {
  await pressKeys(call.rtp, digits)
}

/** The loudest that a tone was in pieces of 80 ms of what a phone heard; 8000 is that of a phone's own. */
export function loudest(call: PhoneCall, tone: number, from: number): number {
  const heard = call.rtp.heard('PCMU', undefined, from)
  let most = 0
  for (let at = 0; at + 640 <= heard.length; at += 160)
    most = Math.max(most, amplitudeAt(heard.subarray(at, at + 640), tone, 8000))
  return most
}

/** Resolves when a phone hears a tone in what arrives from now on (or from packet `from` on). */
export async function untilHears(
  call: PhoneCall,
  tone: number,
  from = call.rtp.arrived.length,
): Promise<void> {
  const end = performance.now() + patienceMs
  while (loudest(call, tone, from) < 1000) {
    if (performance.now() > end) assert.fail(`${tone} Hz was not heard in ${patienceMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 60))
  }
}

/** Which tones each phone hears while the first of them talk, each with the tone of its place. */
export async function whoHears(
  calls: readonly PhoneCall[],
  tones: readonly number[],
  listeners: readonly PhoneCall[] = calls,
): Promise<boolean[][]> {
  const talking = calls.map((call, index) => call.rtp.tone(tones[index] ?? 0, 55))
  await new Promise((resolve) => setTimeout(resolve, 500))
  // What was said before this has gone by.
  const begins = listeners.map(({ rtp }) => rtp.arrived.length)
  await Promise.all(talking)
  // What nobody says is not heard for a fifth of a second.
  if (calls.length === 0)
    await Promise.all(listeners.map(({ rtp }, index) => rtp.until((begins[index] ?? 0) + 10)))
  return listeners.map((call, index) =>
    tones.map((tone) => loudest(call, tone, begins[index] ?? 0) > 1500),
  )
}
