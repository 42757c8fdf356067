/** tone_detect, fax_detect and stop_tone_detect: something happens when a tone is heard. */
import { logger } from '../base/log.ts'
import type { Application } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'
import { startToneDetect, stopToneDetect, toneTimeout } from '../core/tone-detect.ts'

const log = logger('applications/tone_detect')

export const toneDetect: Application = {
  name: 'tone_detect',
  syntax: '<name> <frequencies> [<flags r|w|o>] [+<timeout s>|<time>|0] [<app>] [<args>] [<hits>]',
  about: 'Run an application when a tone is heard',
  needs: 'media',
  async run(channel, data) {
    const [name = '', frequencies = '', flags = '', timeout = '', ...rest] = separate(data, ' ', 7)
    if (frequencies === '') return log.err(`tone_detect: ${toneDetect.syntax}`, channel.uuid)
    const timeoutMs = toneTimeout(timeout)
    if (timeoutMs === undefined)
      log.err(`tone_detect ${name}: ${timeout} is no time-out; there is none`, channel.uuid)
    // A number alone in the application's place is the hits.
    const isHits = rest.length === 1 && /^\d+$/.test(rest[0] ?? '')
    const [application, args, hits] = isHits ? [undefined, undefined, rest[0]] : rest
    const fault = await startToneDetect(channel, {
      name,
      frequencies,
      flags,
      timeoutMs: timeoutMs ?? 0,
      hits: Math.max(0, Number.parseInt(hits ?? '', 10) || 0),
      application,
      data: args,
    })
    if (fault) log.err(`tone_detect ${name}: ${fault}`, channel.uuid)
  },
}

export const faxDetect: Application = {
  name: 'fax_detect',
  syntax: '',
  about: 'Notice the calling tone of a fax machine: DETECTED_TONE and execute_on_tone_detect',
  needs: 'media',
  async run(channel) {
    const wish = { name: 'fax', frequencies: '1100.0', flags: 'r', timeoutMs: 0, hits: 1 }
    const fault = await startToneDetect(channel, wish)
    if (fault) log.err(`fax_detect: ${fault}`, channel.uuid)
  },
}

function stopper(name: string, about: string): Application {
  return {
    name,
    syntax: '',
    about,
    needs: 'nothing',
    run(channel) {
      if (!stopToneDetect(channel)) log.info(`${name}: there was nothing to stop`, channel.uuid)
    },
  }
}

export const stopToneDetectApplication = stopper('stop_tone_detect', 'End all tone_detect')
export const stopFaxDetect = stopper('stop_fax_detect', 'End fax_detect, and all tone_detect')
