/** uuid_audio and uuid_record: loudness and recordings of a channel from the console. */

import { preAnswer } from '../core/answer.ts'
import { audioDirection, changeAudio, resetAudio } from '../core/audio-level.ts'
import { urlDecode } from '../core/command-text.ts'
import { usage } from '../core/command-usage.ts'
import { leadingInteger } from '../core/expand/expand.ts'
import type { Command } from '../core/interfaces.ts'
import { bracketVariables } from '../core/originate/bracket-variables.ts'
import { separate } from '../core/separate.ts'
import {
  changeSessionRecording,
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
    const direction = audioDirection(side)
    const change = what.toLowerCase()
    if (verb.toLowerCase() !== 'start' || level === undefined) return usage(uuidAudio.syntax)
    if (direction === undefined || direction === 'both') return usage(uuidAudio.syntax)
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
