/** What `limit` does to a channel: one more use of something, variables that tell, and where it goes when there are too many. */
import { logger } from '../base/log.ts'
import type { Channel } from './channel.ts'
import { parseCause } from './hangup-cause.ts'
import type { Limits } from './limits.ts'
import type { Switch } from './switch.ts'
import { transfer } from './transfer.ts'

const log = logger('core/limit')

/** The counters of a backend (`hash`, `db`) in any case; undefined when there is none of that name. */
export function limitsOf(sw: Switch, backend: string): Limits | undefined {
  const word = backend.toLowerCase()
  if (word === 'hash') return sw.limits
  return word === 'db' ? sw.databaseLimits : undefined
}

export interface LimitRequest {
  readonly backend: string
  readonly realm: string
  readonly id: string
  /** `5/10`: so many, in so many seconds. Missing or negative: only counts. */
  readonly maximum: string | undefined
}

/** Counts one more use; false when that is one too many, or when there is no such backend. */
export function takeLimit(channel: Channel, request: LimitRequest): boolean {
  const { backend, realm, id } = request
  const limits = limitsOf(channel.sw, backend)
  if (!limits) {
    log.err(`limit: there is no backend ${backend}`, channel.uuid)
    return false
  }
  const { max, interval } = parseMaximum(request.maximum)
  const state = limits.take(channel, realm, id, max, interval)
  const { variables } = channel
  variables.set('limit_realm', realm)
  variables.set('limit_id', id)
  if (max !== undefined) variables.set('limit_max', String(max))
  variables.set('limit_usage', String(state.count))
  variables.set(`limit_usage_${realm}_${id}`, String(state.count))
  if (interval > 0) variables.set('limit_rate', String(state.rate))
  if (!state.allowed) {
    const within = interval ? ` in ${interval} s` : ''
    log.notice(`${realm}_${id} is at its limit of ${max}${within}`, channel.uuid)
  }
  return state.allowed
}

function parseMaximum(text: string | undefined): { max: number | undefined; interval: number } {
  if (!text || text.startsWith('-')) return { max: undefined, interval: 0 }
  const [max = '', interval = '0'] = text.split('/')
  return { max: Number.parseInt(max, 10) || 0, interval: Number.parseInt(interval, 10) || 0 }
}

/** Sends a channel that was one too many where the words `[<extension>|!<cause> [<dialplan> [<context>]]]` say. */
export function refuseOverLimit(channel: Channel, words: readonly string[]): void {
  const [extension = 'limit_exceeded', dialplan = 'XML', context = 'default'] = words
  if (extension.startsWith('!')) {
    channel.hangup(parseCause(extension.slice(1)) ?? 'NORMAL_CLEARING')
    return
  }
  transfer(channel, { extension, dialplan, context })
}
