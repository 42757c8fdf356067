/** A media worker: the thread's end of the engine. Started by start.ts. */
import { parentPort } from 'node:worker_threads'
import { reasonOf } from '../base/errors.ts'
import { logger, onLog } from '../base/log.ts'
import type { ToWorker } from './protocol.ts'
import { WorkerEngine } from './worker-engine.ts'

if (!parentPort) throw new Error('this file runs as a worker thread only')
const engine = new WorkerEngine(parentPort)
onLog((line) => engine.log(line.level, line.area, line.text, line.uuid))
parentPort.on('message', (batch: readonly ToWorker[]) => engine.receive(batch))
// What nobody waits for must not take the thread with all its calls down; a thrown bug outside of every handler does.
process.on('unhandledRejection', (thrown) => {
  logger('media/worker').err(`nobody caught: ${reasonOf(thrown)}`)
})
