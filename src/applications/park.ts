/** park: waits for what others make of the call. */
import type { Application } from '../core/interfaces.ts'
import { parkChannel } from '../core/park.ts'

export const park: Application = {
  name: 'park',
  syntax: '',
  about: 'Park',
  needs: 'nothing',
  ignoresBreak: true,
  run: (channel, _data, { signal }) => parkChannel(channel, signal),
}
