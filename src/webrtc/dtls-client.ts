/** The side of DTLS that begins (`a=setup:active`). */

import type { HandshakeMessage } from './dtls-fragments.ts'
import { messageType, readServerHello, writeClientHello } from './dtls-hello.ts'
import { dtlsSuites, isSigned, KeyShare, schemeFor, signWith } from './dtls-keys.ts'
import {
  publicKeyOf,
  readCertificateRequest,
  readHelloVerify,
  readServerKeyExchange,
  type ServerKeyExchange,
  writeCertificate,
  writeCertificateVerify,
  writeClientKeyExchange,
} from './dtls-messages.ts'
import { alerts, DtlsFault } from './dtls-octets.ts'
import { versions } from './dtls-record.ts'
import { type DtlsEvents, type DtlsOptions, DtlsSession } from './dtls-session.ts'
import { profileIds, profileName } from './dtls-srtp.ts'

export class DtlsClient extends DtlsSession {
  #hasCookie = false
  /** What comes next in the other side's flight. */
  #expected: number = messageType.serverHello
  #exchange: ServerKeyExchange | undefined
  /** The signatures that they take of us; undefined: no certificate is asked for. */
  #schemes: number[] | undefined

  constructor(options: DtlsOptions, events: DtlsEvents) {
    super('active', options, events)
  }

  /** Sends the first packet. */
  start(now: number): void {
    if (this.state !== 'waiting') return
    this.now = now
    this.began()
    this.#hello(Buffer.alloc(0))
  }

  #hello(cookie: Buffer): void {
    // A ClientHello that was answered with a cookie is not of the transcript (RFC 6347 section 4.2.1).
    this.transcript = []
    const suites = dtlsSuites.map(({ id }) => id)
    const body = writeClientHello(this.clientRandom, cookie, suites, profileIds)
    this.send([this.say(messageType.clientHello, body)])
  }

  protected message({ type, body }: HandshakeMessage, whole: Buffer): void {
    if (type === messageType.helloVerify && !this.#hasCookie) {
      if (this.#expected !== messageType.serverHello) throw this.unexpected(type)
      this.#hasCookie = true
      return this.#hello(readHelloVerify(body))
    }
    const isRequest =
      type === messageType.certificateRequest &&
      this.#expected === messageType.serverHelloDone &&
      !this.#schemes
    if (type !== this.#expected && !isRequest) throw this.unexpected(type)
    if (type === messageType.finished) {
      if (!this.hasTheirCipher) throw this.unexpected(type)
      this.checkFinished(body, 'server')
      return this.done()
    }
    this.transcript.push(whole)
    switch (type) {
      case messageType.serverHello:
        return this.#serverHello(body)
      case messageType.certificate:
        this.takeCertificate(body)
        this.#expected = messageType.serverKeyExchange
        return
      case messageType.serverKeyExchange:
        this.#keyExchange(body)
        return
      case messageType.certificateRequest:
        this.#schemes = readCertificateRequest(body)
        return
      default:
        this.#answer()
    }
  }

  #serverHello(body: Buffer): void {
    const hello = readServerHello(body)
    if (hello.version !== versions.dtls12)
      throw new DtlsFault(alerts.protocolVersion, 'they do not speak DTLS 1.2')
    const suite = dtlsSuites.find(({ id }) => id === hello.suite)
    if (!suite)
      throw new DtlsFault(alerts.illegalParameter, 'they chose a cipher that we did not offer')
    const srtp = hello.profile === undefined ? undefined : profileName(hello.profile)
    if (!srtp)
      throw new DtlsFault(
        alerts.handshakeFailure,
        'they chose no suite of SRTP (use_srtp) among ours',
      )
    this.suite = suite
    this.srtp = srtp
    this.serverRandom = hello.random
    this.hasExtendedMaster = hello.hasExtendedMaster
    this.#expected = messageType.certificate
  }

  #keyExchange(body: Buffer): void {
    const exchange = readServerKeyExchange(body)
    const signed = Buffer.concat([this.clientRandom, this.serverRandom, exchange.part])
    const key = this.theirs && publicKeyOf(this.theirs)
    // Suites with ECDSA are those of Ed25519, too (RFC 8422 section 5.1.1).
    const kind = key?.asymmetricKeyType === 'rsa' ? 'rsa' : 'ec'
    if (
      !key ||
      kind !== this.suite?.kind ||
      !isSigned(key, exchange.scheme, signed, exchange.signature)
    )
      throw new DtlsFault(alerts.decryptError, 'their signature is not that of their certificate')
    this.#exchange = exchange
    this.#expected = messageType.serverHelloDone
  }

  #answer(): void {
    const { suite } = this
    const exchange = this.#exchange
    if (!suite || !exchange) throw this.unexpected(messageType.serverHelloDone)
    const { identity } = this.options
    const share = new KeyShare(exchange.group)
    const secret = share.secretWith(exchange.publicOctets)
    const flight = []
    if (this.#schemes)
      flight.push(this.say(messageType.certificate, writeCertificate(identity.certificate)))
    flight.push(this.say(messageType.clientKeyExchange, writeClientKeyExchange(share.publicOctets)))
    this.derive(secret, suite)
    if (this.#schemes) {
      const scheme = schemeFor(identity, this.#schemes)
      if (scheme === undefined)
        throw new DtlsFault(
          alerts.handshakeFailure,
          `they take no signature that our ${identity.kind} key can make`,
        )
      const signature = signWith(identity, scheme, Buffer.concat(this.transcript))
      flight.push(
        this.say(messageType.certificateVerify, writeCertificateVerify(scheme, signature)),
      )
    }
    flight.push(this.cipherChange())
    flight.push(this.say(messageType.finished, this.finishedData('client'), 1))
    this.#expected = messageType.finished
    this.send(flight)
  }
}
