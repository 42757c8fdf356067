/** HEARTBEAT: the switch tells that it lives and how busy it is. */
import { cpus } from 'node:os'
import type { Switch } from './switch.ts'
import { uptimeText } from './time/uptime.ts'

/** Fires HEARTBEAT every `event-heartbeat-interval` seconds until the scheduler stops. */
export function startHeartbeat(sw: Switch): void {
  const seconds = Math.max(1, sw.settings.number('event-heartbeat-interval'))
  const first = Math.trunc(Date.now() / 1000) + seconds
  sw.scheduler.add('heartbeat', 'core', first, () => announceHeartbeat(sw), seconds, true)
}

function announceHeartbeat(sw: Switch): void {
  sw.events.announce('HEARTBEAT', (event) => {
    const { channels } = sw
    const peaks = channels.recentPeaks()
    const uptimeMs = Date.now() - sw.startedAt
    event.add('Event-Info', 'System Ready')
    event.add('Up-Time', uptimeText(uptimeMs))
    event.add('FreeSWITCH-Version', sw.options.version)
    event.add('Uptime-msec', String(uptimeMs))
    event.add('Session-Count', String(channels.count))
    event.add('Max-Sessions', String(channels.maximum))
    event.add('Session-Per-Sec', String(channels.maximumPerSecond))
    event.add('Session-Per-Sec-Last', String(channels.lastRate))
    event.add('Session-Per-Sec-Max', String(channels.peakPerSecond))
    event.add('Session-Per-Sec-FiveMin', String(peaks.rate))
    event.add('Session-Since-Startup', String(channels.sinceStartup))
    event.add('Session-Peak-Max', String(channels.peak))
    event.add('Session-Peak-FiveMin', String(peaks.count))
    event.add('Idle-CPU', idleCpu().toFixed(6))
  })
}

let share = 100
let sharedAt = 0

/** The same for whoever asks often, as the log does for every line: measured at most once a second. */
export function idleShare(): number {
  const now = Date.now()
  if (now - sharedAt > 1000) {
    sharedAt = now
    share = idleCpu()
  }
  return share
}

let before = { idle: 0, total: 0 }
let lastIdle = 100

/** The machine's idle share in percent since the last call. */
export function idleCpu(): number {
  let idle = 0
  let total = 0
  for (const cpu of cpus()) {
    idle += cpu.times.idle
    total += cpu.times.idle + cpu.times.user + cpu.times.sys + cpu.times.nice + cpu.times.irq
  }
  const span = total - before.total
  if (span > 0) lastIdle = (100 * (idle - before.idle)) / span
  before = { idle, total }
  return lastIdle
}
