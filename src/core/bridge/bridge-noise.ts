/** Noise for a party while the other one sends nothing (`bridge_generate_comfort_noise` of the silent one). */
import type { Channel } from '../channel.ts'

/** What `true` stands for; more is softer. */
const usual = 1400
const most = 10_000

/** The level that a value names; 0: none. -1 is pure silence. */
export function noiseLevel(value: string | undefined): number {
  if (value === undefined) return 0
  if (value.toLowerCase() === 'true') return usual
  const level = Number.parseInt(value, 10)
  return Number.isNaN(level) || level < -1 || level > most ? 0 : level
}

/** Makes the noise until disposed. */
export function makeBridgeNoise(a: Channel, b: Channel): Disposable {
  const heard = [
    [a, b],
    [b, a],
  ] as const
  const listeners = heard.flatMap(([silent, listener]) => {
    const level = noiseLevel(silent.variables.get('bridge_generate_comfort_noise'))
    if (level === 0) return []
    listener.media?.sendSilence(level)
    return [listener]
  })
  return {
    [Symbol.dispose]: () => {
      for (const listener of listeners) listener.media?.sendSilence(0)
    },
  }
}
