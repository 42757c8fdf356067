/** start_dtmf, start_dtmf_generate and their ends: tones in the sound are digits, and digits become tones. */
import { preAnswer } from '../core/answer.ts'
import type { Channel } from '../core/channel.ts'
import type { DigitRules } from '../core/digit-rules.ts'
import type { Application } from '../core/interfaces.ts'

/** Changes what is done with the digits; sound is opened for what needs it. */
async function change(
  channel: Channel,
  rules: Partial<Pick<DigitRules, 'isListening' | 'tones'>>,
): Promise<void> {
  if (rules.isListening || rules.tones) await preAnswer(channel)
  Object.assign(channel.digitRules, rules)
  if (channel.media) channel.digitRules.apply(channel.media)
}

function listener(name: string, about: string, isListening: boolean): Application {
  const run = (channel: Channel) => change(channel, { isListening })
  return { name, syntax: '', about, needs: 'nothing', run }
}

const finds = 'Take tones in what the party says for digits'
const findsNot = 'Take tones in what the party says for sound again'

export const startDtmf = listener('start_dtmf', finds, true)
export const stopDtmf = listener('stop_dtmf', findsNot, false)
export const spandspStartDtmf = listener('spandsp_start_dtmf', finds, true)
export const spandspStopDtmf = listener('spandsp_stop_dtmf', findsNot, false)

export const startDtmfGenerate: Application = {
  name: 'start_dtmf_generate',
  syntax: '[write]',
  about: 'Digits of the party, or with write those for it, become tones in the sound',
  needs: 'nothing',
  run: (channel, data) =>
    change(channel, { tones: data.trim().toLowerCase() === 'write' ? 'write' : 'read' }),
}

export const stopDtmfGenerate: Application = {
  name: 'stop_dtmf_generate',
  syntax: '',
  about: 'Digits go their own way again',
  needs: 'nothing',
  run: (channel) => change(channel, { tones: undefined }),
}
