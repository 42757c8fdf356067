/** What `jitterbuffer`, `uuid_jitterbuffer`, `jitterbuffer_msec` and `auto-jitterbuffer-msec` say, in milliseconds. */
import { SwitchError } from '../base/errors.ts'

export interface JitterSettings {
  /** The least sound that is held back, and what it begins with; ms. */
  readonly length: number
  /** The most; ms. */
  readonly max: number
  /** How far the delay may stray from what the network needs before it is put right; ms. */
  readonly drift: number
}

export type JitterOrder =
  | { readonly action: 'set'; readonly settings: JitterSettings }
  | { readonly action: 'pause' | 'resume' | 'stop' }
  /** Writes what it does to a file; undefined stops that. */
  | { readonly action: 'debug'; readonly path: string | undefined }
  /** Of the video or text stream: frames to hold, and the most. */
  | {
      readonly action: 'size'
      readonly stream: 'video' | 'text'
      readonly frames: number
      readonly max: number
    }

const shortest = 10
const longest = 10_000

/**
 * `<length>[p][:<max>[p][:<drift>]]`, where `p` or a negative number counts packets of `ptime` ms, or
 * `pause | resume | stop | debug:<file|off> | vbsize:<n>[:<max>] | tbsize:<n>[:<max>]`. A length outside of 10 to
 * 10000 ms is one packet; the default most is 50 times the length. Throws SwitchError JITTER_BAD_ORDER.
 */
export function parseJitter(text: string, ptime: number): JitterOrder {
  const order = text.trim()
  const word = order.toLowerCase()
  if (word === 'pause' || word === 'resume' || word === 'stop') return { action: word }
  const [head = '', ...rest] = order.split(':')
  const name = head.toLowerCase()
  if (name === 'debug' && rest.length > 0) {
    const path = rest.join(':')
    return { action: 'debug', path: path.toLowerCase() === 'off' ? undefined : path }
  }
  if ((name === 'vbsize' || name === 'tbsize') && rest.length > 0 && rest.length <= 2) {
    const [frames, max = 0] = rest.map((part) => wholeNumber(part, order))
    return {
      action: 'size',
      stream: name === 'vbsize' ? 'video' : 'text',
      frames: frames ?? 0,
      max,
    }
  }
  if (rest.length > 2) throw bad(order)
  const asked = milliseconds(head, ptime, order)
  const isUsable = asked >= shortest && asked <= longest
  const length = isUsable ? asked : ptime
  const most = rest[0] ? milliseconds(rest[0], ptime, order) : 0
  // A most below the length is a mistake, and five times the length a guess at what was meant.
  const max = !isUsable ? ptime * 100 : most === 0 ? length * 50 : most < length ? length * 5 : most
  const drift = rest[1] ? milliseconds(rest[1], ptime, order) : ptime
  return { action: 'set', settings: { length, max, drift: Math.max(drift, ptime / 2) } }
}

function milliseconds(text: string, ptime: number, order: string): number {
  const [, digits, unit] = /^\s*(-?\d{1,6})(p?)\s*$/i.exec(text) ?? []
  if (digits === undefined) throw bad(order)
  const value = Number(digits)
  return unit !== '' || (value < 0 && value > -1000) ? Math.abs(value) * ptime : value
}

function wholeNumber(text: string, order: string): number {
  if (!/^\d{1,6}$/.test(text)) throw bad(order)
  return Number(text)
}

function bad(order: string): SwitchError {
  return new SwitchError(
    'JITTER_BAD_ORDER',
    `"${order}" is no jitter buffer: <ms>|<packets>p[:<max>[:<drift>]], pause, resume, stop or debug:<file>`,
  )
}
