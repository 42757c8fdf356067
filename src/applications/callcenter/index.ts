/** mod_callcenter: queues in which callers wait for agents. */
import type { Module } from '../../core/interfaces.ts'
import { callcenter, callcenterTrack } from './application.ts'
import { startCallCenter } from './center.ts'
import { callcenterBreak, callcenterConfig } from './command.ts'
import { callcenterJson } from './json.ts'
import { liveQueues } from './live-table.ts'
import { loadAll } from './load.ts'

export const module: Module = {
  name: 'mod_callcenter',
  applications: [callcenter, callcenterTrack],
  commands: [callcenterConfig, callcenterBreak],
  jsonCommands: [callcenterJson],
  start(sw) {
    const center = startCallCenter(sw)
    loadAll(center)
    const live = sw.liveTables.add(liveQueues(center))
    const counters = sw.counters.add('callcenter', () => {
      const { offered, answered, abandoned, waitedSeconds, longestWait } = center.figures
      const waiting = center.members.list().filter(({ state }) => state !== 'Abandoned')
      return {
        queues: center.queues.size,
        waiting: waiting.filter(({ state }) => state !== 'Answered').length,
        talking: waiting.filter(({ state }) => state === 'Answered').length,
        offered,
        answered,
        abandoned,
        'longest wait (s)': longestWait,
        'mean wait (s)': answered === 0 ? 0 : Math.round(waitedSeconds / answered),
      }
    })
    return Promise.resolve({
      async [Symbol.asyncDispose]() {
        counters[Symbol.dispose]()
        live[Symbol.dispose]()
        await center[Symbol.asyncDispose]()
      },
    })
  },
}
