/**
 * Compressed files as sources: the decoding thread stays two pieces of half a second ahead of the listener, so that neither
 * the disk nor a decoder holds up whoever reads on a tick.
 */
import { Worker } from 'node:worker_threads'
import { SwitchError } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import { DecoderDesk } from './decoder-desk.ts'
import type { DecoderAnswer, DecoderAsk, DecodingKind } from './decoding.ts'
import type { AudioSource, FileFormat } from './format.ts'
import { openToRead } from './open-to-read.ts'

const log = logger('formats')

/** Pieces that lie ready before a further one is asked for. */
const piecesAhead = 2

interface Thread {
  ask(ask: DecoderAsk): void
  /** Whether the process has to stay for it. */
  keep(on: boolean): void
  readonly waiting: Map<number, (answer: DecoderAnswer) => void>
}

let thread: Thread | undefined
let nextId = 1
let nextTurn = 1

/** The decoding thread of this thread; made when the first compressed file is opened. */
function decoder(): Thread {
  thread ??= import.meta.url.endsWith('.ts') ? inlineThread() : ownThread()
  return thread
}

function ownThread(): Thread {
  const worker = new Worker(new URL('./decoder-thread.js', import.meta.url), { name: 'decoder' })
  const waiting = new Map<number, (answer: DecoderAnswer) => void>()
  const made: Thread = {
    waiting,
    ask: (ask) => worker.postMessage(ask),
    keep: (on) => (on ? worker.ref() : worker.unref()),
  }
  worker.on('message', (answer: DecoderAnswer) => take(made, answer))
  worker.on('error', (error) => log.err(`the decoding thread failed: ${error.message}`))
  worker.on('exit', () => {
    if (thread === made) thread = undefined
    const failure = { code: 'FILE_BAD', message: 'the decoding thread ended' }
    for (const [turn, resolve] of waiting) resolve({ turn, failure })
    waiting.clear()
  })
  return made
}

/** Run from the sources a thread has no loader: everything happens here. */
function inlineThread(): Thread {
  const waiting = new Map<number, (answer: DecoderAnswer) => void>()
  const desk = new DecoderDesk((answer) => take(made, answer))
  const made: Thread = {
    waiting,
    ask: (ask) => desk.receive(ask),
    keep: () => undefined,
  }
  return made
}

function take(thread: Thread, answer: DecoderAnswer): void {
  const { waiting } = thread
  const resolve = waiting.get(answer.turn)
  waiting.delete(answer.turn)
  if (waiting.size === 0) thread.keep(false)
  resolve?.(answer)
}

class DecodedSource implements AudioSource {
  readonly rate: number
  readonly length: number | undefined
  readonly #thread: Thread
  readonly #id: number
  readonly #path: string
  readonly #pieces: Int16Array[] = []
  #at = 0
  #isAsking = false
  #isAtEnd = false
  #isClosed = false
  /** Raised by a jump: what was asked for before is thrown away. */
  #generation = 0

  constructor(thread: Thread, id: number, path: string, rate: number, length: number | undefined) {
    this.#thread = thread
    this.#id = id
    this.#path = path
    this.rate = rate
    this.length = length
  }

  get isEnding(): boolean {
    return this.#isAtEnd
  }

  /** Waits for the first piece. */
  async begin(): Promise<void> {
    await this.#askMore()
  }

  read(into: Int16Array): number {
    let written = 0
    while (written < into.length) {
      const piece = this.#pieces[0]
      if (!piece) break
      const count = Math.min(piece.length - this.#at, into.length - written)
      for (let i = 0; i < count; i++) into[written + i] = piece[this.#at + i]!
      this.#at += count
      written += count
      if (this.#at < piece.length) continue
      this.#pieces.shift()
      this.#at = 0
    }
    if (this.#pieces.length < piecesAhead && !this.#isAsking && !this.#isAtEnd) void this.#askMore()
    return written > 0 ? written : this.#isAtEnd ? 0 : -1
  }

  seek(sample: number): void {
    this.#generation++
    this.#pieces.length = 0
    this.#at = 0
    this.#isAtEnd = false
    this.#isAsking = false
    this.#thread.ask({ ask: 'seek', id: this.#id, sample: Math.max(0, Math.trunc(sample)) })
    void this.#askMore()
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#isAtEnd = true
    this.#generation++
    this.#pieces.length = 0
    this.#thread.ask({ ask: 'close', id: this.#id })
  }

  async #askMore(): Promise<void> {
    if (this.#isClosed) return
    this.#isAsking = true
    const generation = this.#generation
    const answer = await asked(this.#thread, { ask: 'next', id: this.#id })
    if (generation !== this.#generation) return
    this.#isAsking = false
    if (answer.failure) log.err(`${this.#path}: ${answer.failure.message}`)
    if (answer.pcm) this.#pieces.push(answer.pcm)
    else this.#isAtEnd = true
  }
}

type WithoutTurn<T> = T extends { turn: number } ? Omit<T, 'turn'> : never

function asked(thread: Thread, question: WithoutTurn<DecoderAsk>): Promise<DecoderAnswer> {
  const turn = nextTurn++
  return new Promise((resolve) => {
    if (thread.waiting.size === 0) thread.keep(true)
    thread.waiting.set(turn, resolve)
    thread.ask({ ...question, turn })
  })
}

async function openDecoded(kind: DecodingKind, path: string, rate: number): Promise<AudioSource> {
  // What is wrong with the file itself is told as for any other.
  await (await openToRead(path)).close()
  const through = decoder()
  const id = nextId++
  const answer = await asked(through, { ask: 'open', id, kind, path, rate })
  if (answer.failure) {
    through.ask({ ask: 'close', id })
    throw new SwitchError(answer.failure.code, answer.failure.message)
  }
  const source = new DecodedSource(through, id, path, rate, answer.length)
  await source.begin()
  return source
}

export const mp3: FileFormat = {
  extensions: ['mp3', 'mp2', 'mpga'],
  read: (path, rate) => openDecoded('mp3', path, rate),
}

export const ogg: FileFormat = {
  extensions: ['ogg', 'oga', 'opus'],
  read: (path, rate) => openDecoded('ogg', path, rate),
}
