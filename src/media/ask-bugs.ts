/** What is put on a leg's sound: eavesdroppers, displacements, detectors. */
import type { Asked, AskTable } from './ask.ts'
import { Eavesdrop } from './eavesdrop.ts'
import type { LegBug } from './leg-bug.ts'
import { openBug } from './open-bug.ts'
import { PipeLeg } from './pipe-leg.ts'
import type { BugQuestion } from './protocol.ts'

export const askBugs: AskTable<BugQuestion> = {
  bug: ({ leg, running }, { bug, request }) => keep(running.bugs, openBug(leg, bug, request)),
  eavesdrop: (asked, { bug, spy, hears, whispers }) => {
    const { leg, host, running } = asked
    const isHere = typeof spy === 'number'
    const listener = isHere ? asked.find(spy) : new PipeLeg(leg.uuid, spy, host, leg.rate)
    const gone = { tell: 'bug ended', bug, result: { ended: 'closed' } } as const
    if (!listener) return host.tell(gone)
    const eavesdrop = new Eavesdrop(leg, bug, listener, hears, whispers)
    keep(running.bugs, eavesdrop, () => {
      if (!isHere && !listener.isClosed) listener.close()
    })
    host.tell({ tell: 'bug started', bug })
  },
  whisper: ({ running }, { bug, to }) => {
    const found = running.bugs.get(bug)
    if (found instanceof Eavesdrop) found.whisper(to)
  },
  'stop bug': (asked: Asked, { bug }) => asked.running.bugs.get(bug)?.end('stopped'),
}

function keep(bugs: Map<number, LegBug>, bug: LegBug, ended?: () => void): void {
  bugs.set(bug.number, bug)
  bug.onEnd = () => {
    bugs.delete(bug.number)
    ended?.()
  }
}
