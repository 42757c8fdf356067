/** fsctl: the switch's own controls; uptime, banner, shutdown. */
import { logger, logLevels, setLogThreshold } from '../base/log.ts'
import { usage } from '../core/command-usage.ts'
import { leadingInteger } from '../core/expand/expand.ts'
import type { Command } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'
import type { Switch } from '../core/switch.ts'
import { isTrue } from '../core/variables.ts'

const log = logger('commands/fsctl')

/** Answers `fsctl <word> …`; undefined when what follows makes no sense. */
type Control = (sw: Switch, words: readonly string[]) => string | undefined

const done = () => '+OK\n'

/** Which directions `pause`, `resume` and `pause_check` mean. */
function directions(word: string | undefined): { inbound: boolean; outbound: boolean } {
  const lower = word?.toLowerCase()
  return { inbound: lower !== 'outbound', outbound: lower !== 'inbound' }
}

function pause(on: boolean): Control {
  return (sw, [word]) => {
    const { inbound, outbound } = directions(word)
    if (inbound) sw.channels.pausedInbound = on
    if (outbound) sw.channels.pausedOutbound = on
    return '+OK\n'
  }
}

/** A number that is shown, and set when one above 0 is given. */
function figure(
  label: string,
  get: (sw: Switch) => number,
  set: (sw: Switch, value: number) => void,
): Control {
  return (sw, [text]) => {
    const value = leadingInteger(text ?? '')
    if (value > 0) set(sw, value)
    return `+OK ${label}: ${get(sw)}\n`
  }
}

function flag(
  name: string,
  get: (sw: Switch) => boolean,
  set: (sw: Switch, on: boolean) => void,
): Control {
  return (sw, [text]) => {
    if (text !== undefined) set(sw, isTrue(text))
    return `+OK ${name} is ${get(sw) ? 'on' : 'off'} \n`
  }
}

const logLevel: Control = (_sw, [text]) => {
  // FreeSWITCH shows this to whoever asks, and no longer logs from then on; that part is left out.
  if (text === undefined) return '+OK log level: DISABLE [-1]\n'
  const lower = text.toLowerCase()
  const named = lower === 'disable' ? -1 : (logLevels as readonly string[]).indexOf(lower)
  if (!/^\d/.test(text) && named < 0 && lower !== 'disable') {
    return '-ERR syntax error, log level not set!\n'
  }
  const level = /^\d/.test(text) ? Math.min(leadingInteger(text), 7) : named
  setLogThreshold(level)
  return `+OK log level: ${logLevels[level]?.toUpperCase() ?? 'DISABLE'} [${level}]\n`
}

const shutdown: Control = (sw, words) => {
  const has = (word: string) => words.some((one) => one.toLowerCase() === word)
  if (has('cancel')) {
    if (sw.isShutdownRequested) pause(false)(sw, [])
    sw.isShutdownRequested = false
    return '+OK\n'
  }
  if (has('restart') || has('reincarnate')) {
    log.warning('a restart is up to whatever starts this server; it only ends')
  }
  if (!has('now') && (has('elegant') || has('asap'))) void shutdownWhenIdle(sw, has('asap'))
  else sw.requestShutdown()
  return '+OK\n'
}

/** Ends the switch when no call is left. `asap` takes no new ones meanwhile. */
async function shutdownWhenIdle(sw: Switch, asap: boolean): Promise<void> {
  sw.isShutdownRequested = true
  if (asap) pause(true)(sw, [])
  const info = asap ? 'ASAP' : 'elegant'
  sw.events.announce('SHUTDOWN_REQUESTED', (event) => event.add('Event-Info', info))
  while (sw.isShutdownRequested && sw.channels.count > 0) await sw.channels.untilEmpty()
  if (sw.isShutdownRequested) sw.requestShutdown()
}

const durations = (key: 'minimum' | 'maximum' | 'standard', label: string) =>
  figure(
    `${label} dtmf duration`,
    (sw) => sw.dtmfDurations[key],
    (sw, value) => {
      sw.dtmfDurations[key] = value
    },
  )

