/** What listens to a leg until something is heard. */
import type { AskTable } from './ask.ts'
import type { WatchQuestion } from './protocol.ts'
import { SilenceWatch } from './silence-watch.ts'

export const askWatch: AskTable<WatchQuestion> = {
  'watch silence': ({ leg, running }, question) => {
    running.watches.set(question.watch, new SilenceWatch(leg, question.watch, question))
  },
  'stop watch': ({ running }, { watch }) => {
    running.watches.get(watch)?.end(false)
    running.watches.delete(watch)
  },
}
