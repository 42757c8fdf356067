/** verto.subscribe, verto.unsubscribe and verto.broadcast: event channels as a browser uses them. */
import { isOwnName, mailboxChannel, mayUse, pingPresence, writeEvent } from './event-channels.ts'
import { code, isObject, type Json, type JsonObject, member, textOf } from './json-rpc.ts'
import { askMessageWaiting } from './message-waiting.ts'
import type { Method } from './methods.ts'

/** Names longer than this, or so many subscriptions, are nothing that a phone needs. */
const longestName = 256
const mostSubscriptions = 1000

/** What is beyond the bound is left out. */
function namesOf(params: Json | undefined): string[] {
  const channel = member(params, 'eventChannel')
  const all = Array.isArray(channel) ? channel.slice(0, mostSubscriptions) : [channel]
  return all.filter((name) => typeof name === 'string')
}

/** The lists that have been begun; an empty object where there is none. */
function lists(entries: Readonly<Record<string, readonly string[] | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(entries).flatMap(([name, list]) => (list ? [[name, list]] : [])),
  )
}

export const subscribe: Method = (connection, params) => {
  const { verto } = connection
  let added: string[] | undefined
  let unauthorized: string[] | undefined
  let present: string[] | undefined
  const names = namesOf(params)
  // Long lists are paid for as messages are.
  connection.charge(names.length / 20)
  for (const name of names) {
    // What is sent to its session or its call it hears without asking.
    if (isOwnName(connection, name)) {
      added ??= []
      added.push(name)
      continue
    }
    const isFull = verto.subscriptions.countOf(connection) >= mostSubscriptions
    if (name.length > longestName || isFull || !mayUse(connection, name)) {
      verto.count('refused permission')
      unauthorized ??= []
      unauthorized.push(name)
      continue
    }
    added ??= []
    if (verto.subscriptions.add(connection, name)) {
      added.push(name)
      if (/^presence/i.test(name)) pingPresence(connection, name)
      if (name === mailboxChannel) askMessageWaiting(connection)
    } else {
      present ??= []
      present.push(name)
    }
  }
  const answer = lists({
    subscribedChannels: added,
    unauthorizedChannels: unauthorized,
    alreadySubscribedChannels: present,
  })
  return added ? { result: answer } : { error: answer }
}

export const unsubscribe: Method = (connection, params) => {
  let removed: string[] | undefined
  let absent: string[] | undefined
  for (const name of namesOf(params)) {
    if (connection.verto.subscriptions.remove(connection, name) || isOwnName(connection, name)) {
      removed ??= []
      removed.push(name)
    } else {
      absent ??= []
      absent.push(name)
    }
  }
  const answer = lists({ unsubscribedChannels: removed, notSubscribedChannels: absent })
  return absent && !removed ? { error: answer } : { result: answer }
}

/**
 * Sends on a channel. What listens there within the switch (a conference) hears it; other browsers only where the message says
 * `localBroadcast`, as with FreeSWITCH.
 */
export const broadcast: Method = (connection, params) => {
  const { verto, user, sessid } = connection
  const channel = textOf(params, 'eventChannel')
  const refuse = (message: string) => ({ result: { message, code: code.session } })
  if (channel === undefined || !isObject(params)) return refuse('eventChannel not specified.')
  // What is told of mailboxes is told by the switch alone.
  if (channel === mailboxChannel || !mayUse(connection, channel)) {
    verto.count('refused permission')
    return refuse('Permission Denied.')
  }
  const display = connection.params.get('caller-id-name')
  const event = {
    ...params,
    userid: user?.uid ?? '',
    sessid,
    ...(display === undefined ? {} : { fromDisplay: display }),
  }
  if (member(params, 'localBroadcast') === true) writeEvent(verto, channel, event)
  else verto.sw.eventChannels.broadcast(channel, event, verto)
  return { result: {} }
}
