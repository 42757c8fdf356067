/** Keys for SRTP in the SDP: `a=crypto` lines (RFC 4568, with the suites of RFC 6188 and RFC 7714). */
import { randomBytes } from 'node:crypto'
import { reasonOf, SwitchError } from '../base/errors.ts'
import type { CryptoLine } from './description.ts'

/** Our suites in order of preference, and octets of master key and master salt together. */
export const cryptoSuites = {
  AEAD_AES_256_GCM_8: 44,
  AEAD_AES_256_GCM: 44,
  AEAD_AES_128_GCM_8: 28,
  AEAD_AES_128_GCM: 28,
  AES_CM_256_HMAC_SHA1_80: 46,
  AES_CM_192_HMAC_SHA1_80: 38,
  AES_CM_128_HMAC_SHA1_80: 30,
  AES_CM_256_HMAC_SHA1_32: 46,
  AES_CM_192_HMAC_SHA1_32: 38,
  AES_CM_128_HMAC_SHA1_32: 30,
  AES_CM_128_NULL_AUTH: 30,
} as const

export type CryptoSuite = keyof typeof cryptoSuites

/** RFC 6188 registered its suites with two words the other way round; both spellings are met. */
const registeredNames: Partial<Record<CryptoSuite, string>> = {
  AES_CM_256_HMAC_SHA1_80: 'AES_256_CM_HMAC_SHA1_80',
  AES_CM_192_HMAC_SHA1_80: 'AES_192_CM_HMAC_SHA1_80',
  AES_CM_256_HMAC_SHA1_32: 'AES_256_CM_HMAC_SHA1_32',
  AES_CM_192_HMAC_SHA1_32: 'AES_192_CM_HMAC_SHA1_32',
}

const suitesByName = new Map<string, CryptoSuite>()
for (const suite of Object.keys(cryptoSuites) as CryptoSuite[]) {
  suitesByName.set(suite, suite)
  suitesByName.set(registeredNames[suite] ?? suite, suite)
}

/** The suite of either spelling, in any case; undefined if we have none such. */
export function cryptoSuiteOf(name: string): CryptoSuite | undefined {
  return suitesByName.get(name.toUpperCase())
}

/** A line as it is meant: one key and what belongs to it. */
export interface CryptoKey {
  readonly tag: number
  readonly suite: CryptoSuite
  /** The suite as the line spells it: an answer repeats the offer's spelling. */
  readonly name: string
  /** Master key and master salt, one behind the other. */
  readonly key: Uint8Array
  /** Packets that may be sent with the key; undefined: as many as SRTP allows. */
  readonly lifetime: number | undefined
  /** The master key identifier that every packet carries; empty: none. */
  readonly mki: Uint8Array
}

/** SRTP allows a key no more packets than this (RFC 3711 section 9.2). */
const mostPackets = 2 ** 48
/** RFC 4568 section 6.1. */
const longestMki = 128
/** What stands behind the key of an offered line with an MKI. */
const offeredLifetime = 2 ** 31
const offeredMki = Uint8Array.of(1)
const noMki = new Uint8Array(0)

/**
 * What a line means. Throws SwitchError SDP_BAD_CRYPTO (488) for a line that RFC 4568 does not allow, and for what we
 * do not do: other suites, several keys in one line, key derivation rates, streams left without encryption or tag.
 */
export function parseCrypto(line: CryptoLine): CryptoKey {
  const refuse = (reason: string) =>
    new SwitchError('SDP_BAD_CRYPTO', `a=crypto:${line.tag} ${line.suite}: ${reason}`, {
      status: 488,
    })
  if (!(Number.isInteger(line.tag) && line.tag >= 0)) throw refuse('the tag is no number')
  const suite = cryptoSuiteOf(line.suite)
  if (!suite) throw refuse('unknown suite')
  if (line.key.includes(';') || /(^| )inline:/i.test(line.parameters)) {
    throw refuse('several keys in one line are not supported')
  }
  const parameter = line.parameters.split(' ').find((part) => !isHarmless(part))
  if (parameter !== undefined) throw refuse(`the parameter ${parameter} is not supported`)
  const [, info] = /^inline:(\S+)$/i.exec(line.key) ?? []
  if (info === undefined) throw refuse('the key method is not inline')
  const [text = '', ...further] = info.split('|')
  const key = keyOf(text)
  const length = cryptoSuites[suite]
  if (key?.length !== length) throw refuse(`the key is not base64 of ${length} octets`)
  // Section 6.1: lifetime and MKI may each be absent; only the MKI has a colon.
  const mkiText = further.at(-1)?.includes(':') ? further.pop() : undefined
  const mki = mkiText === undefined ? noMki : mkiOf(mkiText)
  if (!mki) throw refuse(`the MKI ${mkiText} is not <value>:<length>`)
  const [lifetimeText, excess] = further
  const lifetime = lifetimeText === undefined ? undefined : lifetimeOf(lifetimeText)
  if (excess !== undefined || (lifetimeText !== undefined && lifetime === undefined)) {
    throw refuse(`the lifetime ${lifetimeText} is not a number of packets up to 2^48`)
  }
  return { tag: line.tag, suite, name: line.suite, key, lifetime, mki }
}

