/** uuid_fileman: louder, faster, on, off, back and forth: what can be done to the sound that a channel plays. */
import { logger } from '../base/log.ts'
import { levelFactor } from '../core/audio-level.ts'
import type { Channel } from '../core/channel.ts'
import { usage } from '../core/command-usage.ts'
import { leadingInteger } from '../core/expand/expand.ts'
import type { Command } from '../core/interfaces.ts'
import { currentPlayback } from '../core/play.ts'
import { separate } from '../core/separate.ts'

const log = logger('commands/uuid_fileman')

type Playback = NonNullable<ReturnType<typeof currentPlayback>>

/** What was changed of a sound so far. */
interface State {
  volume: number
  speed: number
  isHeld: boolean
}

const states = new WeakMap<Playback, State>()

function stateOf(playback: Playback): State {
  const state = states.get(playback) ?? { volume: 0, speed: 0, isHeld: false }
  states.set(playback, state)
  return state
}

/** `+1`, `-2`: from where it is; `+` and `-` alone are one step. `3`: there. */
function stepped(value: string, from: number, most: number): number {
  const number = leadingInteger(value)
  const sign = value.charAt(0)
  let target = number
  if (sign === '+' || sign === '-') target = from + (number || 1)
  return Math.max(-most, Math.min(most, target))
}

/** False when there is no such word. */
function change(channel: Channel, playback: Playback, text: string): boolean {
  const [verb = '', value] = text.split(':', 2)
  const state = stateOf(playback)
  switch (verb.toLowerCase()) {
    case 'stop':
      playback.stop()
      return true
    case 'pause':
      state.isHeld = !state.isHeld
      playback.adjust({ isHeld: state.isHeld })
      return true
    case 'volume':
      if (value === undefined) return true
      state.volume = stepped(value, state.volume, 4)
      playback.adjust({ factor: levelFactor(state.volume) })
      return true
    case 'speed':
      if (value === undefined) return true
      state.speed = stepped(value, state.speed, 2)
      playback.adjust({ speed: state.speed })
      return true
    case 'restart':
      state.speed = 0
      playback.adjust({ speed: 0 })
      playback.seek(0, false)
      return true
    case 'seek': {
      const ms = value === undefined ? 0 : leadingInteger(value)
      const isRelative = /^[-+]/.test(value ?? '')
      // As FreeSWITCH has it: a step of nothing is a second ahead.
      playback.seek(isRelative && ms === 0 ? 1000 : ms, isRelative)
      return true
    }
    case 'truncate':
    case 'read':
    case 'buffer':
      log.info(`${verb} changes nothing of a sound that plays`, channel.uuid)
      return true
    default:
      return false
  }
}

const words = [
  'volume:',
  'speed:',
  'pause',
  'stop',
  'restart',
  'seek:',
  'truncate',
  'read',
  'buffer',
]

export const uuidFileman: Command = {
  name: 'uuid_fileman',
  syntax: '<uuid> <cmd>:<val>',
  about: 'Manage session audio',
  completions: words.map((word) => `::console::list_uuid ${word}`),
  run(args, { sw }) {
    const [uuid = '', text] = separate(args, ' ', 4)
    if (uuid === '' || text === undefined) return usage(uuidFileman.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return '-ERR No such channel!\n'
    const playback = currentPlayback(channel)
    if (!playback) return '-ERR No file handle!\n'
    if (change(channel, playback, text)) return '+OK\n'
    return `-ERR ${words.join(', ')} are known\n`
  },
}
