/** vad_test and sound_test: hear and see what the detectors make of a party. */
import { logger } from '../base/log.ts'
import type { Application } from '../core/interfaces.ts'
import { listenTo } from '../core/listen.ts'
import { isTrue } from '../core/variables.ts'

const log = logger('applications/vad_test')

export const vadTest: Application = {
  name: 'vad_test',
  syntax: '[<mode -1..3>]',
  about: 'Send back what the party says while the voice detector takes it for speech',
  needs: 'media',
  async run(channel, data, { signal }) {
    const number = (name: string, otherwise: number) => {
      const value = Number.parseInt(channel.variables.get(name) ?? '', 10)
      return value > 0 ? value : otherwise
    }
    const mode = data.trim() === '' ? -1 : Number.parseInt(data, 10) || 0
    const settings = {
      threshold: number('vad_thresh', 100),
      voiceMs: number('vad_voice_ms', 200),
      silenceMs: number('vad_silence_ms', 500),
      mode,
    }
    const debugs = isTrue(channel.variables.get('vad_debug'))
    const { media } = channel
    await listenTo(
      channel,
      'vad',
      { kind: 'voice', settings },
      (report) => {
        if (report.heard !== 'voice' || signal.aborted) return
        if (debugs) log.notice(report.isTalking ? 'START_TALKING' : 'STOP_TALKING', channel.uuid)
        if (report.isTalking) media?.echo(0)
        else media?.stopEcho()
      },
      signal,
    )
    media?.stopEcho()
  },
}

export const soundTest: Application = {
  name: 'sound_test',
  syntax: '',
  about: 'Log how loud the party is, second by second',
  needs: 'media',
  async run(channel, _data, { signal }) {
    let seconds = 0
    let sum = 0
    await listenTo(
      channel,
      'sound_test',
      { kind: 'level' },
      (report) => {
        if (report.heard !== 'level') return
        seconds++
        sum += report.peak
        const [average, peak, all] = [report.average, report.peak, sum / seconds].map(Math.round)
        log.notice(`avg=${average} peak_avg=${peak} global_avg=${all}`, channel.uuid)
      },
      signal,
    )
  },
}
