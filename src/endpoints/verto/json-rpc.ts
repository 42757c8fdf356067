/** JSON-RPC 2.0 as Verto has it: messages, replies and errors, in the words and the order that its clients know. */

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

/** Error codes of JSON-RPC and of Verto. */
export const code = {
  invalid: -32600,
  noMethod: -32601,
  denied: -32602,
  authRequired: -32000,
  authFailed: -32001,
  session: -32002,
} as const

/** Deeper than any message of Verto; what is deeper is no message. */
const deepest = 64

/** What a text says; undefined for what is no JSON or nested without sense. */
export function parseMessage(text: string): Json | undefined {
  if (isTooDeep(text)) return undefined
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** Brackets within strings count too, which does no harm: nobody writes so many. */
function isTooDeep(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at)
    if (character === 0x5b || character === 0x7b) {
      if (++depth > deepest) return true
    } else if ((character === 0x5d || character === 0x7d) && depth > 0) depth--
  }
  return false
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A member of an object; undefined for what is none and for names of the language's own. */
export function member(value: Json | undefined, name: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

/** A text member; undefined when it is something else. */
export function textOf(value: Json | undefined, name: string): string | undefined {
  const found = member(value, name)
  return typeof found === 'string' ? found : undefined
}

/** A whole number, given as such or as a text. */
export function numberOf(value: Json | undefined, name: string): number | undefined {
  const found = member(value, name)
  const number = typeof found === 'string' ? Number.parseInt(found, 10) : found
  return typeof number === 'number' && Number.isFinite(number) ? Math.trunc(number) : undefined
}

/** Texts, and `true` and `false` as texts, of an object whose other members are passed over. */
export function textsOf(value: Json | undefined): [name: string, value: string][] {
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([name, each]): [string, string][] => {
    if (typeof each === 'boolean') return [[name, String(each)]]
    return typeof each === 'string' && each !== '' && name !== '' ? [[name, each]] : []
  })
}

/** true, or a word that means it. */
export function isSaid(value: Json | undefined): boolean {
  return value === true || (typeof value === 'string' && /^(true|yes|on|1)$/i.test(value))
}

/** A request of ours. */
export function request(id: number, method: string, params: JsonObject): JsonObject {
  return { jsonrpc: '2.0', id, method, params }
}

export function success(id: Json, result: Json): JsonObject {
  return { jsonrpc: '2.0', id, result }
}

/** An error with members of its own, as calls have them. */
export function failure(id: Json, error: Json): JsonObject {
  return { jsonrpc: '2.0', id, error }
}

export function refusal(id: Json, number: number, message: string): JsonObject {
  return failure(id, { code: number, message })
}

/** For what is no message at all: the id comes last. */
export function invalid(message: string, id: Json = null): JsonObject {
  return { jsonrpc: '2.0', error: { code: code.invalid, message }, id }
}
