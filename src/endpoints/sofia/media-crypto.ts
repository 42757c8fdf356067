/**
 * The keys of one SIP leg's sound: what `rtp_secure_media` asks for, the `a=crypto` lines of offers and answers
 * (RFC 4568), and what is told of them. Further offers of either side keep the keys unless new ones are given.
 */
import { SwitchError } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { Channel } from '../../core/channel.ts'
import { isFalse, isTrue } from '../../core/variables.ts'
import type { LegCrypto } from '../../media/engine.ts'
import {
  acceptCrypto,
  answerCrypto,
  type CryptoKey,
  type CryptoPair,
  offerCrypto,
  writeCrypto,
} from '../../sdp/crypto.ts'
import type { CryptoLine, MediaSection } from '../../sdp/description.ts'
import { parseSecureMedia, type SecureMedia } from '../../sdp/secure-media.ts'
import type { Profile } from './profile.ts'

const log = logger('sofia/srtp')

const plainProtocol = 'RTP/AVP'
const secureProtocol = 'RTP/SAVP'

/** Keys as two sides agreed on them, and how they stood in the descriptions. */
interface Agreement {
  readonly pair: CryptoPair
  /** The other side's line, word for word. */
  readonly line: string
  readonly protocol: string
}

/** What an offer says of keys. */
export interface OfferedSecurity {
  readonly protocol?: string
  readonly crypto?: readonly string[]
  readonly plainBeside?: boolean
}

export class MediaCrypto {
  readonly #profile: Profile
  readonly #channel: Channel
  /** What holds now; `plain` once a stream in the clear was agreed on. */
  #current: Agreement | 'plain' | undefined
  /** The sound went elsewhere meanwhile: what holds is wanted again, but under keys not used before. */
  #isStale = false
  #offered: readonly CryptoKey[] = []
  #offersPlain = true
  /** How the sections of the offer at hand would be answered. */
  readonly #answers = new WeakMap<MediaSection, Agreement>()
  #refusal: string | undefined

  constructor(profile: Profile, channel: Channel) {
    this.#profile = profile
    this.#channel = channel
  }

  /** Why the last offer could not be taken, where its keys were the reason. */
  get refusal(): string | undefined {
    return this.#refusal
  }

