/** A media worker: the thread's end of the engine. Started by start.ts. */
import { parentPort, workerData } from 'node:worker_threads'
import { reasonOf } from '../base/errors.ts'
import { type LogLine, logger, onLog } from '../base/log.ts'
import { openNetwork } from './network.ts'
import { OpenFiles } from './open-files.ts'
import type { ToWorker, WorkerData } from './protocol.ts'
import { WorkerEngine } from './worker-engine.ts'

if (!parentPort) throw new Error('this file runs as a worker thread only')
const { io, files, dtlsCertificate } = workerData as WorkerData
let engine: WorkerEngine | undefined
/** What the engine's own start has to say. */
const early: LogLine[] = []
onLog((line) => {
  if (engine) engine.log(line.level, line.area, line.text, line.uuid)
  else early.push(line)
})
engine = new WorkerEngine(
  parentPort,
  (drop) => openNetwork(io, drop, new OpenFiles(files)),
  dtlsCertificate,
)
for (const line of early) engine.log(line.level, line.area, line.text, line.uuid)
parentPort.on('message', (batch: readonly ToWorker[]) => engine.receive(batch))
// What nobody waits for must not take the thread with all its calls down; a thrown bug outside of every handler does.
process.on('unhandledRejection', (thrown) => {
  logger('media/worker').err(`nobody caught: ${reasonOf(thrown)}`)
})
