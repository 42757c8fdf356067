/** read: a prompt, and the digits that come. */
import { logger } from '../base/log.ts'
import { collectDigits } from '../core/collect.ts'
import type { Application } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'

const log = logger('applications/read')

/** A time-out below this is no time to press anything, ms. */
const shortestTimeoutMs = 1000

export const read: Application = {
  name: 'read',
  syntax: '<min> <max> <file> <variable> <timeout ms> <terminators> [<digit timeout ms>]',
  about: 'Play a prompt and collect digits into a variable',
  needs: 'media',
  async run(channel, data, { signal }) {
    const [
      min = '',
      max = '',
      prompt = '',
      name = '',
      timeout = '',
      terminators = '',
      digitTimeout = '',
    ] = separate(data, ' ')
    if (!max) return log.err(`read ${data}: ${read.syntax}`, channel.uuid)
    const { variables } = channel
    variables.unset('read_result')
    variables.unset(name)
    variables.unset('read_terminator_used')
    const collected = await collectDigits(channel, {
      signal,
      min: Math.max(1, Number.parseInt(min, 10) || 0),
      max: Number.parseInt(max, 10) || 1,
      prompt,
      timeoutMs: Math.max(shortestTimeoutMs, Number.parseInt(timeout, 10) || 0),
      digitTimeoutMs: Number.parseInt(digitTimeout, 10) || undefined,
      terminators: terminators || '#',
    })
    if (name) variables.set(name, collected.digits)
    variables.set('read_terminator_used', collected.terminator)
    if (collected.result !== 'restart') variables.set('read_result', collected.result)
  },
}