  /** What our next offer says. Once keys are agreed on they are offered again, for the stream is the same. */
  offer(): OfferedSecurity {
    // Whoever asks for nothing is offered nothing, also by a call that came in without an offer of its own.
    const wish = this.#wish('outbound')
    const wished = this.#isStale && this.#channel.variables.has('uuid_media_secure_media')
    const current = wished ? undefined : this.#current
    if (current !== undefined && current !== 'plain') {
      const { ours } = current.pair
      this.#offered = this.#isStale ? offerCrypto([ours.suite], ours.mki.length > 0) : [ours]
      this.#offersPlain = false
      return { protocol: current.protocol, crypto: this.#lines() }
    }
    // Unsigned packets are nothing to propose unless somebody names that suite.
    const suites = wish.isListed
      ? wish.suites
      : wish.suites.filter((suite) => suite !== 'AES_CM_128_NULL_AUTH')
    this.#offersPlain = wish.mode !== 'mandatory'
    if (suites.length === 0 && wish.mode === 'mandatory') {
      throw new SwitchError(
        'MEDIA_NO_SUITE',
        'rtp_secure_media is mandatory, and names no suite of this switch',
      )
    }
    const isWanted = wish.mode === 'mandatory' || (wish.mode === 'optional' && !current)
    if (!isWanted || suites.length === 0) {
      this.#offered = []
      return {}
    }
    const withMki = isTrue(this.#channel.variables.get('rtp_secure_media_mki'))
    // The first offer may be sent several times (a challenge, a redirection): its keys stay.
    if (this.#offered.map(({ suite }) => suite).join() !== suites.join()) {
      this.#offered = offerCrypto(suites, withMki)
    }
    const { variables } = this.#channel
    variables.set('rtp_last_audio_local_crypto_key', this.#lines()[0]?.replace('crypto:', ''))
    // RFC 8643: keys in an RTP/AVP stream, for those who take it either way.
    if (this.#offersPlain && this.#mayCryptoBeInPlain()) {
      return { protocol: plainProtocol, crypto: this.#lines() }
    }
    return { protocol: secureProtocol, crypto: this.#lines(), plainBeside: this.#offersPlain }
  }

  /** The sound passes us by from now on; when it comes back it gets new keys. */
  leave(): void {
    this.#isStale = this.#current !== undefined
  }

  /** The attributes that accept a section of their offer; undefined: it is to be refused. */
  accept(section: MediaSection): readonly string[] | undefined {
    this.#refusal = undefined
    const protocol = section.protocol.toUpperCase()
    const wish = this.#wish(this.#channel.direction)
    if (protocol === plainProtocol) {
      const hasKeys = section.crypto.length > 0 && wish.mode !== 'off' && wish.mode !== 'forbidden'
      const agreement =
        hasKeys && this.#mayCryptoBeInPlain() ? this.#answer(section, wish) : undefined
      if (agreement) return this.#accepted(section, agreement)
      if (wish.mode !== 'mandatory') return []
      return this.#refuse(
        hasKeys && !this.#mayCryptoBeInPlain()
          ? 'rtp_secure_media is mandatory and a=crypto within RTP/AVP not allowed (NDLB-allow-crypto-in-avp)'
          : 'rtp_secure_media is mandatory and the offer has no usable a=crypto',
      )
    }
    if (protocol !== secureProtocol) return undefined
    if (wish.mode === 'off' || wish.mode === 'forbidden') {
      return this.#refuse('the offer is RTP/SAVP and rtp_secure_media forbids it')
    }
    const agreement = this.#answer(section, wish)
    return agreement
      ? this.#accepted(section, agreement)
      : this.#refuse(this.#refusal ?? 'the offer is RTP/SAVP and has no a=crypto')
  }

  /** The suite that an offer's section would be answered with, shown before there is an answer. */
  show(section: MediaSection): void {
    const name = this.#answers.get(section)?.pair.theirs.name
    if (name === undefined) return
    this.#channel.variables.set('rtp_has_crypto', name)
    this.#channel.variables.set('rtp_secure_media_negotiated', name)
  }

  /** The section that was accepted is the stream from now on: its keys. */
  answered(section: MediaSection): LegCrypto | undefined {
    return this.#settle(this.#answers.get(section))
  }

  /**
   * What an answer to our offer settles. Throws SwitchError SDP_BAD_CRYPTO for keys that were not offered and
   * SDP_NOT_SECURE for a stream in the clear where that was not.
   */
  readAnswer(section: MediaSection): LegCrypto | undefined {
    const { crypto, protocol } = section
    if (crypto.length > 0 && this.#offered.length > 0) {
      const pair = acceptCrypto(this.#offered, crypto)
      return this.#settle({ pair, line: textOf(crypto[0]), protocol })
    }
    if (this.#offersPlain && protocol.toUpperCase() === plainProtocol)
      return this.#settle(undefined)
    throw new SwitchError(
      'SDP_NOT_SECURE',
      `the answer is ${protocol} without the keys asked for`,
      {
        status: 488,
      },
    )
  }

  /** `without` is whose default counts where nothing is set. */
  #wish(without: 'inbound' | 'outbound'): SecureMedia {
    const { variables, direction, uuid } = this.#channel
    const value =
      (this.#isStale ? variables.get('uuid_media_secure_media') : undefined) ??
      variables.get(`rtp_secure_media_${direction}`) ??
      variables.get('rtp_secure_media') ??
      variables.get('sip_secure_media') ??
      (this.#profile.values.boolean('require-secure-rtp') ? 'mandatory' : undefined)
    const wish = parseSecureMedia(value, variables.get('rtp_secure_media_suites'), without)
    for (const problem of wish.problems) log.warning(problem, uuid)
    return wish
  }

  #mayCryptoBeInPlain(): boolean {
    const own = this.#channel.variables.get('rtp_allow_crypto_in_avp')
    return own === undefined
      ? this.#profile.values.boolean('NDLB-allow-crypto-in-avp')
      : isTrue(own)
  }

  /** Keys for a section of theirs: those in force where it repeats them, else new ones. */
  #answer(section: MediaSection, wish: SecureMedia): Agreement | undefined {
    const known = this.#answers.get(section) ?? this.#kept(section.crypto)
    if (known && wish.suites.includes(known.pair.ours.suite)) {
      return { ...known, protocol: section.protocol }
    }
    const { pair, problems } = answerCrypto(section.crypto, wish.suites, 'theirs')
    for (const problem of problems) log.info(problem, this.#channel.uuid)
    if (!pair) {
      this.#refusal =
        problems[0] === undefined ? undefined : `no usable key: ${problems.join('; ')}`
      return undefined
    }
    const line = section.crypto.find(({ tag }) => tag === pair.theirs.tag)
    return { pair, line: textOf(line), protocol: section.protocol }
  }

  #kept(lines: readonly CryptoLine[]): Agreement | undefined {
    const current = this.#current
    if (current === undefined || current === 'plain' || this.#isStale) return undefined
    return lines.some((line) => textOf(line) === current.line) ? current : undefined
  }

  #accepted(section: MediaSection, agreement: Agreement): readonly string[] {
    this.#answers.set(section, agreement)
    return [this.#write(agreement.pair.ours)]
  }

  #refuse(reason: string): undefined {
    this.#refusal = reason
  }

  #lines(): string[] {
    return this.#offered.map((key) => this.#write(key))
  }

  #write(key: CryptoKey): string {
    return writeCrypto(key, !isFalse(this.#channel.variables.get('rtp_pad_srtp_keys')))
  }

  #settle(agreement: Agreement | undefined): LegCrypto | undefined {
    const before = this.#current
    this.#current = agreement ?? 'plain'
    this.#isStale = false
    const { variables } = this.#channel
    if (!agreement) {
      this.#offered = []
      if (before !== undefined && before !== 'plain') this.#tellPlain()
      return undefined
    }
    const { ours, theirs } = agreement.pair
    const { name } = theirs
    variables.set('rtp_has_crypto', name)
    variables.set('rtp_secure_media_negotiated', name)
    for (const confirmed of confirmations) variables.set(confirmed, 'true')
    variables.set('rtp_last_audio_local_crypto_key', this.#write(ours).replace('crypto:', ''))
    variables.setForeign('srtp_remote_audio_crypto_key', agreement.line)
    variables.set('srtp_remote_audio_crypto_tag', String(theirs.tag))
    variables.setForeign('srtp_remote_audio_crypto_type', theirs.suite)
    const isNew = before === undefined || before === 'plain' || before.line !== agreement.line
    if (isNew) this.#tellSecure(`srtp:sdes:${name}`)
    return { send: keyOf(ours), receive: keyOf(theirs) }
  }

  #tellSecure(type: string): void {
    const channel = this.#channel
    channel.secureType = type
    log.info(`the sound is encrypted: ${type}`, channel.uuid)
    channel.sw.events.announce('CALL_SECURE', (event) => {
      event.add('secure_type', type)
      event.add('caller-unique-id', channel.uuid)
    })
  }

  #tellPlain(): void {
    const channel = this.#channel
    channel.secureType = ''
    log.notice('the sound goes in the clear from now on', channel.uuid)
    for (const name of [...confirmations, ...keyVariables]) channel.variables.unset(name)
  }
}

const confirmations = [
  'rtp_secure_media_confirmed',
  'rtp_secure_media_confirmed_audio',
  'rtp_secure_audio_confirmed',
]
const keyVariables = [
  'rtp_has_crypto',
  'rtp_secure_media_negotiated',
  'rtp_last_audio_local_crypto_key',
  'srtp_remote_audio_crypto_key',
  'srtp_remote_audio_crypto_tag',
  'srtp_remote_audio_crypto_type',
]

function keyOf({ suite, key, mki }: CryptoKey): LegCrypto['send'] {
  return { suite, key, mki }
}

function textOf(line: CryptoLine | undefined): string {
  if (!line) return ''
  return [line.tag, line.suite, line.key, line.parameters].join(' ').trim()
}
