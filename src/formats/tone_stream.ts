/** `tone_stream://<script>[;loops=n]` and `tone_stream://path=<file>`: tones made from the tone language. */
import { readFile } from 'node:fs/promises'
import { reasonOf, SwitchError } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { AudioSource, FileFormat } from './format.ts'
import { ToneGenerator } from './tone-generator.ts'
import { parseTones, type ToneScript } from './tone-script.ts'

const log = logger('formats/tone_stream')

/** A source that plays scripts `passes` times (-1 without end). Throws TONE_BAD when there is no tone in them. */
export function toneSource(texts: readonly string[], rate: number, passes = 1): AudioSource {
  const scripts: ToneScript[] = texts.map(parseTones)
  const problem = scripts.find((script) => script.problem !== undefined)?.problem
  if (!scripts.some((script) => script.steps.some((step) => step.kind === 'tone'))) {
    throw new SwitchError(
      'TONE_BAD',
      `no tone in "${texts.join(' ')}"${problem ? `: ${problem}` : ''}`,
    )
  }
  if (problem !== undefined)
    log.warning(`a tone script is played only as far as its error: ${problem}`)
  const generator = new ToneGenerator(scripts, rate, passes)
  const discarded = new Int16Array(1024)
  return {
    rate,
    read: (into) => generator.read(into),
    seek(sample) {
      generator.restart()
      for (let left = sample; left > 0; ) {
        const count = generator.read(left < 1024 ? discarded.subarray(0, left) : discarded)
        if (count === 0) return
        left -= count
      }
    },
    close: () => undefined,
  }
}

async function scriptsIn(path: string): Promise<string[]> {
  try {
    return (await readFile(path, 'utf8')).split('\n').filter((line) => line.trim() !== '')
  } catch (thrown) {
    throw new SwitchError('FILE_NOT_FOUND', `cannot read tones from ${path}: ${reasonOf(thrown)}`)
  }
}

export const toneStream: FileFormat = {
  extensions: [],
  schemes: ['tone_stream'],
  async read(path, rate) {
    const loops = /;loops=(-?\d*)/i.exec(path)
    const text = loops ? path.slice(0, loops.index) : path
    const passes = Number(loops?.[1] ?? 1) || 1
    const texts = /^path=/i.test(text) ? await scriptsIn(text.slice(5)) : [text]
    return toneSource(texts, rate, passes < 0 ? -1 : passes)
  },
}
