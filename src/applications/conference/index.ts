/** mod_conference: many parties in one room. */
import type { Module } from '../../core/interfaces.ts'
import { conference } from './application.ts'
import { conferenceCommand } from './command.ts'
import { conferencesOf } from './conferences.ts'

export const module: Module = {
  name: 'mod_conference',
  applications: [conference],
  commands: [conferenceCommand],
  start(sw) {
    const conferences = conferencesOf(sw)
    const counters = sw.counters.add('conference', () => ({
      conferences: conferences.count,
      members: conferences.list().reduce((sum, { members }) => sum + members.length, 0),
      ...Object.fromEntries(
        Object.entries(conferences.refused).map(([why, count]) => [`refused ${why}`, count]),
      ),
    }))
    return Promise.resolve({
      [Symbol.asyncDispose]: () => {
        counters[Symbol.dispose]()
        conferences.endAll()
        return Promise.resolve()
      },
    })
  },
}
