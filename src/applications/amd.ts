/** mod_amd: whether a person or an answering machine has answered (`amd`), set up by amd.conf.xml. */
import { logger } from '../base/log.ts'
import type { Application, Module } from '../core/interfaces.ts'
import { listenTo } from '../core/listen.ts'
import { separate } from '../core/separate.ts'
import { readSettings, type Setting, type Values } from '../core/settings.ts'

const log = logger('applications/amd')

// biome-ignore format: a table keeps its columns
const settings: readonly Setting[] = [
  { name: 'silence_threshold', type: 'number', default: '256', about: 'Mean amplitude above which the party is heard' },
  { name: 'initial_silence', type: 'number', default: '2500', about: 'ms of silence at first: a machine' },
  { name: 'greeting', type: 'number', default: '1500', about: 'ms of a greeting without a pause: a machine' },
  { name: 'after_greeting_silence', type: 'number', default: '800', about: 'ms of silence after a greeting: a person' },
  { name: 'total_analysis_time', type: 'number', default: '5000', about: 'ms after which it is not sure' },
  { name: 'minimum_word_length', type: 'number', default: '100', about: 'ms below which a sound is no word' },
  { name: 'maximum_word_length', type: 'number', default: '5000', about: 'ms of a word that only machines say' },
  { name: 'between_words_silence', type: 'number', default: '50', about: 'ms of silence that part two words' },
  { name: 'maximum_number_of_words', type: 'number', default: '3', about: 'So many words: a machine' },
]

/** The file's values with `name=value` of the application's data over them. */
function answerSettings(values: Values, data: string, uuid: string) {
  const own = new Map<string, number>()
  for (const part of separate(data, data.includes(',') ? ',' : ' ')) {
    const [name = '', value = ''] = part.split('=')
    const number = Number(value)
    const isKnown = settings.some((setting) => setting.name === name)
    if (isKnown && number >= 0 && value !== '') own.set(name, number)
    else log.err(`amd: ${part} is no setting`, uuid)
  }
  const value = (name: string) => own.get(name) ?? values.number(name)
  return {
    silenceThreshold: value('silence_threshold'),
    initialSilence: value('initial_silence'),
    greeting: value('greeting'),
    afterGreetingSilence: value('after_greeting_silence'),
    totalAnalysisTime: value('total_analysis_time'),
    minimumWordLength: value('minimum_word_length'),
    maximumWordLength: value('maximum_word_length'),
    betweenWordsSilence: value('between_words_silence'),
    maximumNumberOfWords: value('maximum_number_of_words'),
  }
}

const amd: Application = {
  name: 'amd',
  syntax: '[<setting>=<value>,…]',
  about: 'Tell a person from an answering machine: amd_result is HUMAN, MACHINE or NOTSURE',
  needs: 'media',
  async run(channel, data, { signal }) {
    const { variables, uuid } = channel
    const values = readSettings(channel.sw.configuration('amd.conf'), settings)
    variables.unset('amd_result')
    variables.unset('amd_cause')
    const fault = await listenTo(
      channel,
      'amd',
      { kind: 'answer', settings: answerSettings(values, data, uuid) },
      (report) => {
        if (report.heard !== 'answer') return
        variables.set('amd_result', report.result)
        variables.set('amd_cause', report.cause)
        const words = report.words === 1 ? '1 word' : `${report.words} words`
        log.info(`${report.result} (${report.cause}) after ${report.ms} ms and ${words}`, uuid)
      },
      signal,
    )
    if (fault) log.err(`amd: ${fault}`, uuid)
    if (!variables.has('amd_result')) variables.set('amd_result', 'NOTSURE')
  },
}

export const module: Module = { name: 'mod_amd', applications: [amd] }