/** The attribute without its `a=`. `isPadded` false leaves out the `=` at the end of the key, as `rtp_pad_srtp_keys` may ask. */
export function writeCrypto(crypto: CryptoKey, isPadded = true): string {
  const text = Buffer.from(crypto.key).toString('base64')
  const { lifetime, mki } = crypto
  const exponent = lifetime === undefined ? 0 : Math.log2(lifetime)
  const packets = Number.isInteger(exponent) ? `2^${exponent}` : String(lifetime)
  return [
    `crypto:${crypto.tag} ${crypto.name} inline:${isPadded ? text : text.replace(/=+$/, '')}`,
    lifetime === undefined ? '' : `|${packets}`,
    mki.length === 0 ? '' : `|${BigInt(`0x${Buffer.from(mki).toString('hex')}`)}:${mki.length}`,
  ].join('')
}

/** Fresh keys for an offer, tags from 1 in the order of `suites`. `withMki`: each with a lifetime and an identifier. */
export function offerCrypto(suites: readonly CryptoSuite[], withMki = false): CryptoKey[] {
  return suites.map((suite, i) => ({
    tag: i + 1,
    suite,
    name: registeredNames[suite] ?? suite,
    key: newKey(suite),
    lifetime: withMki ? offeredLifetime : undefined,
    mki: withMki ? offeredMki : noMki,
  }))
}

/** The key pair that an offer and its answer settle: `ours` for what we send, `theirs` for what comes. */
export interface CryptoPair {
  readonly ours: CryptoKey
  readonly theirs: CryptoKey
}

/**
 * Answers an offer with a key of our own. `suites` are those we take; with `order` 'theirs' the first offered line of
 * them is taken (RFC 4568 section 5.1.2), with 'ours' the first suite of ours that is offered. `problems` says why
 * other lines were not; `pair` is undefined when none was.
 */
export function answerCrypto(
  lines: readonly CryptoLine[],
  suites: readonly CryptoSuite[],
  order: 'theirs' | 'ours',
): { readonly pair: CryptoPair | undefined; readonly problems: readonly string[] } {
  const problems: string[] = []
  const usable: CryptoKey[] = []
  for (const line of lines) {
    try {
      const crypto = parseCrypto(line)
      if (suites.includes(crypto.suite)) usable.push(crypto)
      else problems.push(`a=crypto:${line.tag} ${line.suite}: not among our suites`)
    } catch (thrown) {
      problems.push(reasonOf(thrown))
    }
  }
  if (order === 'ours') {
    usable.sort((a, b) => suites.indexOf(a.suite) - suites.indexOf(b.suite))
  }
  const [theirs] = usable
  if (!theirs) return { pair: undefined, problems }
  // Section 5.1.2: the answer's key is another one, under the offer's tag and suite. Packets that carry an MKI in one
  // direction do so in the other, which is what every known offerer of one expects.
  return { pair: { ours: { ...theirs, key: newKey(theirs.suite) }, theirs }, problems }
}

/**
 * What an answer settles of our offer: it has one line, with the tag and suite of one of ours (RFC 4568 section 5.1.3).
 * Throws SwitchError SDP_BAD_CRYPTO (488) otherwise.
 */
export function acceptCrypto(
  offered: readonly CryptoKey[],
  lines: readonly CryptoLine[],
): CryptoPair {
  const [line, second] = lines
  if (!line || second) {
    throw new SwitchError(
      'SDP_BAD_CRYPTO',
      `an answer has one a=crypto line, this one ${lines.length}`,
      { status: 488 },
    )
  }
  const theirs = parseCrypto(line)
  const ours = offered.find(({ tag, suite }) => tag === theirs.tag && suite === theirs.suite)
  if (!ours) {
    throw new SwitchError(
      'SDP_BAD_CRYPTO',
      `the answer's a=crypto:${line.tag} ${line.suite} was not offered`,
      { status: 488 },
    )
  }
  return { ours, theirs }
}

function newKey(suite: CryptoSuite): Uint8Array {
  return new Uint8Array(randomBytes(cryptoSuites[suite]))
}

/** A hint about the window (ours is larger than any asked for), the rate that means none, or an extension that may be ignored. */
function isHarmless(parameter: string): boolean {
  return parameter === '' || /^(WSH=\d+|KDR=0|-.*)$/i.test(parameter)
}

function keyOf(text: string): Uint8Array | undefined {
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text)
    ? new Uint8Array(Buffer.from(text, 'base64'))
    : undefined
}

function lifetimeOf(text: string): number | undefined {
  const [, power, plain] = /^(?:2\^(\d{1,2})|(\d{1,15}))$/.exec(text) ?? []
  const packets = power === undefined ? Number(plain ?? 0) : 2 ** Number(power)
  return packets >= 1 && packets <= mostPackets ? packets : undefined
}

/** `1:4` is four octets with the value 1. */
function mkiOf(text: string): Uint8Array | undefined {
  const [, value = '', size = ''] = /^(\d{1,310}):(\d{1,3})$/.exec(text) ?? []
  const length = Number(size)
  if (value === '' || length < 1 || length > longestMki) return undefined
  const digits = BigInt(value)
    .toString(16)
    .padStart(length * 2, '0')
  return digits.length > length * 2 ? undefined : new Uint8Array(Buffer.from(digits, 'hex'))
}
