/** The core's side of one worker: sends requests in batches, waits for answers, hands on what the worker tells. */
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { SwitchError } from '../base/errors.ts'
import { writeLog } from '../base/log.ts'
import { Batch } from './batch.ts'
import { DgramNetwork } from './dgram-network.ts'
import type { DtlsCertificate, MediaIo } from './engine.ts'
import { OpenFiles } from './open-files.ts'
import type {
  AnswerTo,
  Asked,
  FromWorker,
  News,
  Question,
  ToWorker,
  WorkerData,
} from './protocol.ts'
import { WorkerEngine } from './worker-engine.ts'

/** What a link tells its owner. */
export interface LinkOwner {
  news(news: News): void
  /** The worker is gone: it will answer nothing any more. */
  died(reason: string): void
}

interface Waiting {
  readonly resolve: (value: never) => void
  readonly reject: (reason: SwitchError) => void
}

export interface WorkerLink {
  /** Asks without waiting. */
  send(question: Question): void
  /** Asks and waits. Throws SwitchError MEDIA_WORKER_GONE when the worker dies first. */
  request<Q extends Asked>(question: Q): Promise<AnswerTo<Q>>
  /** Ends the worker and frees its sockets. */
  close(): Promise<void>
  /** Ends the worker's thread as a crash would; nothing happens inline. */
  kill(): Promise<void>
}

/** What both kinds of link do with messages. */
class Conversation {
  readonly #outbox: Batch<ToWorker>
  readonly #owner: LinkOwner
  readonly #waiting = new Map<number, Waiting>()
  #nextId = 1
  #isOver = false

  constructor(port: MessagePort | Worker, owner: LinkOwner) {
    this.#outbox = new Batch(port)
    this.#owner = owner
    port.on('message', (batch: readonly FromWorker[]) => {
      for (const message of batch) this.#receive(message)
    })
  }

  send(question: Question): void {
    this.#outbox.add({ kind: 'request', id: 0, question })
  }

  request<Q extends Asked>(question: Q): Promise<AnswerTo<Q>> {
    if (this.#isOver) return Promise.reject(gone())
    const id = this.#nextId++
    this.#outbox.add({ kind: 'request', id, question })
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  over(): void {
    this.#isOver = true
    this.#outbox.close()
    for (const { reject } of this.#waiting.values()) reject(gone())
    this.#waiting.clear()
  }

  #receive(message: FromWorker): void {
    if (message.kind === 'notification') return this.#owner.news(message.news)
    if (message.kind === 'log')
      return writeLog(message.level, message.area, message.text, message.uuid)
    const waiting = this.#waiting.get(message.id)
    this.#waiting.delete(message.id)
    const { failure } = message
    if (failure) waiting?.reject(new SwitchError(failure.code, failure.message))
    else waiting?.resolve(message.value as never)
  }
}

function gone(): SwitchError {
  return new SwitchError('MEDIA_WORKER_GONE', 'the media worker ended before it answered')
}

/** A worker in a thread of its own. */
export function threadLink(
  owner: LinkOwner,
  io: MediaIo,
  dtlsCertificate: DtlsCertificate,
): WorkerLink {
  // Run from the sources (tsx) this file ends in .ts, built it ends in .js: the worker lies beside it either way.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const files = new OpenFiles()
  const workerData: WorkerData = { io, files: files.buffer, dtlsCertificate }
  const worker = new Worker(new URL(`./worker.${extension}`, import.meta.url), {
    name: 'media',
    workerData,
    // Every packet is a short-lived buffer: a large young generation would only hold more dead ones (measured at 200
    // calls: 93 KiB a call without a bound, 29 with it, at the same CPU and a lower p99 of the delay).
    resourceLimits: { maxYoungGenerationSizeMb: 2 },
  })
  const conversation = new Conversation(worker, owner)
  let isClosing = false
  let reason = 'it ended by itself'
  worker.on('error', (error) => {
    reason = error.message
  })
  worker.on('exit', () => {
    if (!files.isEmpty) files.closeAll()
    // First the reason, then the refusals: whoever waits may ask for it.
    if (!isClosing) owner.died(reason)
    conversation.over()
  })
  return {
    send: (question) => conversation.send(question),
    request: (question) => conversation.request(question),
    async kill() {
      await worker.terminate()
    },
    async close() {
      isClosing = true
      conversation.over()
      await worker.terminate()
    },
  }
}

/** The same engine in this thread, over a MessageChannel. The thread has more to do than media: it must not wait for them. */
export function inlineLink(owner: LinkOwner, certificate: DtlsCertificate): WorkerLink {
  const { port1, port2 } = new MessageChannel()
  const engine = new WorkerEngine(port2, (drop) => new DgramNetwork(drop), certificate)
  port2.on('message', (batch: readonly ToWorker[]) => engine.receive(batch))
  const conversation = new Conversation(port1, owner)
  return {
    send: (question) => conversation.send(question),
    request: (question) => conversation.request(question),
    close() {
      conversation.over()
      engine.close()
      port1.close()
      return Promise.resolve()
    },
    kill: () => Promise.resolve(),
  }
}
