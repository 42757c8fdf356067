/** `file_string://a!b!c`: several files, tones or streams played as one. */
import { reasonOf, SwitchError } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { AudioSource } from './format.ts'
import { ResampledSource } from './resampled-source.ts'

const log = logger('formats/file_string')

/** Opens one part of a sequence. */
type Opener = (path: string, rate: number) => Promise<AudioSource>

class SequenceSource implements AudioSource {
  readonly rate: number
  readonly #parts: readonly AudioSource[]
  #index = 0

  constructor(parts: readonly AudioSource[], rate: number) {
    this.rate = rate
    this.#parts = parts
  }

  read(into: Int16Array): number {
    let part = this.#parts[this.#index]
    while (part) {
      const count = part.read(into)
      if (count !== 0) return count
      part = this.#parts[++this.#index]
    }
    return 0
  }

  /** Only back to the beginning: how long the parts are is not known. Elsewhere is read over. */
  seek(sample: number): void {
    for (const part of this.#parts) part.seek?.(0)
    this.#index = 0
    this.#parts[0]?.seek?.(sample)
  }

  close(): void {
    for (const part of this.#parts) part.close()
  }
}

/**
 * Opens all parts at once, so that none of them keeps the listener waiting between two. Parts of another rate than the
 * listener's are converted. A part that is not there is passed over and told once by name, unless whoever opens it tells that
 * (`isTold`); when none is there, the whole fails.
 */
export async function openSequence(
  path: string,
  rate: number,
  open: Opener,
  isTold = false,
): Promise<AudioSource> {
  const names = path.split('!').filter((name) => name !== '')
  const opened = await Promise.allSettled(names.map((name) => open(name, rate)))
  const parts: AudioSource[] = []
  let failure: unknown
  for (const [index, result] of opened.entries()) {
    if (result.status === 'fulfilled') {
      parts.push(result.value)
      continue
    }
    failure ??= result.reason
    if (!isTold || !isMissing(result.reason)) tellMissing(names[index] ?? '', result.reason)
  }
  if (failure !== undefined && parts.length === 0) throw failure
  return new SequenceSource(
    parts.map((part) => (part.rate === rate ? part : new ResampledSource(part, rate))),
    rate,
  )
}

function isMissing(reason: unknown): boolean {
  return reason instanceof SwitchError && reason.code === 'FILE_NOT_FOUND'
}

/** Parts whose absence has been told. */
const told = new Set<string>()
const mostTold = 1000

function tellMissing(name: string, reason: unknown): void {
  log.at(told.has(name) ? 7 : 4, `${name} of a sequence is left out: ${reasonOf(reason)}`)
  if (told.size < mostTold) told.add(name)
}
