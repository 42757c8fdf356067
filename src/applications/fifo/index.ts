/** mod_fifo: queues without agents' accounts: callers wait, whoever comes for them takes the next one. */
import type { Module } from '../../core/interfaces.ts'
import { fifo } from './application.ts'
import { fifoAddOutbound, fifoCheckBridge, fifoCommand, fifoMember } from './command.ts'
import { startFifos } from './fifos.ts'
import { fifoTrackCall } from './track.ts'

export const module: Module = {
  name: 'mod_fifo',
  applications: [fifo, fifoTrackCall],
  commands: [fifoCommand, fifoMember, fifoAddOutbound, fifoCheckBridge],
  start(sw) {
    const fifos = startFifos(sw)
    const counters = sw.counters.add('fifo', () => ({
      fifos: fifos.byName.size,
      waiting: [...fifos.byName.values()].reduce((sum, { waiting }) => sum + waiting, 0),
      talking: fifos.talks.size,
      ...fifos.figures,
    }))
    return Promise.resolve({
      async [Symbol.asyncDispose]() {
        counters[Symbol.dispose]()
        await fifos[Symbol.asyncDispose]()
      },
    })
  },
}
