/** The figures of a stream that nothing is known of. */
import type { StreamStats } from './engine.ts'

export const noStreamStats: StreamStats = {
  packetsIn: 0,
  octetsIn: 0,
  packetsOut: 0,
  octetsOut: 0,
  remote: '',
  latched: false,
  lastPacketAt: null,
}
