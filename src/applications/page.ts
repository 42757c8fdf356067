/** page: the caller speaks an announcement, which is then played to many telephones. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { Channel } from '../core/channel.ts'
import type { Application } from '../core/interfaces.ts'
import { page as pageParties, pageSettings } from '../core/page.ts'
import { play, playbackTerminators } from '../core/play.ts'
import { record } from '../core/record.ts'
import { soundPath } from '../core/sound-path.ts'

const log = logger('applications/page')

const usualBeep = 'tone_stream://%(500,0, 620)'
/** Seconds of silence that end the announcement, where only a threshold is given. */
const usualSilence = 3

export const page: Application = {
  name: 'page',
  syntax: '[<var1=val1,var2=val2>]<party>[:_:<party>…]',
  // Records an announcement (or takes page_path) and plays it to everybody named. FreeSWITCH says nothing of it: `show` leaves it out.
  about: '',
  needs: 'media',
  async run(channel, data, { signal }) {
    const parties = data.trim() || channel.variables.get('page_data') || ''
    if (parties === '') return log.err('page: nobody to call', channel.uuid)
    const own = channel.text('page_path')
    const path = own ? soundPath(channel, own) : await recordPage(channel, signal)
    if (path === undefined) return
    if (!existsSync(path)) return log.err(`page: there is no file ${path}`, channel.uuid)
    const request = {
      path,
      parties,
      removesFile: !own,
      ...pageSettings((name) => channel.variables.get(name)),
    }
    // The caller may go on, or hang up: that is how he says that he is done.
    void pageParties(channel.sw, request).catch((thrown: unknown) =>
      log.err(`page failed: ${reasonOf(thrown)}`, channel.uuid),
    )
  },
}

/** Records what is to be said; undefined when there was nothing. */
async function recordPage(channel: Channel, signal: AbortSignal): Promise<string | undefined> {
  const { variables, sw } = channel
  const number = (name: string) =>
    Math.max(0, Number.parseInt((variables.get(name) ?? '').replace(/^\+/, ''), 10) || 0)
  const path = join(sw.globals.get('temp_dir') ?? '/tmp', `${channel.uuid}.wav`)
  variables.set('playback_terminator_used', '')
  const beep = channel.text('page_beep') ?? usualBeep
  if (beep.toLowerCase() !== 'silence') await play(channel, beep, { signal })
  if (signal.aborted) return undefined
  const outcome = await record(channel, path, {
    signal,
    limitSeconds: number('page_record_limit'),
    silenceThreshold: number('page_record_thresh'),
    silenceSeconds: number('page_record_silence_hits') || usualSilence,
    terminators: playbackTerminators(channel),
  })
  variables.set('playback_terminator_used', outcome.digit)
  return outcome.started ? path : undefined
}
