/** Recordings of a leg, any number at a time. */
import type { AskTable } from './ask.ts'
import type { RecordQuestion } from './protocol.ts'
import { Recorder } from './recorder.ts'

/** By their numbers, which are those of the whole process: a recording may leave its leg. */
const recorders = new Map<number, Recorder>()

export const askRecord: AskTable<RecordQuestion> = {
  record: ({ leg }, { recording, request }) => {
    const recorder = new Recorder(leg, recording, request, () => recorders.delete(recording))
    recorders.set(recording, recorder)
  },
  'stop record': (_, { recording, keep }) => recorders.get(recording)?.stop(keep),
  'pause record': (_, { recording, on }) => recorders.get(recording)?.pause(on),
  'mask record': (_, { recording, on }) => recorders.get(recording)?.mask(on),
  'limit record': (_, { recording, seconds }) => recorders.get(recording)?.limit(seconds),
  'move record': ({ find }, { recording, to }) => {
    const leg = find(to)
    if (leg) recorders.get(recording)?.moveTo(leg)
  },
}
