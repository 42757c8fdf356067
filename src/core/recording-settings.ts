/** What a recording is told: its own variables first, then the parameters before its path, then those of the channel. */
import { extname, isAbsolute, join } from 'node:path'
import { logger } from '../base/log.ts'
import type { RecordRequest } from '../media/engine.ts'
import type { Channel } from './channel.ts'
import { bracketVariables } from './originate/bracket-variables.ts'
import { isTrue, Variables } from './variables.ts'

const log = logger('core/record')

/** Rates that a file can be asked to have, Hz. */
const rates = new Set([8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000])
/** What `enable_file_write_buffering` may ask for, octets. */
const leastBuffer = 320
const mostBuffer = 1024 * 1024
/** The words of a file, and the variables they are taken from. */
const tags = ['title', 'copyright', 'software', 'artist', 'comment', 'date'] as const

export type RecordingVariables = readonly (readonly [name: string, value: string])[]

export class RecordingSettings {
  readonly channel: Channel
  /** Without the parameters before it; whole. */
  readonly path: string
  /** Given to this recording alone; its events show them. */
  readonly own: RecordingVariables
  readonly #own = new Variables()
  readonly #parameters = new Variables()

  /** `folder` is where a path without one lies, unless `sound_prefix` says so. */
  constructor(channel: Channel, written: string, folder: string, own: RecordingVariables = []) {
    this.channel = channel
    this.own = own
    for (const [name, value] of own) this.#own.set(name, value)
    const taken = bracketVariables(written, '{')
    for (const [name, value] of taken?.variables ?? []) this.#parameters.set(name, value)
    const path = (taken?.rest ?? written).trim()
    const isWhole = isAbsolute(path) || path.includes('://')
    this.path = isWhole ? path : join(this.text('sound_prefix') ?? folder, path)
  }

  text(name: string): string | undefined {
    return this.#own.get(name) ?? this.#parameters.get(name) ?? this.channel.text(name)
  }

  isOn(name: string): boolean {
    return isTrue(this.text(name))
  }

  /** A whole number from 0 on; undefined when the variable is not set to one. */
  number(name: string): number | undefined {
    const value = Number.parseInt(this.text(name) ?? '', 10)
    return value >= 0 ? value : undefined
  }

  /** Whether the name says in what form the sound is written. */
  get hasExtension(): boolean {
    return this.path.includes('://') || extname(this.path) !== ''
  }

  /** The name of files in the form of the channel's codec. */
  get codecExtension(): string {
    return this.channel.readCodec?.name ?? 'PCMU'
  }

  /** What every recording is asked alike. The words of the file are used up. */
  common(): Pick<RecordRequest, 'append' | 'over' | 'rate' | 'flushOctets' | 'tags'> {
    const rate = this.#rate()
    const flushOctets = this.#flushOctets()
    return {
      append: this.isOn('RECORD_APPEND'),
      over: this.isOn('RECORD_WRITE_OVER'),
      tags: this.#takeTags(),
      ...(rate === undefined ? {} : { rate }),
      ...(flushOctets === undefined ? {} : { flushOctets }),
    }
  }

  #rate(): number | undefined {
    const text = this.text('record_sample_rate') ?? this.text('record_rate')
    if (text === undefined || text === '') return undefined
    const rate = Number.parseInt(text, 10)
    if (rates.has(rate)) return rate
    log.warning(
      `no file has a sample rate of ${text}; recorded at that of the call`,
      this.channel.uuid,
    )
    return undefined
  }

  /** A number is octets; off lets every piece of sound go to the disk at once. */
  #flushOctets(): number | undefined {
    const text = this.text('enable_file_write_buffering')
    if (text === undefined || text === '') return undefined
    const octets = Number.parseInt(text, 10)
    if (octets > 1) return Math.min(mostBuffer, Math.max(leastBuffer, octets))
    return isTrue(text) ? undefined : 1
  }

  #takeTags(): Record<string, string> {
    const taken: Record<string, string> = {}
    for (const tag of tags) {
      const name = `RECORD_${tag.toUpperCase()}`
      const value = this.text(name)
      if (value === undefined) continue
      taken[tag] = value
      this.channel.variables.unset(name)
    }
    return taken
  }
}
