/** json: the JSON API at the console, and the commands of it that belong to the switch itself. */

import type { Channel } from '../core/channel.ts'
import { addChannelVariables } from '../core/channel-event.ts'
import { stateName, stateNumber } from '../core/channel-states.ts'
import { SwitchEvent } from '../core/events.ts'
import { executeApplication } from '../core/execute.ts'
import { idleCpu } from '../core/heartbeat.ts'
import type { Command, JsonCommand, JsonReply } from '../core/interfaces.ts'
import { executeJson } from '../core/json-command.ts'
import { audioFigures } from '../core/media-figures.ts'
import type { Switch } from '../core/switch.ts'
import { isTrue } from '../core/variables.ts'

export const json: Command = {
  name: 'json',
  syntax: 'JSON',
  about: 'JSON API',
  async run(args, { sw, channel }) {
    if (args === '') return '-ERR No JSON supplied.\n'
    let request: unknown
    try {
      request = JSON.parse(args)
    } catch {
      return '-ERR Parse error.\n'
    }
    if (typeof request !== 'object' || request === null || Array.isArray(request)) {
      return '-ERR Parse error.\n'
    }
    const reply = await executeJson(sw, request as Record<string, unknown>, channel)
    const isPretty = String(reply['format'] ?? '').toLowerCase() === 'pretty'
    return `${JSON.stringify(reply, null, isPretty ? '\t' : undefined)}\n`
  },
}

/** A text below `data`; undefined when it is none. */
function text(data: unknown, name: string): string | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const value = (data as Record<string, unknown>)[name]
  return typeof value === 'string' ? value : undefined
}

const failure = (response: string): JsonReply => ({ ok: false, response: { response } })

const gone = failure('Session does not exist')
const invalid = failure('INVALID INPUT')

const fsapi: JsonCommand = {
  name: 'fsapi',
  about: 'JSON FSAPI Gateway',
  async run(data, { sw, channel }) {
    const command = text(data, 'cmd')
    if (command === undefined) return { ok: true, response: { message: 'INVALID CALL' } }
    const reply = await sw.commandInText(command, text(data, 'arg') ?? '', channel)
    if (reply === undefined) return { ok: false, response: { message: 'INVALID CALL' } }
    return { ok: true, response: { message: reply } }
  },
}

const status: JsonCommand = {
  name: 'status',
  about: 'JSON status API',
  run: (_data, { sw }) => ({ ok: true, response: statusOf(sw) }),
}

function statusOf(sw: Switch): unknown {
  const { channels } = sw
  const peaks = channels.recentPeaks()
  const ms = Date.now() - sw.startedAt
  const seconds = Math.trunc(ms / 1000)
  return {
    systemStatus: sw.isStopping ? 'not ready' : 'ready',
    uptime: {
      years: Math.trunc(seconds / 31_536_000),
      days: Math.trunc(seconds / 86_400) % 365,
      hours: Math.trunc(seconds / 3600) % 24,
      minutes: Math.trunc(seconds / 60) % 60,
      seconds: seconds % 60,
      milliseconds: ms % 1000,
      microseconds: 0,
    },
    version: `Version ${sw.options.version} Strowger`,
    sessions: {
      count: {
        total: channels.sinceStartup,
        active: channels.count,
        peak: channels.peak,
        peak5Min: peaks.count,
        limit: channels.maximum,
      },
      rate: {
        current: channels.rate,
        max: channels.maximumPerSecond,
        peak: channels.peakPerSecond,
        peak5Min: peaks.rate,
      },
    },
    idleCPU: { used: 0, allowed: Number(idleCpu().toFixed(6)) },
    stackSizeKB: { current: 0, max: 0 },
  }
}

/** State and variables of a channel. */
function channelData(channel: Channel): unknown {
  const event = new SwitchEvent('CHANNEL_DATA')
  addChannelVariables(event, channel)
  const prefix = 'variable_'
  const variables = event.headers
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, value]) => [name.slice(prefix.length), value])
  return {
    'core-uuid': channel.sw.coreUuid,
    switchname: channel.sw.globals.get('switchname') ?? '',
    channel_data: {
      state: stateName(channel.runningState),
      direction: channel.direction,
      state_number: String(stateNumber(channel.state)),
    },
    variables: Object.fromEntries(variables),
  }
}

const mediaStats: JsonCommand = {
  name: 'mediaStats',
  about: 'JSON Media Stats',
  async run(data, { sw }) {
    const uuid = text(data, 'uuid')
    if (!uuid) return invalid
    const channel = sw.channels.get(uuid)
    if (!channel) return gone
    const figures = await channel.media?.stats()
    const wantsData = Boolean((data as Record<string, unknown>)['channelData'])
    return {
      ok: true,
      response: {
        ...(figures ? { audio: audioFigures(figures) } : {}),
        ...(wantsData ? { channelData: channelData(channel) } : {}),
      },
    }
  },
}

const channelDataCommand: JsonCommand = {
  name: 'channelData',
  about: 'JSON channel data application',
  run(data, { sw }) {
    const uuid = text(data, 'uuid')
    if (!uuid) return invalid
    const channel = sw.channels.get(uuid)
    return channel ? { ok: true, response: { channelData: channelData(channel) } } : gone
  },
}

const execute: JsonCommand = {
  name: 'execute',
  about: 'JSON session execute application',
  async run(data, { sw }) {
    const uuid = text(data, 'uuid')
    const application = text(data, 'app')
    if (uuid === undefined || application === undefined) return invalid
    const channel = sw.channels.get(uuid)
    if (!channel) return gone
    const argument = text(data, 'arg') ?? ''
    const response = isTrue(text(data, 'extendedData'))
      ? { channelData: channelData(channel) }
      : { channelName: channel.name }
    if (isTrue(text(data, 'inline'))) await executeApplication(channel, application, argument)
    else channel.queue.add({ application, data: argument })
    return { ok: true, response }
  },
}

export const jsonCommands: readonly JsonCommand[] = [
  mediaStats,
  status,
  fsapi,
  execute,
  channelDataCommand,
]
