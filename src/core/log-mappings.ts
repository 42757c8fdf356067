/** `<mappings>` of console.conf.xml and logfile.conf.xml: which levels are shown, for everything or for one part. */

import { placeText } from '../base/errors.ts'
import { type LogLine, logger, logLevelNumber } from '../base/log.ts'
import type { XmlNode } from '../xml/node.ts'

const log = logger('core/log')

/** Whether a line passes. Without mappings everything does. */
export function readMappings(node: XmlNode | undefined): (line: LogLine) => boolean {
  const maps = (node?.children ?? [])
    .filter((child) => child.name === 'mappings')
    .flatMap((child) => child.children.filter((entry) => entry.name === 'map'))
  if (maps.length === 0) return () => true
  const levels = new Map<string, ReadonlySet<number>>()
  for (const map of maps) {
    const name = map.attributes.get('name') ?? 'all'
    levels.set(name.toLowerCase(), levelSet(map))
  }
  const all = levels.get('all')
  return (line) => (levels.get(line.area.toLowerCase()) ?? all)?.has(line.level) ?? false
}

function levelSet(map: XmlNode): ReadonlySet<number> {
  const numbers = new Set<number>()
  for (const word of (map.attributes.get('value') ?? '').split(',')) {
    if (word.trim() === '') continue
    if (word.trim().toLowerCase() === 'all')
      for (let level = 0; level <= 7; level++) numbers.add(level)
    else {
      const level = logLevelNumber(word)
      if (level === undefined) log.warning(`${placeText(map.place)}: there is no log level ${word}`)
      else numbers.add(level)
    }
  }
  return numbers
}
