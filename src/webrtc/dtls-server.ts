/** The side of DTLS that waits (`a=setup:passive`). */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { type HandshakeMessage, wholeMessage } from './dtls-fragments.ts'
import { type ClientHello, messageType, readClientHello, writeServerHello } from './dtls-hello.ts'
import { dtlsSuites, groupIds, KeyShare, schemeFor, signWith } from './dtls-keys.ts'
import {
  keyExchangePart,
  readClientKeyExchange,
  writeCertificate,
  writeCertificateRequest,
  writeHelloVerify,
  writeServerKeyExchange,
} from './dtls-messages.ts'
import { alerts, DtlsFault } from './dtls-octets.ts'
import { contentType, versions } from './dtls-record.ts'
import { type DtlsEvents, type DtlsOptions, DtlsSession } from './dtls-session.ts'
import { profileIds, profileName } from './dtls-srtp.ts'

/** What cookies are made with: they say that a packet to their owner arrives, and nothing is kept for it. */
const cookieSecret = randomBytes(32)

export class DtlsServer extends DtlsSession {
  #expected: number = messageType.clientHello
  #share: KeyShare | undefined
  /** Who sent the packet at hand: cookies are for an address. */
  source = ''

  constructor(options: DtlsOptions, events: DtlsEvents) {
    super('passive', options, events)
  }

  protected message(message: HandshakeMessage, whole: Buffer): void {
    const { type, body } = message
    if (type !== this.#expected) throw this.unexpected(type)
    if (type === messageType.clientHello) return this.#clientHello(body, whole)
    if (type === messageType.finished) {
      if (!this.hasTheirCipher) throw this.unexpected(type)
      this.checkFinished(body, 'client')
      this.transcript.push(whole)
      this.send([
        this.cipherChange(),
        this.say(messageType.finished, this.finishedData('server'), 1),
      ])
      return this.done()
    }
    if (type === messageType.certificateVerify) this.checkCertificateVerify(body)
    this.transcript.push(whole)
    if (type === messageType.certificate) {
      this.takeCertificate(body)
      this.#expected = messageType.clientKeyExchange
    } else if (type === messageType.clientKeyExchange) this.#keyExchange(body)
    else this.#expected = messageType.finished
  }

  /** Until one has begun the first message of any number may come: those before the cookie are forgotten at once. */
  protected override before(content: Buffer): void {
    if (this.state === 'waiting' && content.length >= 6)
      this.reassembly.expect(content.readUInt16BE(4))
  }

  #clientHello(body: Buffer, whole: Buffer): void {
    const hello = readClientHello(body)
    if (!this.options.isSourceProven && !this.#hasCookie(hello)) return
    this.began()
    // Our first message has the number of theirs (RFC 6347 section 4.2.2).
    this.nextSequence = this.reassembly.next - 1
    // DTLS 1.3 says 1.2 here and the rest in an extension.
    if (hello.version > versions.dtls12)
      throw new DtlsFault(alerts.protocolVersion, 'they speak DTLS 1.0 only')
    const { identity } = this.options
    const suite = dtlsSuites.find(
      ({ id, kind }) => kind === identity.kind && hello.suites.includes(id),
    )
    if (!suite)
      throw new DtlsFault(
        alerts.handshakeFailure,
        `no cipher in common with an ${identity.kind} certificate: they offer ${hello.suites.map(hex).join(' ')}`,
      )
    if (!hello.profiles)
      throw new DtlsFault(alerts.handshakeFailure, 'their handshake is not for SRTP (no use_srtp)')
    const profile = profileIds.find((id) => hello.profiles?.includes(id))
    if (profile === undefined)
      throw new DtlsFault(alerts.handshakeFailure, 'no suite of SRTP in common (use_srtp)')
    const group = groupIds.find((id) => hello.groups.includes(id))
    if (group === undefined)
      throw new DtlsFault(alerts.handshakeFailure, 'no curve for the key exchange in common')
    const scheme = schemeFor(identity, hello.schemes)
    if (scheme === undefined)
      throw new DtlsFault(
        alerts.handshakeFailure,
        `they take no signature that our ${identity.kind} key can make`,
      )
    this.suite = suite
    this.srtp = profileName(profile)
    this.clientRandom = hello.random
    this.hasExtendedMaster = hello.hasExtendedMaster
    this.transcript.push(whole)
    this.#share = new KeyShare(group)
    const part = keyExchangePart(group, this.#share.publicOctets)
    const signed = Buffer.concat([this.clientRandom, this.serverRandom, part])
    this.#expected = messageType.certificate
    this.send([
      this.say(
        messageType.serverHello,
        writeServerHello(this.serverRandom, suite.id, profile, hello),
      ),
      this.say(messageType.certificate, writeCertificate(identity.certificate)),
      this.say(
        messageType.serverKeyExchange,
        writeServerKeyExchange(part, scheme, signWith(identity, scheme, signed)),
      ),
      this.say(messageType.certificateRequest, writeCertificateRequest()),
      this.say(messageType.serverHelloDone, Buffer.alloc(0)),
    ])
  }

  /** Whether the client can be reached; if not shown yet, it is asked to, and nothing is kept (RFC 6347 section 4.2.1). */
  #hasCookie(hello: ClientHello): boolean {
    const { suites, random, cookie } = hello
    const expected = createHmac('sha256', cookieSecret)
      .update(`${this.source} ${suites.join()} `)
      .update(random)
      .digest()
    if (cookie.length === expected.length && timingSafeEqual(cookie, expected)) return true
    if (cookie.length > 0) this.events.drop('DTLS cookie')
    const message = { type: messageType.helloVerify, sequence: 0, body: writeHelloVerify(expected) }
    const content = wholeMessage(message)
    this.events.send(this.writer.write(contentType.handshake, 0, content, versions.dtls10))
    return false
  }

  #keyExchange(body: Buffer): void {
    const { suite } = this
    if (!this.#share || !suite) throw this.unexpected(messageType.clientKeyExchange)
    this.derive(this.#share.secretWith(readClientKeyExchange(body)), suite)
    this.#share = undefined
    this.#expected = messageType.certificateVerify
  }
}

function hex(suite: number): string {
  return suite.toString(16).padStart(4, '0')
}
