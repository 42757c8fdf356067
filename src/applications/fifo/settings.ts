/** What fifo.conf.xml says: of the whole, of each fifo, and of the members that are called for it. */
import { placeText } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { readSettings, type Setting } from '../../core/settings.ts'
import type { XmlNode } from '../../xml/node.ts'
import { attribute, child, children } from '../../xml/query.ts'

const log = logger('applications/fifo')

/** `ringall`: members ring for one caller, whose number they see. `enterprise`: they ring for the fifo, whoever waits then. */
export type OutboundStrategy = 'ringall' | 'enterprise'

const ownFile = 'members are kept in fifo.db of the folder db_dir'

// biome-ignore format: a table keeps its columns
const globalSettings: readonly Setting[] = [
  { name: 'outbound-strategy', type: 'text', default: 'ringall', oneOf: ['ringall', 'enterprise'], about: 'of fifos that name none' },
  { name: 'delete-all-outbound-member-on-startup', type: 'boolean', default: 'false', about: 'forget members that were added by command' },
  { name: 'allow-transcoding', type: 'boolean', default: 'false', about: 'members are offered codecs that the caller does not have' },
  { name: 'disable-dtmf-moh-key', type: 'boolean', default: 'false', about: 'key 0 of a consumer does not hold the caller' },
  ...['odbc-dsn', 'dbname', 'db-pre-trans-execute', 'db-post-trans-execute', 'db-inner-pre-trans-execute', 'db-inner-post-trans-execute'].map(
    (name) => ({ name, type: 'text', ignored: true, about: ownFile }) as const,
  ),
]

export interface FifoSettings {
  readonly strategy: OutboundStrategy
  readonly forgetsMembers: boolean
  readonly allowsTranscoding: boolean
  readonly hasHoldKey: boolean
}

export function readFifoSettings(configuration: XmlNode | undefined): FifoSettings {
  const values = readSettings(configuration, globalSettings)
  return {
    strategy: values.text('outbound-strategy') === 'enterprise' ? 'enterprise' : 'ringall',
    forgetsMembers: values.boolean('delete-all-outbound-member-on-startup'),
    allowsTranscoding: values.boolean('allow-transcoding'),
    hasHoldKey: !values.boolean('disable-dtmf-moh-key'),
  }
}

/** How members are called for a fifo. Times in seconds. */
export interface OutboundSettings {
  readonly strategy: OutboundStrategy
  /** How many ring at a time at most; 0: all. */
  readonly perCycle: number
  readonly perCycleLeast: number
  /** 1 to 10: which fifos come first. */
  readonly priority: number
  readonly ringSeconds: number
  readonly lagSeconds: number
  readonly retrySeconds: number
  /** In front of the caller's name, or with `=` in its place. */
  readonly name: string
}

/** Those of a fifo that no file names. */
export function unnamedOutbound(strategy: OutboundStrategy): OutboundSettings {
  return {
    strategy,
    perCycle: 0,
    perCycleLeast: 0,
    priority: 5,
    ringSeconds: 0,
    lagSeconds: 0,
    retrySeconds: 0,
    name: '',
  }
}

export interface ConfiguredMember {
  readonly dialString: string
  readonly simultaneous: number
  readonly ringSeconds: number
  readonly lagSeconds: number
  readonly takingCalls: number
}

export interface ConfiguredFifo {
  readonly name: string
  readonly importance: number
  readonly outbound: OutboundSettings
  readonly members: readonly ConfiguredMember[]
}

const whole = (text: string | undefined) => Number.parseInt(text ?? '', 10)

export function readFifos(
  configuration: XmlNode | undefined,
  strategy: OutboundStrategy,
): ConfiguredFifo[] {
  const found: ConfiguredFifo[] = []
  for (const node of children(child(configuration, 'fifos'), 'fifo')) {
    const name = attribute(node, 'name')
    if (!name || name.toLowerCase() === manualCalls)
      log.err(`${placeText(node.place)}: a fifo cannot be called "${name ?? ''}"`)
    else found.push(readFifo(node, name, strategy))
  }
  return found
}

/** The fifo of calls that members make and take by themselves (`fifo_track_call`). */
export const manualCalls = 'manual_calls'

function readFifo(node: XmlNode, name: string, usual: OutboundStrategy): ConfiguredFifo {
  const written = attribute(node, 'outbound_strategy')?.toLowerCase()
  if (written !== undefined && written !== 'ringall' && written !== 'enterprise')
    log.err(`${placeText(node.place)}: there is no outbound_strategy ${written}; ${usual} is used`)
  const strategy = written === 'ringall' || written === 'enterprise' ? written : usual
  const number = (attributeName: string, least: number, most: number, fallback: number) => {
    const text = attribute(node, attributeName)
    const value = whole(text)
    if (text === undefined) return fallback
    if (value >= least && value <= most) return value
    log.err(
      `${placeText(node.place)}: ${attributeName}="${text}" is not within ${least} and ${most}; ${fallback} is used`,
    )
    return fallback
  }
  const outbound: OutboundSettings = {
    strategy,
    perCycle: number('outbound_per_cycle', 0, 10_000, 1),
    perCycleLeast: number('outbound_per_cycle_min', 0, 10_000, 1),
    priority: number('outbound_priority', 1, 10, 5),
    ringSeconds: number('outbound_ring_timeout', 11, 86_400, 60),
    lagSeconds: number('outbound_default_lag', 11, 86_400, 30),
    retrySeconds: number('retry_delay', 0, 86_400, 0),
    name: attribute(node, 'outbound_name') ?? '',
  }
  return {
    name,
    importance: number('importance', 0, 1_000_000, 0),
    outbound,
    members: children(node, 'member').map((member) => readMember(member, outbound)),
  }
}

function readMember(node: XmlNode, outbound: OutboundSettings): ConfiguredMember {
  const simultaneous = whole(attribute(node, 'simo'))
  const ring = whole(attribute(node, 'timeout'))
  const lag = whole(attribute(node, 'lag'))
  const taking = whole(attribute(node, 'taking_calls'))
  return {
    dialString: node.text.trim(),
    simultaneous: simultaneous >= 0 ? simultaneous : 1,
    ringSeconds: ring >= 10 ? ring : outbound.ringSeconds,
    lagSeconds: lag >= 0 ? lag : 10,
    takingCalls: taking >= 1 ? taking : 1,
  }
}