const controls: Readonly<Record<string, Control>> = {
  hupall(sw) {
    for (const channel of sw.channels.list()) channel.hangup('MANAGER_REQUEST')
    return '+OK\n'
  },
  // No call is written down to be taken up again after a crash.
  recover: (_sw, [word]) =>
    /^flush/i.test(word ?? '') ? '+OK flushed\n' : '+OK 0 session(s) recovered in total\n',
  // The database is embedded: it has no handles to give back.
  flush_db_handles: done,
  pause: pause(true),
  resume: pause(false),
  pause_check(sw, [word]) {
    const { inbound, outbound } = directions(word)
    const { pausedInbound, pausedOutbound } = sw.channels
    return String((!inbound || pausedInbound) && (!outbound || pausedOutbound))
  },
  send_sighup() {
    process.emit('SIGHUP', 'SIGHUP')
    return '+OK\n'
  },
  // Time is the machine's own: it has no copy that could be wrong.
  calibrate_clock: done,
  sync_clock: () => '+OK clock synchronized\n',
  sync_clock_when_idle: () => '+OK clock synchronized\n',
  verbose_events: flag(
    'verbose_events',
    (sw) => sw.verboseEvents,
    (sw, on) => {
      sw.verboseEvents = on
    },
  ),
  api_expansion: flag(
    'api_expansion',
    (sw) => sw.expandsCommands,
    (sw, on) => {
      sw.expandsCommands = on
    },
  ),
  // Programs never hold anything up.
  threaded_system_exec: () => '+OK threaded_system_exec is false \n',
  // Consoles keep their own history.
  save_history: done,
  ready_check: (sw) => String(!sw.isStopping),
  shutdown_check: (sw) => String(sw.isShutdownRequested),
  shutdown,
  reclaim_mem() {
    globalThis.gc?.()
    return '+OK\n'
  },
  max_sessions: figure(
    'max sessions',
    (sw) => sw.channels.maximum,
    (sw, value) => {
      sw.channels.maximum = value
    },
  ),
  min_idle_cpu: (_sw, [text]) =>
    text === undefined || leadingInteger(text) === 0
      ? '+OK min idle cpu: DISABLED\n'
      : '-ERR calls are not limited by idle time\n',
  min_dtmf_duration: durations('minimum', 'min'),
  max_dtmf_duration: durations('maximum', 'max'),
  default_dtmf_duration: durations('standard', 'default'),
  loglevel: logLevel,
  // There is no detail beyond the level debug.
  debug_level: () => '+OK DEBUG level: 0\n',
  sps_peak_reset(sw) {
    sw.channels.peakPerSecond = 0
    return '+OK max sessions per second counter reset\n'
  },
  last_sps: (sw) => `+OK last sessions per second: ${sw.channels.lastRate}\n`,
  sps: figure(
    'sessions per second',
    (sw) => sw.channels.maximumPerSecond,
    (sw, value) => {
      sw.channels.maximumPerSecond = value
    },
  ),
  // Uuids are of version 4, whatever is asked for.
  uuid_version: () => '+OK set uuid version: 4\n',
}

export const fsctl: Command = {
  name: 'fsctl',
  syntax:
    '[api_expansion [on|off]|recover|send_sighup|hupall|pause [inbound|outbound]|resume [inbound|outbound]|shutdown [cancel|elegant|asap|now|restart]|uuid_version [4|7]|sps|sps_peak_reset|sync_clock|sync_clock_when_idle|reclaim_mem|max_sessions|min_dtmf_duration [num]|max_dtmf_duration [num]|default_dtmf_duration [num]|min_idle_cpu|loglevel [level]|debug_level [level]|mdns_resolve [enable|disable]]',
  about: 'FS control messages',
  completions: [
    ...Object.keys(controls),
    ...['pause', 'resume', 'pause_check'].flatMap((word) => [
      `${word} inbound`,
      `${word} outbound`,
    ]),
    ...['api_expansion', 'verbose_events'].flatMap((word) => [`${word} on`, `${word} off`]),
    ...['asap', 'now', 'cancel', 'elegant'].map((word) => `shutdown ${word}`),
    ...logLevels.map((level) => `loglevel ${level}`),
  ],
  run(args, { sw }) {
    if (args === '') return usage(fsctl.syntax)
    const [word = '', ...rest] = separate(args, ' ', 6)
    const lower = word.toLowerCase()
    const control = Object.hasOwn(controls, lower) ? controls[lower] : undefined
    return control?.(sw, rest) ?? `-ERR Invalid command\nUSAGE: fsctl ${fsctl.syntax}\n`
  },
}

/** `shutdown` and, as of old, three dots. */
function shutdownCommand(name: string): Command {
  return {
    name,
    syntax: '',
    about: 'Shutdown',
    run(_args, { sw }) {
      sw.requestShutdown()
      return '+OK\n'
    },
  }
}

export const shutdownNow = shutdownCommand('shutdown')
export const shutdownDots = shutdownCommand('...')

const scales: Readonly<Record<string, number>> = {
  us: 1,
  microseconds: 1,
  ms: 1000,
  milliseconds: 1000,
  s: 1e6,
  seconds: 1e6,
  m: 60e6,
  minutes: 60e6,
  h: 3600e6,
  hours: 3600e6,
  d: 86400e6,
  days: 86400e6,
}

export const uptime: Command = {
  name: 'uptime',
  syntax: '[us|ms|s|m|h|d|microseconds|milliseconds|seconds|minutes|hours|days]',
  about: 'Show uptime',
  completions: Object.keys(scales),
  run(args, { sw }) {
    const word = args.toLowerCase() || 's'
    const scale = Object.hasOwn(scales, word) ? scales[word] : undefined
    if (scale === undefined) return usage(uptime.syntax)
    return `${Math.trunc(((Date.now() - sw.startedAt) * 1000) / scale)}\n`
  },
}
