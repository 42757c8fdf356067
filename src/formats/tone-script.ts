/**
 * The tone language (TGML) of `tone_stream://`, `gentones` and the ringback variables, read into steps.
 * `v=-7;%(2000,4000,440,480)`: settings and tones between semicolons, durations in ms, frequencies in Hz, levels in dB.
 */

/** What a script does, one after the other. Durations in ms; undefined takes the default set by `d=` or `w=`. */
export type ToneStep =
  | { readonly kind: 'duration' | 'wait' | 'volume' | 'loops' | 'repeat'; readonly value: number }
  /** `>=` and `<=`: every `everyMs` the level moves by the factor, down (-1) or up (1). */
  | { readonly kind: 'fade'; readonly direction: -1 | 1; readonly everyMs: number }
  /** `+=`: how many dB it moves by. */
  | { readonly kind: 'factor'; readonly value: number }
  | {
      readonly kind: 'tone'
      readonly frequencies: readonly number[]
      readonly onMs: number | undefined
      readonly offMs: number | undefined
    }

export interface ToneScript {
  readonly steps: readonly ToneStep[]
  /** What could not be understood; everything before it is in `steps`. */
  readonly problem: string | undefined
}

/** Most frequencies at once. */
const frequencyLimit = 18
const lowGroup = [697, 770, 852, 941]
const highGroup = [1209, 1336, 1477, 1633]
const rows = ['123A', '456B', '789C', '*0#D']

/** The two frequencies of each DTMF digit (ITU-T Q.23), Hz. */
export const dtmfFrequencies: ReadonlyMap<string, readonly [low: number, high: number]> = new Map(
  rows.flatMap((row, low) =>
    [...row].map((digit, high) => [digit, [lowGroup[low] ?? 0, highGroup[high] ?? 0]] as const),
  ),
)

/** As C's atoi and atof: the number that a text begins with, else 0. */
function leadingNumber(text: string): number {
  const match = /^\s*[-+]?(\d+\.?\d*|\.\d+)/.exec(text)
  return match ? Number(match[0]) : 0
}

function leadingInteger(text: string): number {
  return Math.trunc(leadingNumber(text))
}

/** A duration within brackets: a negative one takes the default, as no duration does. */
function duration(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const ms = leadingInteger(text)
  return ms < 0 ? undefined : ms
}

function setting(name: string, value: string): ToneStep | undefined {
  switch (name) {
    case 'd':
      return { kind: 'duration', value: leadingInteger(value) }
    case 'w':
      return { kind: 'wait', value: leadingInteger(value) }
    case 'v': {
      const level = leadingNumber(value)
      return level > 0 || level < -63 ? undefined : { kind: 'volume', value: level }
    }
    case '>':
      return { kind: 'fade', direction: -1, everyMs: leadingInteger(value) }
    case '<':
      return { kind: 'fade', direction: 1, everyMs: leadingInteger(value) }
    case '+':
      return { kind: 'factor', value: leadingNumber(value) }
    case 'l':
      return { kind: 'loops', value: leadingInteger(value) }
    case 'L':
      return { kind: 'repeat', value: leadingInteger(value) }
    default:
      // `c=` and `r=` are taken and change nothing: sound is made mono, at the listener's rate. Others mean nothing.
      return undefined
  }
}

/** Reads the tones of one item, `%(100,0,440)59` or `5(100,50)`; returns what is wrong with it. */
function readTones(item: string, steps: ToneStep[]): string | undefined {
  let at = 0
  while (at < item.length) {
    const mark = item.charAt(at)
    let onMs: number | undefined
    let offMs: number | undefined
    let frequencies: readonly number[] = dtmfFrequencies.get(mark) ?? []
    if (item.charAt(at + 1) === '(') {
      const close = item.indexOf(')', at)
      const end = close < 0 ? item.length : close
      const parts = item.slice(at + 2, end).split(',')
      onMs = duration(parts[0])
      offMs = duration(parts[1])
      const given = parts.slice(2, 2 + frequencyLimit).map(leadingNumber)
      const isMade = mark === '%'
      if (isMade ? given.length === 0 : parts.length !== 2) {
        return `"${item.slice(at, end + 1)}" lacks ${isMade ? 'a frequency' : '(duration,wait)'}`
      }
      if (isMade) {
        const stop = given.indexOf(0)
        frequencies = stop < 0 ? given : given.slice(0, stop)
      }
      at = end + 1
    } else {
      at++
    }
    if (frequencies.length > 0) steps.push({ kind: 'tone', frequencies, onMs, offMs })
  }
  return undefined
}

/** Reads a script. It never throws: a script with an error plays as far as the error. */
export function parseTones(text: string): ToneScript {
  const steps: ToneStep[] = []
  for (const part of text.split(';')) {
    const item = part.replace(/[ \r\n\t]+/g, '')
    if (item.charAt(1) === '=') {
      const step = setting(item.charAt(0), item.slice(2))
      if (step) steps.push(step)
    } else {
      const problem = readTones(item, steps)
      if (problem !== undefined) return { steps, problem }
    }
  }
  return { steps, problem: undefined }
}
