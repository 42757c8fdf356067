/** hold, unhold: the far end is put on hold and taken off. */
import { hold as holdChannel, unhold as unholdChannel } from '../core/bridge/hold.ts'
import type { Application } from '../core/interfaces.ts'

export const hold: Application = {
  name: 'hold',
  syntax: '[<display>]',
  about: 'Put the far end on hold',
  needs: 'nothing',
  async run(channel) {
    await holdChannel(channel)
  },
}

export const unhold: Application = {
  name: 'unhold',
  syntax: '',
  about: 'Take the far end off hold',
  needs: 'nothing',
  async run(channel) {
    await unholdChannel(channel)
  },
}
