/** The wire form of the Event Socket as a client sees it: header blocks, bodies by Content-Length, events in plain and JSON. */
import { SwitchError } from '../base/errors.ts'

/** A header block that never ends is not ours to keep: 4 MiB is far above any channel's variables. */
const largestHead = 4 * 1024 * 1024
/** Bytes; a `show channels` of a full switch stays well below. */
const largestBody = 256 * 1024 * 1024

/** Headers in the order they came; names compare without case. */
export class HeaderList {
  readonly entries: readonly (readonly [name: string, value: string])[]

  constructor(entries: readonly (readonly [string, string])[]) {
    this.entries = entries
  }

  get(name: string): string | undefined {
    const wanted = name.toLowerCase()
    return this.entries.find(([candidate]) => candidate.toLowerCase() === wanted)?.[1]
  }
}

/** One message of the server. `body` is '' when it had none. */
export interface Frame {
  readonly headers: HeaderList
  /** In lower case: `command/reply`, `api/response`, `log/data`, `text/event-plain` … */
  readonly contentType: string
  readonly body: string
}

/** An event, from a plain or a JSON frame. Values are decoded; an array is kept as `ARRAY::a|:b`. */
export interface SocketEvent {
  /** Event-Name, such as `CHANNEL_ANSWER`; `CUSTOM` events are told apart by `Event-Subclass`. */
  readonly name: string
  readonly headers: HeaderList
  readonly body: string
}

/** `%0A` and the like to characters; anything that is not such a code stays as it is. */
export function decodeValue(value: string): string {
  return value.replace(/(?:%[0-9a-f]{2})+/gi, (codes) =>
    Buffer.from(codes.replaceAll('%', ''), 'hex').toString('utf8'),
  )
}

/** The `Name: value` lines of a block. A line without a colon carries nothing and is passed over. */
function parseHeaders(text: string): HeaderList {
  const entries: [string, string][] = []
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':')
    if (colon <= 0) continue
    entries.push([line.slice(0, colon).trim(), decodeValue(line.slice(colon + 1).trim())])
  }
  return new HeaderList(entries)
}

/** Cuts a byte stream into frames, however the network has split it. */
export class FrameReader {
  #chunks: Buffer[] = []
  #size = 0
  /** Headers already read, whose body is still on its way. */
  #waiting: { readonly headers: HeaderList; readonly length: number } | undefined

  /** The frames that these bytes complete. Throws EVENT_SOCKET_BAD_FRAME on what cannot be a frame. */
  push(bytes: Buffer): Frame[] {
    this.#chunks.push(bytes)
    this.#size += bytes.length
    const frames: Frame[] = []
    for (;;) {
      const frame = this.#next()
      if (!frame) return frames
      frames.push(frame)
    }
  }

  #next(): Frame | undefined {
    const waiting = this.#waiting ?? this.#readHead()
    if (!waiting) return undefined
    if (this.#size < waiting.length) {
      this.#waiting = waiting
      return undefined
    }
    this.#waiting = undefined
    const body = waiting.length === 0 ? '' : this.#take(waiting.length).toString('utf8')
    const contentType = (waiting.headers.get('content-type') ?? '').toLowerCase()
    return { headers: waiting.headers, contentType, body }
  }

  #readHead(): { headers: HeaderList; length: number } | undefined {
    const all = this.#joined()
    let start = 0
    while (all[start] === 0x0a || all[start] === 0x0d) start++ // blank lines between frames
    const end = all.indexOf('\n\n', start)
    const carriage = all.indexOf('\n\r\n', start)
    const withCarriage = carriage >= 0 && (end < 0 || carriage < end)
    const stop = withCarriage ? carriage : end
    if (stop < 0) {
      if (this.#size > largestHead) throw badFrame('a header block without an end')
      return undefined
    }
    const headers = parseHeaders(all.toString('utf8', start, stop))
    this.#take(stop + (withCarriage ? 3 : 2))
    const text = headers.get('content-length')
    const length = text === undefined ? 0 : Number(text)
    if (!Number.isInteger(length) || length < 0 || length > largestBody) {
      throw badFrame(`Content-Length: ${text}`)
    }
    return { headers, length }
  }

  #joined(): Buffer {
    const [only] = this.#chunks
    if (this.#chunks.length === 1 && only) return only
    const all = Buffer.concat(this.#chunks)
    this.#chunks = [all]
    return all
  }

  #take(count: number): Buffer {
    const all = this.#joined()
    const rest = all.subarray(count)
    this.#chunks = rest.length === 0 ? [] : [rest]
    this.#size = rest.length
    return all.subarray(0, count)
  }
}

function badFrame(what: string): SwitchError {
  return new SwitchError('EVENT_SOCKET_BAD_FRAME', `not the event socket's language: ${what}`)
}

/** The event inside a frame, or undefined when the frame carries none (or carries XML, which is left as text). */
export function eventOf(frame: Frame): SocketEvent | undefined {
  if (frame.contentType === 'text/event-json') return jsonEvent(frame.body)
  if (frame.contentType !== 'text/event-plain') return undefined
  const end = frame.body.indexOf('\n\n')
  const headers = parseHeaders(end < 0 ? frame.body : frame.body.slice(0, end))
  const hasBody = headers.get('Content-Length') !== undefined && end >= 0
  return {
    name: headers.get('Event-Name') ?? '',
    headers,
    body: hasBody ? frame.body.slice(end + 2) : '',
  }
}

function jsonEvent(text: string): SocketEvent | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined
  const entries: [string, string][] = []
  let body = ''
  for (const [name, value] of Object.entries(parsed)) {
    if (name === '_body') body = String(value)
    else entries.push([name, Array.isArray(value) ? `ARRAY::${value.join('|:')}` : String(value)])
  }
  const headers = new HeaderList(entries)
  return { name: headers.get('Event-Name') ?? '', headers, body }
}

/** The bytes of a command: its line, its headers, its body with the length. Throws on a line break that would split it. */
export function commandText(
  command: string,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): string {
  const lines = [command, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)]
  if (body !== '') lines.push(`Content-Length: ${Buffer.byteLength(body)}`)
  for (const line of lines) {
    if (/[\r\n]/.test(line)) {
      throw new SwitchError(
        'EVENT_SOCKET_BAD_COMMAND',
        'a command is one line: send the rest as body',
      )
    }
  }
  return `${lines.join('\n')}\n\n${body}`
}
