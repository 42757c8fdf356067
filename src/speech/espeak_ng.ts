/** espeak-ng: an engine that speaks many languages (mod_espeak_ng). A voice is one of `espeak-ng --voices`: en-us, de, fr, es … */
import { SwitchError } from '../base/errors.ts'
import type { Module, SpeechEngine, SpeechJob } from '../core/interfaces.ts'
import { runProgram } from '../core/speech/run-program.ts'
import { withTextFile } from './text-file.ts'

const usualVoice = 'en-us'

const espeakNg: SpeechEngine = {
  name: 'espeak-ng',
  async render(job: SpeechJob): Promise<void> {
    const voice = job.voice || usualVoice
    if (!/^\w[\w+/-]*$/.test(voice))
      throw new SwitchError('TTS_NO_VOICE', `"${voice}" is no voice of espeak-ng`)
    await withTextFile(job, (file) =>
      runProgram({
        command: 'espeak-ng',
        args: ['-b', '1', '-z', '-v', voice, '-w', job.path, '-f', file],
        debianPackage: 'espeak-ng',
        signal: job.signal,
      }),
    )
  },
}

export const module: Module = { name: 'mod_espeak_ng', speechEngines: [espeakNg] }
