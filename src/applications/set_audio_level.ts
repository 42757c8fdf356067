/** set_audio_level, set_mute and remove_bugs: loudness by the dialplan, and everything as it came. */
import { logger } from '../base/log.ts'
import { type AudioChange, audioDirection, changeAudio } from '../core/audio-level.ts'
import type { Channel } from '../core/channel.ts'
import type { Application } from '../core/interfaces.ts'
import { removeBugs as removeBugsOf } from '../core/media-bugs.ts'
import { separate } from '../core/separate.ts'
import { isTrue } from '../core/variables.ts'

const log = logger('applications/set_audio_level')

function change(
  channel: Channel,
  application: Application,
  what: AudioChange,
  data: string,
  levelOf: (text: string) => number,
): void {
  const [side = '', level] = separate(data, ' ')
  const direction = audioDirection(side)
  if (!direction || level === undefined)
    return log.err(`${application.name} ${data}: ${application.syntax}`, channel.uuid)
  changeAudio(channel, what, direction, levelOf(level))
}

export const setAudioLevel: Application = {
  name: 'set_audio_level',
  syntax: 'read|write|both <-4..4>',
  about: 'Make what the party says (read) or hears (write) louder or softer',
  needs: 'media',
  run: (channel, data) =>
    change(channel, setAudioLevel, 'level', data, (text) => Number.parseInt(text, 10) || 0),
}

export const setMute: Application = {
  name: 'set_mute',
  syntax: 'read|write|both true|false|<noise level>',
  about: 'Mute what the party says (read) or hears (write)',
  needs: 'media',
  run: (channel, data) =>
    change(channel, setMute, 'mute', data, (text) => {
      const level = Number.parseInt(text, 10)
      return level > 0 ? level : isTrue(text) ? 1 : 0
    }),
}

export const removeBugs: Application = {
  name: 'remove_bugs',
  syntax: '[<function>]',
  about: 'End every media bug of the channel, or those of one kind',
  needs: 'nothing',
  run: (channel, data) => void removeBugsOf(channel, data.trim() || undefined),
}
