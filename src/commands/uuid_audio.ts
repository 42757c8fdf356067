/** uuid_audio, uuid_record, uuid_displace, uuid_buglist: taps on the sound of a channel. */

import { preAnswer } from '../core/answer.ts'
import { audioChange, changeAudio, resetAudio } from '../core/audio-level.ts'
import { urlDecode } from '../core/command-text.ts'
import { usage } from '../core/command-usage.ts'
import { displacements, startDisplace, stopDisplace } from '../core/displace.ts'
import { leadingInteger } from '../core/expand/expand.ts'
import type { Command } from '../core/interfaces.ts'
import { bracketVariables } from '../core/originate/bracket-variables.ts'
import { separate } from '../core/separate.ts'
import {
  changeSessionRecording,
  sessionRecordings,
  startSessionRecording,
  stopSessionRecording,
} from '../core/session-record.ts'

export const uuidAudio: Command = {
  name: 'uuid_audio',
  syntax: '<uuid> [start [read|write] [mute|level <level>]|stop]',
  about: 'uuid_audio',
  completions: ['read', 'write'].flatMap((side) =>
    ['mute', 'level'].map((what) => `::console::list_uuid start ${side} ${what}`),
  ),
  async run(args, { sw }) {
    const [uuid = '', verb, side = '', what = '', level] = args.split(' ')
    if (verb === undefined) return usage(uuidAudio.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return '-ERR No such channel!\n'
    if (verb.toLowerCase() === 'stop') {
      resetAudio(channel)
      return '+OK\n'
    }
    const direction = side.toLowerCase()
    const change = what.toLowerCase()
    if (verb.toLowerCase() !== 'start' || level === undefined) return usage(uuidAudio.syntax)
    if (direction !== 'read' && direction !== 'write') return usage(uuidAudio.syntax)
    if (change !== 'mute' && change !== 'level') return usage(uuidAudio.syntax)
    await preAnswer(channel)
    changeAudio(channel, change, direction, leadingInteger(level))
    return '+OK\n'
  },
}

const gone = '-ERR Cannot locate session!\n'
const success = '+OK Success\n'

const recordChanges = {
  pause: 'pause recording',
  resume: 'resume recording',
  mask: 'mask recording',
  unmask: 'unmask recording',
} as const

export const uuidRecord: Command = {
  name: 'uuid_record',
  syntax: '<uuid> [start|stop|mask|unmask] <path> [<limit>] [<recording_vars>]',
  about: 'Record session audio',
  completions: ['::console::list_uuid ::[start:stop'],
  async run(args, { sw }) {
    const [uuid = '', verb = '', path = '', limit = '', given = ''] = separate(args, ' ', 5)
    if (uuid === '' || verb === '' || path === '') return usage(uuidRecord.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return gone
    const word = verb.toLowerCase()
    if (word === 'start') {
      const variables = bracketVariables(urlDecode(given), '{')?.variables ?? []
      const limitSeconds = Math.max(0, leadingInteger(limit))
      const isRunning = await startSessionRecording(channel, path, { limitSeconds, variables })
      return isRunning ? success : '-ERR Cannot record session!\n'
    }
    if (word === 'stop') {
      return stopSessionRecording(channel, path) ? success : '-ERR Cannot stop record session!\n'
    }
    if (word !== 'pause' && word !== 'resume' && word !== 'mask' && word !== 'unmask') {
      return usage(uuidRecord.syntax)
    }
    const isChanged = changeSessionRecording(channel, path, word)
    return isChanged ? success : `-ERR Cannot ${recordChanges[word]} session!\n`
  },
}

export const uuidDisplace: Command = {
  name: 'uuid_displace',
  syntax: '<uuid> [start|stop] <path> [<limit>] [mux]',
  about: 'Displace audio',
  async run(args, { sw }) {
    const [uuid = '', verb = '', path = '', limit = '', flags = ''] = separate(args, ' ', 5)
    if (uuid === '' || verb === '' || path === '') return usage(uuidDisplace.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return gone
    const word = verb.toLowerCase()
    if (word === 'start') {
      const limitSeconds = Math.max(0, leadingInteger(limit))
      const options = { limitSeconds, loops: flags.includes('l') }
      const plays = await startDisplace(channel, path, options)
      return plays ? success : '-ERR Cannot displace session!\n'
    }
    if (word !== 'stop') return usage(uuidDisplace.syntax)
    return stopDisplace(channel, path) ? success : '-ERR Cannot stop displace session!\n'
  },
}

export const uuidBuglist: Command = {
  name: 'uuid_buglist',
  syntax: '<uuid>',
  about: 'List media bugs on a session',
  run(args, { sw }) {
    const [uuid] = separate(args, ' ', 2)
    if (uuid === undefined) return usage(uuidBuglist.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return ''
    const change = audioChange(channel)
    const taps = [
      ...(change ? [['audio', change]] : []),
      ...sessionRecordings(channel).map((path) => ['session_record', path]),
      ...displacements(channel).map((path) => ['displace', path]),
    ]
    const lines = taps.map(
      ([name, target]) =>
        ` <media-bug>\n  <function>${name}</function>\n  <target>${target}</target>\n  <thread-locked>0</thread-locked>\n </media-bug>\n`,
    )
    return `<media-bugs>\n${lines.join('')}</media-bugs>\n`
  },
}
