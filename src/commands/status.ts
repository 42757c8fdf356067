/** status: is the switch well, and how busy is it. */
import { idleCpu } from '../core/heartbeat.ts'
import type { Command } from '../core/interfaces.ts'
import { uptimeText } from '../core/time/uptime.ts'

export const status: Command = {
  name: 'status',
  syntax: '',
  about: 'Show how the switch is',
  run(_args, { sw }) {
    const { channels } = sw
    const peaks = channels.recentPeaks()
    return [
      `UP ${uptimeText(Date.now() - sw.startedAt)}`,
      `FreeSWITCH (Version ${sw.options.version} Strowger) is ${sw.isStopping ? 'not ready' : 'ready'}`,
      `${channels.sinceStartup} session(s) since startup`,
      `${channels.count} session(s) - peak ${channels.peak}, last 5min ${peaks.count} `,
      `${channels.rate} session(s) per Sec out of max ${channels.maximumPerSecond}, peak ${channels.peakPerSecond}, last 5min ${peaks.rate} `,
      `${channels.maximum} session(s) max`,
      `min idle cpu 0.00/${idleCpu().toFixed(2)}`,
      'Current Stack Size/Max 0K/0K',
      '',
    ].join('\n')
  },
}
