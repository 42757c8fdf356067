/** capture: what the groups of a regular expression catch becomes a list. */
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { Application } from '../core/interfaces.ts'
import { compilePattern } from '../core/regex/regex.ts'
import { separate } from '../core/separate.ts'

const log = logger('applications/capture')

export const capture: Application = {
  name: 'capture',
  syntax: '<variable>|<text>|<expression>',
  about:
    'Append the match and each group to a list: ${variable[0]} is the whole, ${variable[1]} the first group',
  needs: 'nothing',
  run(channel, data) {
    const [name, text, expression] = separate(data, '|', 3)
    if (!name || text === undefined || !expression)
      return log.err(`capture: ${capture.syntax}`, channel.uuid)
    try {
      const groups = compilePattern(expression).exec(text) ?? []
      for (const group of groups) channel.variables.push(name, group ?? '')
    } catch (thrown) {
      log.err(`capture ${expression}: ${reasonOf(thrown)}`, channel.uuid)
    }
  },
}
