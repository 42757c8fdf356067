/** mod_conference: many parties in one room. */
import type { Module } from '../../core/interfaces.ts'
import { conference } from './application.ts'
import { conferenceChat } from './chat.ts'
import { conferenceCommand } from './command.ts'
import { conferencesOf } from './conferences.ts'
import { advertiseRooms } from './info.ts'
import { answerQueries } from './info-query.ts'
import { showLive } from './live.ts'
import { liveConferences, liveMembers } from './live-table.ts'
import { conferenceSetAutoOutcall } from './outcall.ts'

export const module: Module = {
  name: 'mod_conference',
  applications: [conference, conferenceSetAutoOutcall],
  chats: [conferenceChat],
  commands: [conferenceCommand],
  start(sw) {
    const conferences = conferencesOf(sw)
    advertiseRooms(sw)
    const answering = answerQueries(sw)
    const live = showLive(sw)
    const tables = [liveConferences(sw), liveMembers(sw)].map((each) => sw.liveTables.add(each))
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
        live[Symbol.dispose]()
        answering[Symbol.dispose]()
        for (const table of tables) table[Symbol.dispose]()
        return Promise.resolve()
      },
    })
  },
}
