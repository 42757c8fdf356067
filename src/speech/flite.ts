/** flite: a small engine that speaks English (mod_flite). Voices awb, kal, kal16, rms, slt. */
import { SwitchError } from '../base/errors.ts'
import type { Module, SpeechEngine, SpeechJob } from '../core/interfaces.ts'
import { runProgram } from '../core/speech/run-program.ts'
import { withTextFile } from './text-file.ts'

const voices = ['awb', 'kal', 'kal16', 'rms', 'slt']
const usualVoice = 'slt'

const flite: SpeechEngine = {
  name: 'flite',
  async render(job: SpeechJob): Promise<void> {
    const voice = job.voice.toLowerCase() || usualVoice
    if (!voices.includes(voice))
      throw new SwitchError(
        'TTS_NO_VOICE',
        `flite has the voices ${voices.join(' ')}, not "${voice}"`,
      )
    await withTextFile(job, (file) =>
      runProgram({
        command: 'flite',
        args: ['-voice', voice, '-f', file, '-o', job.path],
        debianPackage: 'flite',
        signal: job.signal,
      }),
    )
  },
}

export const module: Module = { name: 'mod_flite', speechEngines: [flite] }
