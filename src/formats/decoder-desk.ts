/** Answers what is asked of the decoding thread: keeps the open files, one thing after the other for each. */
import { open } from 'node:fs/promises'
import { reasonOf, SwitchError } from '../base/errors.ts'
import type { DecoderAnswer, DecoderAsk, Decoding } from './decoding.ts'
import { openMp3 } from './mp3-decoding.ts'
import { openOgg } from './ogg-decoding.ts'
import { ResampledDecoding } from './resampled-decoding.ts'

interface Entry {
  decoding: Decoding | undefined
  work: Promise<void>
}

export class DecoderDesk {
  readonly #answer: (answer: DecoderAnswer) => void
  readonly #entries = new Map<number, Entry>()

  constructor(answer: (answer: DecoderAnswer) => void) {
    this.#answer = answer
  }

  receive(ask: DecoderAsk): void {
    let entry = this.#entries.get(ask.id)
    if (!entry) {
      entry = { decoding: undefined, work: Promise.resolve() }
      this.#entries.set(ask.id, entry)
    }
    const own = entry
    own.work = own.work.then(async () => {
      try {
        await this.#do(own, ask)
      } catch (thrown) {
        const code = thrown instanceof SwitchError ? thrown.code : 'FILE_BAD'
        if ('turn' in ask)
          this.#answer({ turn: ask.turn, failure: { code, message: reasonOf(thrown) } })
      }
    })
  }

  async #do(entry: Entry, ask: DecoderAsk): Promise<void> {
    switch (ask.ask) {
      case 'open': {
        const opened = await openDecoding(ask)
        entry.decoding = opened.rate === ask.rate ? opened : new ResampledDecoding(opened, ask.rate)
        return this.#answer({ turn: ask.turn, length: entry.decoding.length })
      }
      case 'next': {
        const pcm = await entry.decoding?.next()
        return this.#answer(pcm ? { turn: ask.turn, pcm } : { turn: ask.turn })
      }
      case 'seek':
        return entry.decoding?.seek(ask.sample)
      case 'close':
        this.#entries.delete(ask.id)
        await entry.decoding?.close()
        entry.decoding = undefined
    }
  }
}

async function openDecoding(ask: Extract<DecoderAsk, { ask: 'open' }>): Promise<Decoding> {
  const { kind, path } = ask
  const file = await open(path, 'r')
  try {
    return await (kind === 'mp3' ? openMp3(file, path) : openOgg(file, path))
  } catch (thrown) {
    await file.close().catch(() => undefined)
    throw thrown
  }
}
