/** Runs a request of the JSON API: `{"command":"status","data":{}}`, as `json` and Verto's `jsapi` send it. */
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { Channel } from './channel.ts'
import type { JsonReply } from './interfaces.ts'
import type { Switch } from './switch.ts'

const log = logger('core/json-command')

/** The request with `status`, `message` where there is something to say, and `response` added. */
export async function executeJson(
  sw: Switch,
  request: Readonly<Record<string, unknown>>,
  channel?: Channel,
): Promise<Record<string, unknown>> {
  const { command, data } = request as { command?: unknown; data?: unknown }
  const found = typeof command === 'string' ? sw.jsonCommands.get(command) : undefined
  if (!found || data === undefined) {
    const message = 'Invalid request or non-existant command'
    return { ...request, status: 'error', message, response: null }
  }
  let reply: JsonReply
  try {
    reply = await found.run(data, { sw, channel })
  } catch (thrown) {
    log.err(`${found.name} failed: ${reasonOf(thrown)}`)
    reply = { ok: false, response: null }
  }
  if (reply.ok) return { ...request, status: 'success', response: reply.response }
  const message = 'The command returned an error'
  return { ...request, status: 'error', message, response: reply.response }
}
