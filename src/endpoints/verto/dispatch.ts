/** What a message is answered with: who may, which method it asks for, and how JSON-RPC says so. */
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { newUuid } from '../../core/events.ts'
import { sessionReady } from './attach.ts'
import type { Connection } from './connection.ts'
import { isFreeName } from './event-channels.ts'
import {
  code,
  failure,
  invalid,
  isSaid,
  type Json,
  type JsonObject,
  member,
  parseMessage,
  refusal,
  success,
  textOf,
} from './json-rpc.ts'
import { login } from './login.ts'
import { type MethodResult, methods } from './methods.ts'

const log = logger('verto/rpc')

/** Ids of sessions become parts of dial strings, names of channels and lines of the log. */
const sessionShape = /^[\w.@:-]{1,256}$/

/** How many messages one array may hold. */
const mostInBatch = 100

/** The answer to a text of the client; undefined: it needs none. */
export function answerMessage(
  connection: Connection,
  text: string,
): Json | undefined | Promise<Json | undefined> {
  const message = parseMessage(text)
  if (message === undefined) {
    connection.verto.count('refused json')
    return invalid('Invalid Request')
  }
  if (!Array.isArray(message)) return answerOne(connection, message as Json)
  return answerBatch(connection, message)
}

async function answerBatch(connection: Connection, messages: readonly Json[]): Promise<Json> {
  if (messages.length > mostInBatch) {
    connection.verto.count('refused message')
    return invalid('Invalid Request')
  }
  connection.charge(messages.length - 1)
  const answers: Json[] = []
  for (const message of messages) {
    const answer = await answerOne(connection, message)
    if (answer !== undefined) answers.push(answer)
  }
  return answers
}

function answerOne(
  connection: Connection,
  message: Json,
): Json | undefined | Promise<Json | undefined> {
  const { verto, profile } = connection
  const id = member(message, 'id') ?? null
  if (textOf(message, 'jsonrpc') !== '2.0') {
    verto.count('refused message')
    return invalid('Invalid message', id)
  }
  // Answers to what we asked: nothing depends on them.
  if (member(message, 'result') !== undefined) return undefined
  const method = textOf(message, 'method')
  const params = member(message, 'params')
  if (profile.needsLogin && (!connection.isAuthed || method === 'login')) {
    const fault = login(connection, params)
    if (fault) return failure(id, { ...fault })
    connection.authenticated()
  }
  if (connection.sessid === '') {
    if (!bindSession(connection, textOf(params, 'sessid'))) {
      setImmediate(() => connection.close('its session is another user’s'))
      return refusal(id, code.authFailed, 'Session in use')
    }
  }
  return runMethod(connection, id, method, params)
}

/** The socket gets the session that it names, or a new one. False when that is another user's. */
function bindSession(connection: Connection, wanted: string | undefined): boolean {
  const { verto } = connection
  const isFit = wanted && sessionShape.test(wanted) && isFreeName(verto, wanted)
  const sessid = isFit ? wanted : newUuid()
  const present = verto.sessions.get(sessid)
  // A session whose socket is gone lives on in its calls, which are nobody else's either.
  const owners = verto.callsOf(sessid).map(({ owner }) => owner)
  if (present) owners.push(present.owner)
  const other = owners.find((owner) => owner !== connection.owner)
  if (other !== undefined) {
    verto.count('refused login')
    log.warning(
      `${connection.owner || 'somebody'} may not take over session ${sessid} of ${other || 'somebody else'} (${connection.name})`,
    )
    return false
  }
  connection.sessid = sessid
  connection.isBound = true
  verto.sessions.set(sessid, connection)
  sessionReady(connection, present)
  return true
}

function runMethod(
  connection: Connection,
  id: Json,
  method: string | undefined,
  params: Json | undefined,
): Json | Promise<Json> {
  const found =
    method !== undefined && connection.permissions.allows('methods', method)
      ? methods.get(method)
      : undefined
  if (!found || method === undefined) {
    connection.verto.count('refused method')
    return refusal(id, code.noMethod, 'Invalid Method, Missing Method or Permission Denied')
  }
  try {
    const result = found(connection, params)
    if (!(result instanceof Promise)) return toAnswer(connection, id, params, result)
    return result
      .then((each) => toAnswer(connection, id, params, each))
      .catch((thrown: unknown) => broken(id, method, thrown))
  } catch (thrown) {
    return broken(id, method, thrown)
  }
}

function toAnswer(
  connection: Connection,
  id: Json,
  params: Json | undefined,
  outcome: MethodResult,
): JsonObject {
  if ('denied' in outcome) {
    connection.verto.count('refused permission')
    return refusal(id, code.denied, 'Permission Denied')
  }
  if ('error' in outcome) return failure(id, outcome.error)
  const echo = member(params, 'echoParams')
  if (echo === undefined) return success(id, outcome.result)
  const requestParams = isSaid(echo) ? (params ?? null) : echo
  return success(id, { ...outcome.result, requestParams })
}

/** A fault of ours: the others go on. */
function broken(id: Json, method: string, thrown: unknown): JsonObject {
  log.err(`${method} failed: ${thrown instanceof Error ? thrown.stack : reasonOf(thrown)}`)
  return refusal(id, code.session, 'Internal error')
}
