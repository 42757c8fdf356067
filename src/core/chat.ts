/** Text messages: the way from whoever sends one to the protocols that deliver it, and the two that the switch itself has. */
import { logger } from '../base/log.ts'
import { ChatMessage } from './chat-message.ts'
import { urlDecode } from './command-text.ts'
import type { ChatProtocol } from './interfaces.ts'
import type { Switch } from './switch.ts'
import { isTrue } from './variables.ts'

const log = logger('core/chat')

/** Octets that a message may have. */
export const longestChat = 32 * 1024

/** Whom a user can be reached by, in the order in which they are asked. Others (`api`) do something else than to deliver. */
export const userProtocols: readonly string[] = ['sip', 'verto', 'conf']

/** Messages handed to a protocol, and those that it could not deliver. */
export const chatCounters = { delivered: 0, undelivered: 0 }

/** What came of a message. `handled`: the plan for messages did something with it. */
interface Passage {
  readonly isHandled: boolean
  readonly isFinished: boolean
}

/**
 * Takes what a user has sent: the plan for messages first, then every protocol that has somebody of that name; where none has,
 * `usual` is tried, and says why not. False when nobody got it and the plan did nothing with it either.
 */
export async function submitChat(
  sw: Switch,
  message: ChatMessage,
  usual: string,
  named?: string,
): Promise<boolean> {
  message.set('dest_proto', named ?? usual)
  const { isHandled, isFinished } = await filtered(sw, message)
  const { to } = message
  const reaching = userProtocols.filter((each) => sw.chats.get(each)?.reaches?.(to, sw))
  const ways = named === undefined ? reaching : [named]
  // The plan has answered, and there is nobody else for it.
  if (isFinished || (isHandled && reaching.length === 0)) {
    tell(sw, message)
    return true
  }
  let isDelivered = isHandled
  for (const way of ways.length > 0 ? ways : [usual])
    if (await deliver(sw, way, message.with({}))) isDelivered = true
  return isDelivered
}

/** Delivers a message by a protocol and tells so in a MESSAGE event; false when that was not possible. */
export async function sendChat(
  sw: Switch,
  protocol: string,
  message: ChatMessage,
): Promise<boolean> {
  const sent = message.with({ dest_proto: protocol })
  const { isFinished } = await filtered(sw, sent)
  if (isFinished || /global/i.test(protocol)) {
    tell(sw, sent)
    return true
  }
  return deliver(sw, protocol, sent)
}

/** What the switch itself says, and what has been there before, no plan sees. */
async function filtered(sw: Switch, message: ChatMessage): Promise<Passage> {
  const isOwn =
    isTrue(message.get('replying')) ||
    isTrue(message.get('skip_global_process')) ||
    /global/i.test(message.protocol)
  let isHandled = false
  if (isOwn) return { isHandled, isFinished: false }
  for (const { thing } of sw.chatFilters.list()) {
    const verdict = await thing.take(message, sw)
    if (verdict === 'finished') return { isHandled: true, isFinished: true }
    if (verdict === 'handled') isHandled = true
    if (verdict === 'failed') break
  }
  return { isHandled, isFinished: false }
}

async function deliver(sw: Switch, protocol: string, message: ChatMessage): Promise<boolean> {
  const found = sw.chats.get(protocol)
  if (!found) log.err(`there is no chat protocol ${protocol}`)
  message.set('dest_proto', protocol)
  const isDelivered = found ? await found.send(message, sw) : false
  chatCounters[isDelivered ? 'delivered' : 'undelivered']++
  tell(sw, message, isDelivered)
  return isDelivered
}

/** The MESSAGE event. Whoever waits for the outcome (`blocking`) reads it there. */
function tell(sw: Switch, message: ChatMessage, isDelivered = true): void {
  sw.events.announce('MESSAGE', (event) => {
    for (const [name, value] of message.headers) event.add(name, value)
    const isKnown = isTrue(message.get('blocking')) || !isDelivered
    if (isKnown) event.add('Delivery-Failure', String(!isDelivered))
    else event.add('Nonblocking-Delivery', 'true')
    event.body = message.body
  })
}

/** `event`: tells it as RECV_MESSAGE; the global variable named like `to` is its Command. */
export const eventChat: ChatProtocol = {
  name: 'event',
  send(message, sw) {
    sw.events.announce('RECV_MESSAGE', (event) => {
      for (const [name, value] of message.headers) event.add(name, value)
      const command = sw.globals.get(message.to)
      if (command !== undefined) event.add('Command', command)
      event.body = message.body
    })
    return true
  },
}

/** `api`: runs what it is sent to as a command (or the global variable of that name) and answers with the reply. */
export const apiChat: ChatProtocol = {
  name: 'api',
  async send(message, sw) {
    const line = urlDecode(sw.globals.get(message.to) ?? message.to)
    const body = await sw.runCommand(line)
    if (sw.chats.get(message.protocol)) {
      const parts = { proto: 'api', from: message.to, to: message.from }
      await sendChat(sw, message.protocol, ownMessage(parts, body))
    }
    return true
  },
}

/** One that the switch itself sends: no plan for messages sees it. */
export function ownMessage(
  parts: Readonly<Record<string, string | undefined>>,
  body: string,
): ChatMessage {
  return new ChatMessage([...Object.entries(parts), ['skip_global_process', 'true']], body)
}
