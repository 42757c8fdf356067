/** mod_valet_parking: callers are parked in numbered places and fetched from there. */
import type { Module } from '../../core/interfaces.ts'
import { valetPark } from './application.ts'
import { lotsOf } from './lots.ts'
import { valetInfo } from './valet_info.ts'

export const module: Module = {
  name: 'mod_valet_parking',
  applications: [valetPark],
  commands: [valetInfo],
  start(sw) {
    const counters = sw.counters.add('valet_parking', () => {
      const lots = lotsOf(sw).list()
      return { parked: lots.reduce((sum, lot) => sum + lot.held().length, 0) }
    })
    return Promise.resolve({
      [Symbol.asyncDispose]: () => {
        counters[Symbol.dispose]()
        return Promise.resolve()
      },
    })
  },
}
