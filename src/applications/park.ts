/** park: waits for what others make of the call. */
import type { Application } from '../core/interfaces.ts'
import { parkChannel } from '../core/park.ts'

export const parkState: Application = {
  name: 'park_state',
  syntax: '',
  about: 'Park, and leave what the dialplan still had to do',
  needs: 'nothing',
  run: (channel) => void channel.moveTo('park'),
}

export const park: Application = {
  name: 'park',
  syntax: '',
  about: 'Park',
  needs: 'nothing',
  ignoresBreak: true,
  run: (channel, _data, { signal }) => parkChannel(channel, signal),
}
