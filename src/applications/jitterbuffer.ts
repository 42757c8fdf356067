/** jitterbuffer: what comes unevenly from the party is evened out. cng_plc: what does not come in time is made up. */
import type { Application } from '../core/interfaces.ts'
import { orderJitterBuffer } from '../core/jitter-buffer.ts'

export const jitterbuffer: Application = {
  name: 'jitterbuffer',
  syntax: '<ms>[p][:<max>[p][:<drift>[p]]] | pause | resume | stop | debug:<file>|off',
  about: "Hold the party's sound back so that it comes evenly",
  needs: 'nothing',
  run: (channel, data) => orderJitterBuffer(channel, data),
}

export const cngPlc: Application = {
  name: 'cng_plc',
  syntax: '',
  about: 'Make up at once for sound of the party that does not come in time',
  needs: 'nothing',
  inline: true,
  run(channel) {
    channel.variables.set('cng_plc', 'true')
    // Only who holds a packet back knows that the next one is missing.
    if (!channel.variables.has('jitterbuffer_msec')) orderJitterBuffer(channel, '1p')
  },
}
