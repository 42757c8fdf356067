/** What a client listens to: event names, CUSTOM subclasses, filters, and the events of one channel alone. */
import { type EventName, parseEventName, type SwitchEvent } from '../../core/events.ts'
import { compilePattern } from '../../core/regex/regex.ts'
import type { EventFormat } from './serialize.ts'

/** The events that `myevents` subscribes to. */
const channelEvents: readonly EventName[] = [
  'CHANNEL_ANSWER',
  'CHANNEL_APPLICATION',
  'CHANNEL_BRIDGE',
  'CHANNEL_CREATE',
  'CHANNEL_DATA',
  'CHANNEL_DESTROY',
  'CHANNEL_EXECUTE',
  'CHANNEL_EXECUTE_COMPLETE',
  'CHANNEL_HANGUP',
  'CHANNEL_HANGUP_COMPLETE',
  'CHANNEL_ORIGINATE',
  'CHANNEL_UUID',
  'CHANNEL_OUTGOING',
  'CHANNEL_PARK',
  'CHANNEL_PROGRESS',
  'CHANNEL_PROGRESS_MEDIA',
  'CHANNEL_STATE',
  'CHANNEL_UNBRIDGE',
  'CHANNEL_UNPARK',
  'DETECTED_SPEECH',
  'DTMF',
  'NOTALK',
  'TALK',
]

/** What a directory user may hear; undefined: everything. */
export interface AllowedEvents {
  readonly all: boolean
  readonly names: ReadonlySet<string>
  readonly subclasses: ReadonlySet<string>
}

interface Filter {
  readonly name: string
  readonly value: string
}

export class Subscription {
  format: EventFormat = 'plain'
  allowed: AllowedEvents | undefined
  /** The channel that `myevents` follows. */
  followed: string | undefined
  isListening = false
  #all = false
  readonly #names = new Set<EventName>()
  readonly #subclasses = new Set<string>()
  #filters: Filter[] = []

  /** `event [plain|json|xml] NAME… [CUSTOM subclass…]`; the reply. */
  add(words: readonly string[]): string {
    let known = 0
    let isCustom = false
    for (const [index, word] of words.entries()) {
      const format = word.toLowerCase()
      if (index === 0 && (format === 'plain' || format === 'json' || format === 'xml')) {
        this.format = format
        continue
      }
      if (isCustom) {
        if (this.allowed && !this.allowed.all && !this.allowed.subclasses.has(word))
          return '-ERR permission denied'
        this.#subclasses.add(word)
        continue
      }
      const name = parseEventName(word)
      if (!name) continue
      if (this.allowed && !this.allowed.all && !this.allowed.names.has(name))
        return '-ERR permission denied'
      known++
      if (name === 'ALL') this.#all = true
      else this.#names.add(name)
      isCustom = name === 'CUSTOM'
    }
    if (known === 0) return '-ERR no keywords supplied'
    this.isListening = true
    return `+OK event listener enabled ${this.format}`
  }

  /** `nixevent NAME… [CUSTOM subclass…]`; the reply. */
  remove(words: readonly string[], everyName: readonly EventName[]): string {
    let known = 0
    let isCustom = false
    for (const word of words) {
      if (isCustom) {
        this.#subclasses.delete(word)
        continue
      }
      const name = parseEventName(word)
      if (!name) continue
      known++
      if (name === 'CUSTOM') {
        isCustom = true
      } else if (name === 'ALL') {
        this.#all = false
        this.#names.clear()
      } else {
        if (this.#all) {
          this.#all = false
          for (const each of everyName) if (each !== 'ALL') this.#names.add(each)
        }
        this.#names.delete(name)
      }
    }
    if (known === 0) return '-ERR no keywords supplied'
    this.isListening = true
    return '+OK events nixed'
  }

  /** `noevents`; the reply. */
  clear(): string {
    if (!this.isListening) return '-ERR not listening for events'
    this.isListening = false
    this.#all = false
    this.#names.clear()
    this.#subclasses.clear()
    return '+OK no longer listening for events'
  }

  /** `myevents`: those of one channel. */
  follow(uuid: string): void {
    this.followed = uuid
    for (const name of channelEvents) this.#names.add(name)
    this.isListening = true
  }

  /** Cheap: whether an event of that kind could be wanted. */
  wants(name: EventName, subclass: string | undefined): boolean {
    if (!this.isListening) return false
    if (this.#all) return true
    // Jobs that the followed channel owns come even though nobody asked for their name.
    if (!this.#names.has(name)) return this.followed !== undefined && name === 'BACKGROUND_JOB'
    return name !== 'CUSTOM' || subclass === undefined || this.#subclasses.has(subclass)
  }

  /** Whether this very event goes out: filters and the followed channel. */
  accepts(event: SwitchEvent): boolean {
    if (this.#filters.length > 0 && !this.#passesFilters(event)) return false
    if (this.followed === undefined) return true
    return event.get('Unique-ID') === this.followed || event.get('Job-Owner-UUID') === this.followed
  }

  /** Any positive match lets it pass, a negative one stops it; without a positive one nothing passes. */
  #passesFilters(event: SwitchEvent): boolean {
    let passes = false
    for (const { name, value } of this.#filters) {
      const present = event.get(name)
      if (present === undefined) continue
      const sign = /^[+\- ]*/.exec(value)?.[0] ?? ''
      const isPositive = !sign.trimEnd().endsWith('-')
      if (passes && isPositive) continue
      const wanted = value.slice(sign.length)
      const matches = value.startsWith('/')
        ? matchesPattern(present, wanted)
        : present.toLowerCase() === wanted.toLowerCase()
      if (!matches) continue
      if (!isPositive) return false
      passes = true
    }
    return passes
  }

  /** `filter …`; the reply. */
  filter(text: string): string {
    const [name = '', rest] = cut(text.trimStart())
    if (name.toLowerCase() === 'delete' && rest !== undefined) {
      const [header = '', value] = cut(rest)
      if (header.toLowerCase() === 'all') this.#filters = []
      else {
        this.#filters = this.#filters.filter(
          (filter) =>
            filter.name.toLowerCase() !== header.toLowerCase() ||
            (value !== undefined && filter.value !== value),
        )
      }
      return `+OK filter deleted. [${header}][${value ?? ''}]`
    }
    if (rest === undefined) return '-ERR invalid syntax'
    const [header = '', value] = name.toLowerCase() === 'add' ? cut(rest) : [name, rest]
    if (value !== undefined) this.#filters.push({ name: header, value })
    return `+OK filter added. [${header}]=[${value ?? '(null)'}]`
  }
}

function cut(text: string): [first: string, rest: string | undefined] {
  const space = text.indexOf(' ')
  return space < 0 ? [text, undefined] : [text.slice(0, space), text.slice(space + 1)]
}

function matchesPattern(text: string, pattern: string): boolean {
  try {
    return compilePattern(pattern).exec(text) !== undefined
  } catch {
    return false
  }
}
