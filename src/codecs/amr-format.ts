/** The format parameters of AMR and AMR-WB (RFC 4867 section 8), as far as passing packets on depends on them. */
import { type FormatParameters, formatParameters } from './format-parameters.ts'

/** These shape the payload, so that both directions and both legs must have them alike; what they are when not given. */
const shaping: readonly (readonly [name: string, unless: string])[] = [
  ['octet-align', '0'],
  ['crc', '0'],
  ['robust-sorting', '0'],
  ['interleaving', ''],
]

function given(parameters: FormatParameters, name: string, unless: string): string {
  return parameters.get(name) ?? unless
}

/** The payloads of the two are built alike. */
export function areAmrPayloadsAlike(a: string, b: string): boolean {
  const [one, other] = [formatParameters(a), formatParameters(b)]
  return shaping.every(([name, unless]) => given(one, name, unless) === given(other, name, unless))
}

/**
 * The answer to an AMR offer: their parameters again, as section 8.3.1 demands of those that shape the payload and of
 * `mode-set`. Undefined when our preferences say otherwise; without preferences everything goes.
 */
export function answerAmr(theirs: string, ours: string): string | undefined {
  if (ours === '') return theirs
  if (!areAmrPayloadsAlike(theirs, ours)) return undefined
  const [offered, wanted] = [formatParameters(theirs), formatParameters(ours)]
  const modes = offered.get('mode-set')
  const ourModes = wanted.get('mode-set')
  if (modes !== undefined && ourModes !== undefined && modes !== ourModes) return undefined
  return modes === undefined && ourModes !== undefined ? ours : theirs
}
