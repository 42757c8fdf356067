/** verto.info: digits, messages and settings within a call, and messages outside of one. */
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { longestChat, submitChat, userProtocols } from '../../core/chat.ts'
import { ChatMessage } from '../../core/chat-message.ts'
import { sendDigits } from '../../core/send-digits.ts'
import type { VertoCall } from './call.ts'
import type { Connection } from './connection.ts'
import { isSaid, type Json, type JsonObject, member, textOf, textsOf } from './json-rpc.ts'
import { callError, ownCall } from './method-call.ts'
import { contextOf, setDialogVariables } from './method-invite.ts'
import type { Method, MethodResult } from './methods.ts'

const log = logger('verto/info')

/** Digits at a time. */
const mostDigits = 128

export const info: Method = (connection, params) => {
  if (params === undefined) return callError('Params data missing')
  const dialog = member(params, 'dialogParams')
  const callId = textOf(dialog, 'callID')
  const call = callId === undefined ? undefined : ownCall(connection, callId)
  let result: JsonObject = {}
  if (call && dialog !== undefined) {
    setDialogVariables(call.channel, dialog)
    const command = member(params, 'command')
    if (command !== undefined) announceCommand(call, command)
    const digits = textOf(params, 'dtmf')
    if (digits !== undefined) {
      press(call, digits)
      result = { message: 'SENT' }
    }
  }
  const message = member(params, 'msg')
  return message === undefined ? { result } : sendMessage(connection, call, message)
}

function press(call: VertoCall, digits: string): void {
  const { channel } = call
  const fault = digits.length > mostDigits ? 'too many at once' : sendDigits(channel, `~${digits}`)
  if (fault) log.info(`digits "${digits.slice(0, mostDigits)}": ${fault}`, channel.uuid)
}

/** What the browser wants of whoever listens to the call's events. */
function announceCommand({ channel }: VertoCall, command: Json): void {
  channel.announce('COMMAND', (event) => {
    event.add('content-type', 'text/json')
    event.add('content-source', 'verto')
    event.body = JSON.stringify(command)
  })
}

/** `to` may begin with another protocol: `sip+1000@example.com`. */
function sendMessage(
  connection: Connection,
  call: VertoCall | undefined,
  message: Json,
): MethodResult | Promise<MethodResult> {
  const to = textOf(message, 'to') ?? ''
  const body = textOf(message, 'body') ?? ''
  const plus = to.indexOf('+')
  const named = plus > 0 ? to.slice(0, plus).toLowerCase() : undefined
  const target = plus < 0 ? to : to.slice(plus + 1)
  if (target === '' || body === '' || Buffer.byteLength(body) > longestChat)
    return { error: { message: 'INVALID MESSAGE to and body params required' } }
  if (named !== undefined && !userProtocols.includes(named)) {
    log.warning(`${connection.user?.uid ?? connection.name} may not send messages by "${named}"`)
    return { denied: true }
  }
  const isInDialog = isSaid(member(message, 'inDialog')) && call !== undefined
  if (isInDialog) {
    announceMessage(call, messageOf(connection, message, named, target))
    return { result: { message: 'SENT' } }
  }
  // As with a phone, a name without a host is one of the sender's own domain.
  const host = target.includes('@') || named === 'conf' ? undefined : connection.user?.domain
  const full = host === undefined ? target : `${target}@${host}`
  const chat = messageOf(connection, message, named, full)
  const wantsOutcome = isSaid(member(message, 'wantsOutcome'))
  // What a phone answers is waited for, too.
  if (wantsOutcome) chat.set('blocking', 'true')
  const { sw } = connection.verto
  // Who is reached by nothing is looked for by SIP, where there is any: his address may be elsewhere.
  const usual = sw.chats.get('sip') === undefined ? 'verto' : 'sip'
  const submitted = submitChat(sw, chat, usual, named).catch((thrown: unknown) => {
    log.err(`message ${chat.from} → ${full}: ${reasonOf(thrown)}`)
    return false
  })
  // FreeSWITCH's answer comes at once; who asks for more is told what became of it.
  if (!wantsOutcome) return { result: { message: 'SENT' } }
  return submitted.then((isDelivered) => ({ result: { message: 'SENT', isDelivered } }))
}

function messageOf(
  connection: Connection,
  message: Json,
  named: string | undefined,
  to: string,
): ChatMessage {
  const { user, profile } = connection
  const written = textsOf(message).filter(
    ([name]) => /^(from_|to_)/i.test(name) && !/^(from_full|from_proto|to_proto)$/i.test(name),
  )
  return new ChatMessage(
    [
      ...written,
      ['proto', 'verto'],
      ['from', user?.uid],
      ['from_user', user?.id],
      ['from_host', user?.domain],
      ['to', to],
      ['to_proto', named],
      ['type', 'text/plain'],
      ['from_full', user?.id],
      ['verto_profile', profile.name],
      ['context', contextOf(connection)],
    ],
    textOf(message, 'body') ?? '',
  )
}

/** A message within the call: for whoever listens to its events, and for the partner where that is a browser. */
function announceMessage({ channel }: VertoCall, chat: ChatMessage): void {
  channel.announce('MESSAGE', (event) => {
    for (const [name, value] of chat.headers) event.add(name, value)
    event.add('call_id', channel.uuid)
    event.body = chat.body
  })
  if (channel.partner?.driver.sendMessage?.('text/plain', chat.body) === false)
    log.info(`${channel.partner.name} takes no messages`, channel.uuid)
}
