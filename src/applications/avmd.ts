/** mod_avmd: notices the beep of an answering machine (`avmd_start`, `avmd_stop`, command `avmd`), set up by avmd.conf.xml. */
import { logger } from '../base/log.ts'
import type { Channel } from '../core/channel.ts'
import { runHooks } from '../core/hooks.ts'
import type { Application, Command, Module } from '../core/interfaces.ts'
import { type BugReport, startBug } from '../core/listen.ts'
import { separate } from '../core/separate.ts'
import { readSettings, type Setting } from '../core/settings.ts'
import { isTrue } from '../core/variables.ts'

const log = logger('applications/avmd')

const own = 'the detector here works in another way'

// biome-ignore format: a table keeps its columns
const settings: readonly Setting[] = [
  { name: 'inbound_channel', type: 'boolean', default: 'false', about: 'Listens to what the party of an inbound channel hears' },
  { name: 'outbound_channel', type: 'boolean', default: 'true', about: 'Listens to what the party of an outbound channel says' },
  { name: 'report_status', type: 'boolean', default: 'true', about: 'Logs what was found' },
  ...['debug', 'fast_math', 'require_continuous_streak', 'sample_n_continuous_streak', 'sample_n_to_skip', 'require_continuous_streak_amp',
    'sample_n_continuous_streak_amp', 'simplified_estimation', 'detection_mode', 'detectors_n', 'detectors_lagged_n',
  ].map((name): Setting => ({ name, type: 'text', ignored: true, about: own })),
]

interface Session {
  readonly startedAt: number
  isDetected: boolean
  stop(): void
}

const sessions = new WeakMap<Channel, Session>()

/** Microseconds, as FreeSWITCH's clock gives them. */
const micros = (ms: number) => String(Math.round(ms * 1000))

function announce(channel: Channel, subclass: string, headers: Readonly<Record<string, string>>) {
  channel.announce(
    'CUSTOM',
    (event) => {
      event.add('Call-command', 'avmd')
      for (const [name, value] of Object.entries(headers)) event.add(name, value)
    },
    subclass,
  )
}

/** Begins to listen; what is wrong, or undefined. `data` may set params: `inbound_channel=1,outbound_channel=0`. */
function start(channel: Channel, data = ''): string | undefined {
  if (sessions.has(channel)) return 'it listens already'
  if (!channel.hasMedia) return 'the channel has no sound'
  const values = readSettings(channel.sw.configuration('avmd.conf'), settings)
  const given = new Map(
    separate(data, ',').map((part) => part.split('=', 2) as [string, string | undefined]),
  )
  for (const name of given.keys())
    if (!settings.some((setting) => setting.name === name)) return `${name} is no setting`
  const says = (name: string) => (given.has(name) ? isTrue(given.get(name)) : values.boolean(name))
  const isOutbound = channel.direction === 'outbound'
  if (!says(isOutbound ? 'outbound_channel' : 'inbound_channel'))
    return `avmd.conf says not to listen on ${channel.direction} channels`
  const session: Session = {
    startedAt: Date.now(),
    isDetected: false,
    stop() {
      sessions.delete(channel)
      bug.stop()
    },
  }
  const bug = startBug(
    channel,
    'avmd',
    { kind: 'beep', direction: isOutbound ? 'read' : 'write' },
    (report) => found(channel, session, report, says('report_status')),
  )
  sessions.set(channel, session)
  channel.variables.set('avmd_detect', 'FALSE')
  announce(channel, 'avmd::start', { 'Start-time': micros(session.startedAt) })
  void bug.ended.then(() => {
    if (sessions.get(channel) === session) sessions.delete(channel)
    announce(channel, 'avmd::stop', {
      'Beep-Status': session.isDetected ? 'DETECTED' : 'NOTDETECTED',
      'Total-time': micros(Date.now() - session.startedAt),
    })
  })
  return undefined
}

function found(channel: Channel, session: Session, report: BugReport, reports: boolean): void {
  // Once is enough, as with FreeSWITCH: whoever wants the next one starts it anew.
  if (report.heard !== 'beep' || session.isDetected) return
  session.isDetected = true
  const ms = Date.now() - session.startedAt
  channel.variables.set('avmd_total_time', `[${ms}]`)
  channel.variables.set('avmd_detect', 'TRUE')
  runHooks(channel, 'avmd_beep')
  const { frequency, amplitude } = report
  if (reports)
    log.info(
      `beep of ${Math.round(frequency)} Hz, amplitude ${Math.round(amplitude)}`,
      channel.uuid,
    )
  announce(channel, 'avmd::beep', {
    'Beep-Status': 'DETECTED',
    Frequency: frequency.toFixed(6),
    'Frequency-variance': report.frequencyVariance.toFixed(6),
    Amplitude: amplitude.toFixed(6),
    'Amplitude-variance': report.amplitudeVariance.toFixed(6),
    'Detection-time': micros(ms),
  })
}

function starter(name: string): Application {
  return {
    name,
    syntax: '[inbound_channel=0|1,outbound_channel=0|1]',
    about: 'Begin to listen for the beep of an answering machine: avmd::beep, avmd_detect',
    needs: 'media',
    run(channel, data) {
      if (data.trim().toLowerCase() === 'stop') return stop(channel)
      const fault = start(channel, data.trim().toLowerCase() === 'start' ? '' : data.trim())
      if (fault) log.err(`${name}: ${fault}`, channel.uuid)
    },
  }
}

function stop(channel: Channel): void {
  const session = sessions.get(channel)
  if (session) session.stop()
  else log.warning('avmd_stop: it does not listen', channel.uuid)
}

const avmdStop: Application = {
  name: 'avmd_stop',
  syntax: '',
  about: 'End listening for a beep',
  needs: 'nothing',
  run: stop,
}

const avmdCommand: Command = {
  name: 'avmd',
  syntax: '<uuid> <start|stop>',
  about: 'Voicemail beep detection',
  completions: ['::console::list_uuid ::[start:stop'],
  run(args, { sw }) {
    const use = `-USAGE: ${avmdCommand.syntax}\n\n`
    const [uuid = '', verb = ''] = separate(args, ' ')
    if (uuid === '') return `-ERR, bad command!\n${use}`
    if (uuid.toLowerCase() === 'reload') return '+OK\n XML reloaded\n\n' // it is read at each start
    const channel = sw.channels.get(uuid)
    if (!channel) return `-ERR, no FreeSWITCH session for uuid [${uuid}]!\n${use}`
    const who = `[${uuid}] [${channel.name}]`
    const session = sessions.get(channel)
    if (verb.toLowerCase() === 'stop') {
      if (!session) return `+ERR, avmd has not yet been started on\n ${who}\n\n`
      session.stop()
      return `+OK\n ${who} stopped\n\n`
    }
    if (verb.toLowerCase() !== 'start')
      return `-ERR, did you mean\n api avmd ${uuid} start ?\n${use}`
    if (session) return `-ERR, avmd for FreeSWITCH session [${uuid}]\n already started\n\n`
    const fault = start(channel)
    return fault ? `-ERR, ${fault}: ${who}\n\n` : `+OK\n ${who} started!\n\n`
  },
}

export const module: Module = {
  name: 'mod_avmd',
  applications: [starter('avmd_start'), starter('avmd'), avmdStop],
  commands: [avmdCommand],
}
