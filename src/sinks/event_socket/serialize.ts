/** Events on the wire, framed as Event Socket clients read them. */
import { encodeValue, jsonText, plainText, xmlText } from '../../core/event-text.ts'
import type { SwitchEvent } from '../../core/events.ts'

export { encodeValue, jsonText, plainText, xmlText }

export type EventFormat = 'plain' | 'json' | 'xml'

/** The frame that was made last of each format: an event goes to all clients one after the other. */
interface Made {
  event: SwitchEvent | undefined
  /** How it was then: somebody may have changed it since. */
  headerCount: number
  lastHeader: unknown
  body: string | undefined
  frame: string
}

const nothing = (): Made => ({
  event: undefined,
  headerCount: 0,
  lastHeader: undefined,
  body: undefined,
  frame: '',
})
const made: Readonly<Record<EventFormat, Made>> = {
  plain: nothing(),
  json: nothing(),
  xml: nothing(),
}

/** A whole frame, headers and all. */
export function eventFrame(event: SwitchEvent, format: EventFormat): string {
  const last = made[format]
  const { headers, body } = event
  const lastHeader = headers.at(-1)
  if (
    last.event === event &&
    last.headerCount === headers.length &&
    last.lastHeader === lastHeader &&
    last.body === body
  )
    return last.frame
  last.frame = makeFrame(event, format)
  last.event = event
  last.headerCount = headers.length
  last.lastHeader = lastHeader
  last.body = body
  return last.frame
}

function makeFrame(event: SwitchEvent, format: EventFormat): string {
  const body =
    format === 'plain' ? plainText(event) : format === 'json' ? jsonText(event) : xmlText(event)
  return `Content-Length: ${Buffer.byteLength(body)}\nContent-Type: text/event-${format}\n\n${body}`
}
