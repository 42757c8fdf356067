/** playback and its relatives: a sound to the party, once, so many times, or for ever. */
import type { Channel } from '../core/channel.ts'
import type { Application } from '../core/interfaces.ts'
import { type PlayOutcome, play, playbackTerminators } from '../core/play.ts'

const responses: Readonly<Record<PlayOutcome['ended'], string>> = {
  done: 'FILE PLAYED',
  stopped: 'FILE PLAYED',
  closed: 'FILE PLAYED',
  'not found': 'FILE NOT FOUND',
  error: 'PLAYBACK ERROR',
}

function finish(channel: Channel, outcome: PlayOutcome): void {
  channel.variables.set('playback_terminator_used', outcome.digit)
  channel.variables.set('current_application_response', responses[outcome.ended])
}

/** Plays a file, a tone or a stream to the caller until it ends or a terminator digit comes. */
export const playback: Application = {
  name: 'playback',
  syntax: '<path>[@@<samples>]',
  about: 'Play a sound to the party',
  needs: 'media',
  async run(channel, data, { signal }) {
    const [path = '', samples = '0'] = data.split('@@')
    const outcome = await play(channel, path, {
      terminators: playbackTerminators(channel),
      startAt: Number(samples) || 0,
      signal,
    })
    finish(channel, outcome)
  },
}

export const endlessPlayback: Application = {
  name: 'endless_playback',
  syntax: '<path>',
  about: 'Play a sound again and again until the call ends or is moved',
  needs: 'media',
  async run(channel, data, { signal }) {
    const outcome = await play(channel, data, {
      loops: -1,
      terminators: playbackTerminators(channel),
      signal,
    })
    finish(channel, outcome)
  },
}

export const loopPlayback: Application = {
  name: 'loop_playback',
  syntax: '[+<loops>] <path>',
  about: 'Play a sound so many times (negative: for ever)',
  needs: 'media',
  async run(channel, data, { signal }) {
    const [, count, path = data] = /^\+(-?\d+) +(.*)$/s.exec(data) ?? []
    const loops = count === undefined ? 1 : Number(count)
    const outcome = await play(channel, path, {
      loops: loops < 0 ? -1 : loops,
      terminators: playbackTerminators(channel),
      signal,
    })
    finish(channel, outcome)
  },
}

export const gentones: Application = {
  name: 'gentones',
  syntax: '<tgml>[|<loops>]',
  about: 'Play a tone script (loops -1: for ever)',
  needs: 'media',
  async run(channel, data, { signal }) {
    const bar = data.lastIndexOf('|')
    const script = bar < 0 ? data : data.slice(0, bar)
    const loops = bar < 0 ? undefined : Number.parseInt(data.slice(bar + 1), 10)
    const path = `tone_stream://${script}${loops ? `;loops=${loops}` : ''}`
    await play(channel, path, { terminators: playbackTerminators(channel), signal })
  },
}
