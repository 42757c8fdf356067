/** The methods that a browser may call, by name. */
import type { Connection } from './connection.ts'
import type { Json, JsonObject } from './json-rpc.ts'
import { fsapi, jsapi } from './method-api.ts'
import { answerCall, attachCall, endCall } from './method-call.ts'
import { broadcast, subscribe, unsubscribe } from './method-events.ts'
import { iceServers } from './method-ice.ts'
import { info } from './method-info.ts'
import { invite } from './method-invite.ts'
import { modify } from './method-modify.ts'
import { echo, loggedIn, ping } from './method-session.ts'
import { operator } from './operator.ts'

/** What a method gives; `error` with members of its own, or nothing but that it is denied. */
export type MethodResult =
  | { readonly result: JsonObject }
  | { readonly error: JsonObject }
  | { readonly denied: true }

export type Method = (
  connection: Connection,
  params: Json | undefined,
) => MethodResult | Promise<MethodResult>

export const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['echo', echo],
  ['fsapi', fsapi],
  ['jsapi', jsapi],
  ['login', loggedIn],
  ['verto.answer', answerCall],
  ['verto.attach', attachCall],
  ['verto.broadcast', broadcast],
  ['verto.bye', endCall],
  ['verto.iceServers', iceServers],
  ['verto.info', info],
  ['verto.invite', invite],
  ['verto.modify', modify],
  ['verto.operator', operator],
  ['verto.ping', ping],
  ['verto.subscribe', subscribe],
  ['verto.unsubscribe', unsubscribe],
])
