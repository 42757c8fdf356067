/** All digits that a party pressed, as its record has them: what `digits_dialed_filter` finds in them is hidden. */
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { Channel } from './channel.ts'
import { compilePattern } from './regex/regex.ts'

const log = logger('core/digits')

/** `none` where there were none. */
export function dialedDigits(channel: Channel): string {
  const { dialed } = channel.digits
  if (!dialed) return 'none'
  const filter = channel.variables.get('digits_dialed_filter')
  return filter ? masked(channel, dialed, filter) : dialed
}

/** Each digit that the pattern or one of its groups takes is an `X`. A bad pattern hides all: a PIN is nobody's to read. */
function masked(channel: Channel, digits: string, filter: string): string {
  try {
    let text = digits
    for (const found of compilePattern(filter).exec(digits) ?? [])
      if (found) text = text.replaceAll(found, 'X'.repeat(found.length))
    return text
  } catch (thrown) {
    log.err(`digits_dialed_filter ${filter}: ${reasonOf(thrown)}; all are hidden`, channel.uuid)
    return 'X'.repeat(digits.length)
  }
}
