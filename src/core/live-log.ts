/** The live table `log`: the last lines of the log. */
import { type LogLine, logLevels, onLog } from '../base/log.ts'
import type { LiveEntry, LiveFields, LiveSource } from './live-tables.ts'

/** So many are kept. */
const mostLines = 500
/** Octets of a line that are shown. */
const longestText = 1000

/** What Verto traces of its own messages: sending those lines would make further ones. */
const ownTrace = /^(READ|WRITE) /

function fieldsOf({ level, time, area, text, uuid }: LogLine): LiveFields {
  const shown = text.length > longestText ? `${text.slice(0, longestText)} …` : text
  return { level: logLevels[level] ?? level, time: Math.trunc(time), area, text: shown, uuid }
}

/** Begins to keep lines at once, so that whoever comes sees what was before. */
export function liveLog(): LiveSource & Disposable {
  /** The line of a number, beginning with 1, at that number modulo its length. */
  const lines = new Array<LogLine | undefined>(mostLines)
  let count = 0
  let tell: ((key: string) => void) | undefined
  const listening = onLog((line) => {
    if (line.area === 'verto' && ownTrace.test(line.text)) return
    lines[++count % mostLines] = line
    if (!tell) return
    tell(String(count))
    if (count > mostLines) tell(String(count - mostLines))
  })
  const lineOf = (number: number) =>
    number > count - mostLines && number <= count ? lines[number % mostLines] : undefined
  return {
    name: 'log',
    *rows(): Iterable<LiveEntry> {
      for (let number = Math.max(1, count - mostLines + 1); number <= count; number++) {
        const line = lineOf(number)
        if (line) yield [String(number), fieldsOf(line)]
      }
    },
    row(key) {
      const line = lineOf(Number(key))
      return line && fieldsOf(line)
    },
    listen(touch) {
      tell = touch
      return {
        [Symbol.dispose]() {
          tell = undefined
        },
      }
    },
    [Symbol.dispose]: () => listening[Symbol.dispose](),
  }
}
