/** What a plan for messages can do: each gets the message and its data, expanded. */
import { logger, logLevelNumber } from '../../base/log.ts'
import { sendChat, submitChat } from '../../core/chat.ts'
import type { ChatMessage } from '../../core/chat-message.ts'
import type { Switch } from '../../core/switch.ts'

const log = logger('applications/sms')

/** One message in one plan. */
export interface Passage {
  readonly sw: Switch
  readonly message: ChatMessage
  /** No further action runs. */
  isStopped: boolean
  /** Nothing is left to be delivered. */
  isFinal: boolean
}

type ChatApplication = (passage: Passage, data: string) => Promise<void> | void

export const chatApplications: ReadonlyMap<string, ChatApplication> = new Map(
  Object.entries({ info, reply, stop, final, set, unset, send, fire }),
)

/** All headers into the log; the data is the level. */
function info({ message }: Passage, data: string): void {
  const lines = message.headers.map(([name, value]) => `${name}: ${value}\n`)
  log.at(logLevelNumber(data) ?? 6, `a message:\n${lines.join('')}\n${message.body}`)
}

/** Answers the sender, with the data or with what he wrote. */
async function reply({ sw, message }: Passage, data: string): Promise<void> {
  const { protocol } = message
  await sendChat(sw, protocol, message.reply('GLOBAL_SMS', data === '' ? message.body : data))
}

function stop(passage: Passage): void {
  passage.isStopped = true
}

/** It was all for this message: it is not delivered. */
function final(passage: Passage): void {
  passage.message.set('final_delivery', 'true')
  passage.isStopped = true
  passage.isFinal = true
}

/** `name=value`; without a value the header goes. `body=` changes what is said. */
function set({ message }: Passage, data: string): void {
  const equals = data.indexOf('=')
  const name = equals < 0 ? data : data.slice(0, equals)
  const value = equals < 0 ? undefined : data.slice(equals + 1)
  if (/^_?body$/i.test(name)) message.body = value ?? ''
  else if (name !== '') message.set(name, value)
}

function unset({ message }: Passage, data: string): void {
  if (data !== '') message.set(data, undefined)
}

/**
 * Sends it as it now is, by the protocol that the data names. One that goes the way it would have gone anyway is not delivered
 * a second time behind the plan.
 */
async function send(passage: Passage, data: string): Promise<void> {
  const { sw, message } = passage
  const usual = message.get('dest_proto') ?? ''
  const sent = message.with({ skip_global_process: 'true' })
  if (data !== '' && data.toLowerCase() !== usual.toLowerCase()) {
    await sendChat(sw, data, sent)
    return
  }
  passage.isFinal = true
  await submitChat(sw, sent, usual)
}

/** Tells it as an event: MESSAGE, without delivering. */
function fire({ sw, message }: Passage): void {
  sw.events.announce('MESSAGE', (event) => {
    for (const [name, value] of message.headers) event.add(name, value)
    event.body = message.body
  })
}
