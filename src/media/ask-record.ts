/** Recordings of a leg, any number at a time. */
import type { AskTable } from './ask.ts'
import type { RecordQuestion } from './protocol.ts'
import { Recorder } from './recorder.ts'

export const askRecord: AskTable<RecordQuestion> = {
  record: ({ leg, running }, { recording, request }) => {
    running.recorders.set(recording, new Recorder(leg, recording, request))
  },
  'stop record': ({ running }, { recording }) => {
    running.recorders.get(recording)?.stop()
    running.recorders.delete(recording)
  },
  'pause record': ({ running }, { recording, on }) => running.recorders.get(recording)?.pause(on),
  'mask record': ({ running }, { recording, on }) => running.recorders.get(recording)?.mask(on),
}
