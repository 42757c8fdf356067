/** Events on the wire, framed as Event Socket clients read them. */
import { encodeValue, jsonText, plainText, xmlText } from '../../core/event-text.ts'
import type { SwitchEvent } from '../../core/events.ts'

export { encodeValue, jsonText, plainText, xmlText }

export type EventFormat = 'plain' | 'json' | 'xml'

/** A whole frame, headers and all. */
export function eventFrame(event: SwitchEvent, format: EventFormat): string {
  const body =
    format === 'plain' ? plainText(event) : format === 'json' ? jsonText(event) : xmlText(event)
  return `Content-Length: ${Buffer.byteLength(body)}\nContent-Type: text/event-${format}\n\n${body}`
}
