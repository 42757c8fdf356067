/** play_and_get_digits: prompts until what was typed fits, so many times. */
import { placeText, SwitchError } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { Channel } from '../core/channel.ts'
import { type Collected, collectDigits } from '../core/collect.ts'
import type { Application } from '../core/interfaces.ts'
import { play } from '../core/play.ts'
import { compilePattern } from '../core/regex/regex.ts'
import { separate } from '../core/separate.ts'
import { transfer } from '../core/transfer.ts'

const log = logger('applications/play_and_get_digits')

const shortestTimeoutMs = 1000

export const playAndGetDigits: Application = {
  name: 'play_and_get_digits',
  syntax:
    "<min> <max> <tries> <timeout ms> <terminators> <file> <invalid file> <variable> <regex> [<digit timeout ms>] ['<extension> [<dialplan> [<context>]]']",
  about: 'Play a prompt and collect digits that fit a pattern, with several tries',
  needs: 'media',
  async run(channel, data, { signal }) {
    const [
      min = '',
      max = '',
      tries = '',
      timeout = '',
      terminators = '',
      file = '',
      invalidFile = '',
      name = '',
      regex = '',
      digitTimeout = '',
      failure = '',
    ] = separate(data, ' ')
    if (!file)
      return log.err(`play_and_get_digits ${data}: ${playAndGetDigits.syntax}`, channel.uuid)
    const least = Math.max(0, Number.parseInt(min, 10) || 0)
    const { variables } = channel
    if (regex && name) variables.unset(`${name}_invalid`)
    for (let left = Number.parseInt(tries, 10) || 1; left > 0 && !signal.aborted; left--) {
      variables.unset(name)
      variables.unset('read_result')
      variables.unset('read_terminator_used')
      const collected = await collectDigits(channel, {
        signal,
        min: least,
        max: Number.parseInt(max, 10) || 1,
        prompt: file,
        timeoutMs: Math.max(shortestTimeoutMs, Number.parseInt(timeout, 10) || 0),
        digitTimeoutMs: Number.parseInt(digitTimeout, 10) || undefined,
        terminators: terminators || '#',
      })
      variables.set('read_terminator_used', collected.terminator)
      if (collected.result !== 'restart') variables.set('read_result', collected.result)
      if (name) variables.set(name, collected.digits)
      if (isGood(channel, collected, least, regex, name)) return
      if (!signal.aborted && invalidFile && invalidFile !== 'silence')
        await play(channel, invalidFile, { signal })
    }
    if (failure && channel.isUp && !signal.aborted) {
      const [extension = '', dialplan, context] = failure.split(' ')
      log.warning(`no good input; transfer to ${failure}`, channel.uuid)
      transfer(channel, { extension, dialplan, context })
    }
  },
}

function isGood(
  channel: Channel,
  collected: Collected,
  least: number,
  regex: string,
  name: string,
): boolean {
  const { digits, result, terminator } = collected
  if (result === 'restart') return true
  if (least === 0 && digits === '' && terminator !== undefined) return true
  const isEnough = result === 'success' || (result === 'timeout' && digits.length >= least)
  if (!isEnough || digits === '') return false
  if (regex === '' || matches(regex, digits)) return true
  channel.variables.unset(name)
  if (name) channel.variables.set(`${name}_invalid`, digits)
  return false
}

function matches(regex: string, digits: string): boolean {
  try {
    return compilePattern(regex).exec(digits) !== undefined
  } catch (thrown) {
    const place = thrown instanceof SwitchError && thrown.place ? placeText(thrown.place) : ''
    log.err(`${place} ${regex}: ${thrown instanceof Error ? thrown.message : thrown}`)
    return false
  }
}
