/** Whether media has to be encrypted: the variables `rtp_secure_media` and `rtp_secure_media_suites`. */
import { type CryptoSuite, cryptoSuiteOf, cryptoSuites } from './crypto.ts'

/**
 * mandatory: only secure media is offered or taken. optional: offered beside plain media, taken when offered.
 * forbidden: neither offered nor taken, because somebody said so; off: the same, because nobody asked for it.
 */
export type SecureMode = 'mandatory' | 'optional' | 'forbidden' | 'off'

export interface SecureMedia {
  readonly mode: SecureMode
  /** What may be used, in order of preference. */
  readonly suites: readonly CryptoSuite[]
  /** Whether somebody named the suites; else they are all that we have. */
  readonly isListed: boolean
  /** Parts that mean nothing, for the log. */
  readonly problems: readonly string[]
}

const trueWords = /^(yes|on|true|t|enabled|active|allow|-?0*[1-9]\d*)$/i
const falseWords = /^(no|off|false|f|disabled|inactive|disallow|-?0+)$/i

/**
 * `value`: `rtp_secure_media`, or rather its `_inbound` or `_outbound` form where that is set; suites may follow it
 * behind colons. `suites`: `rtp_secure_media_suites`, for when none follow. Calls that come may be secure unless
 * forbidden; calls that we make are so only if asked for.
 */
export function parseSecureMedia(
  value: string | undefined,
  suites: string | undefined,
  direction: 'inbound' | 'outbound',
): SecureMedia {
  const problems: string[] = []
  const [word = '', ...named] = (value ?? '').split(':').map((part) => part.trim())
  const mode = modeOf(word, direction)
  if (mode === undefined) problems.push(`rtp_secure_media: ${word} is no mode, taken as forbidden`)
  const list = named.some((name) => name !== '') ? named : (suites ?? '').split(':')
  const known: CryptoSuite[] = []
  for (const name of list.map((part) => part.trim()).filter((part) => part !== '')) {
    const suite = cryptoSuiteOf(name)
    if (!suite) problems.push(`rtp_secure_media: ${name} is no suite`)
    else if (!known.includes(suite)) known.push(suite)
  }
  const isListed = list.some((name) => name.trim() !== '')
  return {
    mode: mode ?? 'forbidden',
    suites: isListed ? known : (Object.keys(cryptoSuites) as CryptoSuite[]),
    isListed,
    problems,
  }
}

function modeOf(word: string, direction: 'inbound' | 'outbound'): SecureMode | undefined {
  const lower = word.toLowerCase()
  if (lower === '') return direction === 'inbound' ? 'optional' : 'off'
  if (lower === 'mandatory' || lower === 'optional' || lower === 'forbidden') return lower
  if (trueWords.test(lower)) return 'mandatory'
  return falseWords.test(lower) ? 'off' : undefined
}
