/** A log line as people and tools read it: `2026-01-31 12:00:00.123456 98.73% [INFO] area text`. */
import type { LogLine } from '../base/log.ts'
import { logLevels } from '../base/log.ts'
import { localStamp } from './time/times.ts'

const names = logLevels.map((level) => level.toUpperCase())

/** One line without its line end. `idle` is the machine's idle share in percent; channel lines begin with the uuid when asked. */
export function formatLogLine(line: LogLine, idle: number, withUuid: boolean): string {
  const micros = String(Math.trunc((line.time % 1000) * 1000)).padStart(6, '0')
  const uuid = withUuid && line.uuid ? `${line.uuid} ` : ''
  return `${uuid}${localStamp(line.time)}.${micros} ${idle.toFixed(2)}% [${names[line.level] ?? 'DEBUG'}] ${line.area} ${line.text}`
}
