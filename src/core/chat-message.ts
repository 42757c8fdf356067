/** A text message on its way: headers in order, as MESSAGE events show them, and a body. */

type ChatHeader = readonly [name: string, value: string]

/**
 * Names count in any case, each stands once. `proto` is the protocol it comes from (`sip`, or `global` for one that the switch itself
 * sends), `from` and `to` are `user@domain`, `type` is the content type; `from_…` and `to_…` tell more of both sides.
 */
export class ChatMessage {
  /** By the name in lower case. */
  readonly #headers = new Map<string, ChatHeader>()
  body: string

  constructor(headers: Iterable<readonly [name: string, value: string | undefined]>, body: string) {
    for (const [name, value] of headers) this.set(name, value)
    this.body = body
  }

  /** `_body` and `body` name what the message says, where no header of that name stands. */
  get(name: string): string | undefined {
    const key = name.toLowerCase()
    const value = this.#headers.get(key)?.[1]
    return value ?? (key === 'body' || key === '_body' ? this.body : undefined)
  }

  /** Replaces the header where it stands, or appends it; undefined or nothing removes it. */
  set(name: string, value: string | undefined): void {
    const key = name.toLowerCase()
    if (value === undefined || value === '') this.#headers.delete(key)
    else this.#headers.set(key, [this.#headers.get(key)?.[0] ?? name, value])
  }

  get headers(): readonly ChatHeader[] {
    return [...this.#headers.values()]
  }

  get protocol(): string {
    return this.get('proto') ?? 'global'
  }

  get from(): string {
    return this.get('from') ?? ''
  }

  get to(): string {
    return this.get('to') ?? ''
  }

  get contentType(): string | undefined {
    return this.get('type')
  }

  /** The same with other headers; undefined leaves one out. */
  with(changes: Readonly<Record<string, string | undefined>>, body = this.body): ChatMessage {
    const made = new ChatMessage(this.headers, body)
    for (const [name, value] of Object.entries(changes)) made.set(name, value)
    return made
  }

  /** The way back: what was `from` is `to`, in every header, and no plan for messages sees it again. */
  reply(protocol: string, body: string): ChatMessage {
    const made = new ChatMessage([], body)
    for (const [name, value] of this.headers) {
      if (/^(dest_proto|from_full|blocking|final_delivery)$/i.test(name)) continue
      made.set(turned(name), value)
    }
    made.set('replying', 'true')
    made.set('orig_body', this.body)
    made.set('proto', protocol)
    return made
  }
}

/** `from_host` for `to_host`, and so on. */
function turned(name: string): string {
  if (/^from(_|$)/i.test(name)) return `to${name.slice(4)}`
  if (/^to(_|$)/i.test(name)) return `from${name.slice(2)}`
  return name
}
