/**
 * The log: one hub that every part writes to and that sinks (console, file, event socket) listen to.
 * Levels are those of syslog as FreeSWITCH numbers them: console 0 … debug 7.
 */

export const logLevels = [
  'console',
  'alert',
  'crit',
  'err',
  'warning',
  'notice',
  'info',
  'debug',
] as const

/** One line on its way to the sinks. `time` is in ms since the epoch; `area` is the part that speaks (`sofia/registrar`). */
export interface LogLine {
  readonly level: number
  readonly time: number
  readonly area: string
  readonly text: string
  /** The channel it is about. */
  readonly uuid: string | undefined
}

export interface Logger {
  alert(text: string, uuid?: string): void
  crit(text: string, uuid?: string): void
  err(text: string, uuid?: string): void
  warning(text: string, uuid?: string): void
  notice(text: string, uuid?: string): void
  info(text: string, uuid?: string): void
  debug(text: string, uuid?: string): void
  /** A line at a level that is only known at run time. */
  at(level: number, text: string, uuid?: string): void
  /** Whether a line of this level would be kept: ask before building a long text. */
  wants(level: number): boolean
}

const listeners = new Set<(line: LogLine) => void>()
let threshold = 7
/** How many lines were written at each level since the start. */
export const logCounts: number[] = [0, 0, 0, 0, 0, 0, 0, 0]

/** The level above which lines are not even made (`loglevel` of switch.conf, `fsctl loglevel`). */
export function setLogThreshold(level: number): void {
  threshold = level
}

/** Channels whose own limit is narrower, by uuid. */
const channelThresholds = new Map<string, number>()

/** Lines about one channel are made up to that level only (`uuid_loglevel`); undefined takes the limit away. */
export function setChannelLogThreshold(uuid: string, level: number | undefined): void {
  if (level === undefined) channelThresholds.delete(uuid)
  else channelThresholds.set(uuid, level)
}

/** The lines of the start, for sinks that come with a module; undefined when nobody will ask for them any more. */
let early: LogLine[] | undefined
/** More are not kept. */
const mostEarly = 2000
let isEarlyTaken = false

/** Keeps what is said from now on for the sinks that are still to come. */
export function keepEarlyLines(): void {
  early = []
  isEarlyTaken = false
}

/** Keeps no more; gives the lines that no sink has taken. */
export function endEarlyLines(): readonly LogLine[] {
  const left = isEarlyTaken ? [] : (early ?? [])
  early = undefined
  return left
}

/**
 * Receives every line within the threshold until disposed, `withEarly` also those of the start that came before it. A
 * listener that throws is dropped.
 */
export function onLog(
  listener: (line: LogLine) => void,
  { withEarly = false }: { readonly withEarly?: boolean } = {},
): Disposable {
  if (withEarly && early) {
    isEarlyTaken = true
    for (const line of early) listener(line)
  }
  listeners.add(listener)
  return { [Symbol.dispose]: () => void listeners.delete(listener) }
}

/** The number of a level given as its name (any case; `error` and `warn` too) or digit; undefined if it is neither. */
export function logLevelNumber(text: string): number | undefined {
  const word = text.trim().toLowerCase()
  if (/^[0-9]+$/.test(word)) return Number(word)
  if (word === 'error') return 3
  if (word === 'warn') return 4
  const index = (logLevels as readonly string[]).indexOf(word)
  return index < 0 ? undefined : index
}

/** The key of an `a=crypto` line (RFC 4568): whatever quotes one, it does not get into the log. */
const inlineKey = /(inline:)[A-Za-z0-9+/%]{16,}=*/gi

/** What a terminal takes for an order: names and headers that others have sent must not paint over what an operator reads. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const orders = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)/g

function write(level: number, area: string, words: string, uuid: string | undefined): void {
  if (level > threshold) return
  if (uuid !== undefined && channelThresholds.size > 0) {
    if (level > (channelThresholds.get(uuid) ?? level)) return
  }
  logCounts[level] = (logCounts[level] ?? 0) + 1
  if (listeners.size === 0 && !early) return
  const text = words.replace(inlineKey, '$1…').replace(orders, '?')
  const line: LogLine = {
    level,
    time: performance.timeOrigin + performance.now(),
    area,
    text,
    uuid,
  }
  if (early && early.length < mostEarly) early.push(line)
  for (const listener of listeners) {
    try {
      listener(line)
    } catch {
      listeners.delete(listener)
    }
  }
}

/** Writes a line that was made elsewhere (a media worker), with its own area. */
export function writeLog(level: number, area: string, text: string, uuid?: string): void {
  write(level, area, text, uuid)
}

/** The log as one part of the program sees it. */
export function logger(area: string): Logger {
  const at = (level: number) => (text: string, uuid?: string) => write(level, area, text, uuid)
  return {
    alert: at(1),
    crit: at(2),
    err: at(3),
    warning: at(4),
    notice: at(5),
    info: at(6),
    debug: at(7),
    at: (level, text, uuid) => write(level, area, text, uuid),
    wants: (level) => level <= threshold,
  }
}
