/**
 * Message waiting: who counts the messages of a mailbox, and who is told when they change. Voicemail brings a counter and says
 * `changed`; endpoints that have lamps listen (`onNews`) and ask (`query`). The events MESSAGE_WAITING and MESSAGE_QUERY are the
 * contract with the world outside: whatever fires MESSAGE_WAITING drives the lamps, so a mailbox may as well be another program's.
 */
import { logger } from '../base/log.ts'
import type { EventBus, SwitchEvent } from './events.ts'
import { arrayText } from './variables.ts'

const log = logger('core/message-waiting')

/** Messages of one mailbox. `newMessages` and `savedMessages` count urgent ones too. */
export interface MailboxCounts {
  readonly newMessages: number
  readonly savedMessages: number
  readonly newUrgent: number
  readonly savedUrgent: number
}

/** Counts the messages of a mailbox; undefined when it keeps none of that name. */
export type MailboxCounter = (user: string, domain: string) => MailboxCounts | undefined

/** What somebody with a lamp is told. */
export interface MailboxNews {
  readonly user: string
  readonly domain: string
  readonly isWaiting: boolean
  /** The lines of a message summary (RFC 3842 §5.2) in their order: `Messages-Waiting`, `Message-Account`, `Voice-Message`. */
  readonly lines: readonly (readonly [name: string, value: string])[]
  /** It answers somebody's question and is for him alone: the Call-ID of a registration, or of a subscription. */
  readonly registrationId: string | undefined
  readonly subscriptionId: string | undefined
}

/** Why counts have changed, as events say it. */
export type MailboxChange = 'NEW' | 'DELETE' | 'SAVE' | 'PURGE' | 'READ'

export class MessageWaiting {
  readonly #events: EventBus
  readonly #counters = new Set<MailboxCounter>()
  readonly #listeners = new Set<(news: MailboxNews) => void>()

  constructor(events: EventBus) {
    this.#events = events
    events.attach({
      name: 'message-waiting',
      wants: (name) => name === 'MESSAGE_WAITING' || name === 'MESSAGE_QUERY',
      receive: (event) => {
        if (event.name === 'MESSAGE_WAITING') this.#tell(event)
        // The answer must not overtake the question on its way to others.
        else queueMicrotask(() => this.#answer(event))
      },
    })
  }

  addCounter(counter: MailboxCounter): Disposable {
    this.#counters.add(counter)
    return { [Symbol.dispose]: () => void this.#counters.delete(counter) }
  }

  /** Whether anybody here keeps mailboxes: if not, questions are left to other programs. */
  get hasCounter(): boolean {
    return this.#counters.size > 0
  }

  /** Hears of every change, and of answers to questions. */
  onNews(listener: (news: MailboxNews) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  /** The messages of a mailbox: of the first counter that has any; undefined when nobody keeps it or it is empty everywhere. */
  count(user: string, domain: string): MailboxCounts | undefined {
    for (const counter of this.#counters) {
      const counts = counter(user, domain)
      if (counts && (counts.newMessages > 0 || counts.savedMessages > 0)) return counts
    }
    return undefined
  }

  /** Says that the messages of a mailbox are others now. `isFull` tells the urgent ones apart in the summary. */
  changed(
    user: string,
    domain: string,
    counts: MailboxCounts,
    reason: MailboxChange,
    isFull: boolean,
  ): void {
    this.#events.announce('MESSAGE_WAITING', (event) => {
      event.add('MWI-Messages-Waiting', counts.newMessages > 0 ? 'yes' : 'no')
      event.add('Update-Reason', reason)
      event.add('MWI-Message-Account', `${user}@${domain}`)
      event.add('MWI-Voice-Message', summaryText(counts, isFull))
    })
  }

  /**
   * Asks how a mailbox is (`sip:user@domain`); the answer comes as news. Headers that begin `VM-` come back without that, so that
   * the answer finds who asked.
   */
  query(account: string, headers: readonly (readonly [name: string, value: string])[] = []): void {
    this.#events.announce('MESSAGE_QUERY', (event) => {
      event.add('Message-Account', account)
      for (const [name, value] of headers) event.add(name, value)
    })
  }

  #answer(question: SwitchEvent): void {
    if (!this.hasCounter) return
    const account = question.get('Message-Account')
    const box = splitAccount(account ?? '')
    if (account === undefined || !box)
      return log.warning(`MESSAGE_QUERY for "${account ?? ''}": no user@domain`)
    const counts = this.count(box.user, box.domain)
    this.#events.announce('MESSAGE_WAITING', (event) => {
      event.add('MWI-Messages-Waiting', (counts?.newMessages ?? 0) > 0 ? 'yes' : 'no')
      event.add('MWI-Message-Account', account)
      if (counts) event.add('MWI-Voice-Message', summaryText(counts, true))
      for (const [name, value] of question.headers)
        if (/^vm-/i.test(name)) event.add(name.slice(3), value)
    })
  }

  #tell(event: SwitchEvent): void {
    const box = splitAccount(event.get('MWI-Message-Account') ?? '')
    const waiting = event.get('MWI-Messages-Waiting')
    if (!box || waiting === undefined)
      return log.warning('MESSAGE_WAITING without MWI-Message-Account or MWI-Messages-Waiting')
    const lines: (readonly [string, string])[] = []
    for (const [name, value] of event.headers) {
      if (!/^mwi-/i.test(name)) continue
      const text = typeof value === 'string' ? value : arrayText(value)
      const isAccount = /^mwi-message-account$/i.test(name)
      lines.push([name.slice(4), isAccount && !/^sips?:/i.test(text) ? `sip:${text}` : text])
    }
    const news: MailboxNews = {
      ...box,
      isWaiting: waiting.toLowerCase() === 'yes',
      lines: lines.map(([name, value]) => [name, value.replace(/[\r\n]+/g, ' ')]),
      registrationId: event.get('Call-ID'),
      subscriptionId: event.get('Sub-Call-ID'),
    }
    for (const listener of this.#listeners) listener(news)
  }
}

/** `2/8 (0/2)`: new/saved, and the urgent ones among them. */
function summaryText(counts: MailboxCounts, isFull: boolean): string {
  const { newMessages, savedMessages, newUrgent, savedUrgent } = counts
  const all = `${newMessages}/${savedMessages}`
  return isFull ? `${all} (${newUrgent}/${savedUrgent})` : all
}

/** `sip:user@domain` or `user@domain`; undefined when it is neither. */
function splitAccount(account: string): { user: string; domain: string } | undefined {
  const plain = account.replace(/^sips?:/i, '')
  const at = plain.lastIndexOf('@')
  const user = plain.slice(0, at)
  const domain = plain.slice(at + 1).replace(/[:;].*$/, '')
  return at > 0 && domain !== '' ? { user, domain } : undefined
}
