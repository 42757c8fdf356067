/** The decoding thread of a media worker (or of whoever opens compressed files). Started by decoded.ts. */
import { parentPort, type TransferListItem } from 'node:worker_threads'
import { DecoderDesk } from './decoder-desk.ts'
import type { DecoderAsk } from './decoding.ts'

const port = parentPort
if (!port) throw new Error('this file runs as a worker thread only')
const desk = new DecoderDesk((answer) => {
  const transfer: TransferListItem[] = answer.pcm ? [answer.pcm.buffer as ArrayBuffer] : []
  port.postMessage(answer, transfer)
})
port.on('message', (ask: DecoderAsk) => desk.receive(ask))
