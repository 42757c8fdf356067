/**
 * One DTLS 1.2 connection for SRTP keys (RFC 6347, RFC 5764), either side, as a thing without sockets and timers: packets and
 * ticks go in, packets and an outcome come out. Both sides show certificates; theirs has to be the one that was announced.
 */
import { randomBytes, timingSafeEqual, type X509Certificate } from 'node:crypto'
import { reasonOf } from '../base/errors.ts'
import { fingerprintOf } from '../net/certificate.ts'
import { ReplayWindow } from '../rtp/replay-window.ts'
import type { SrtpSuiteName } from '../rtp/srtp-suite.ts'
import { DtlsFlight, type FlightPart } from './dtls-flight.ts'
import { type HandshakeMessage, Reassembly, wholeMessage } from './dtls-fragments.ts'
import { messageName, messageType } from './dtls-hello.ts'
import type { DtlsIdentity } from './dtls-identity.ts'
import { type DtlsSuite, isSigned, prf, recordKeys, transcriptHash } from './dtls-keys.ts'
import {
  checkFingerprint,
  type Fingerprint,
  publicKeyOf,
  readCertificate,
  readCertificateVerify,
} from './dtls-messages.ts'
import { alerts, alertText, DtlsFault } from './dtls-octets.ts'
import {
  contentType,
  type DtlsRecord,
  openRecord,
  type RecordKey,
  RecordWriter,
  readRecords,
} from './dtls-record.ts'
import { type DtlsSrtpKeys, exportKeys } from './dtls-srtp.ts'

/** What a session tells its owner. */
export interface DtlsEvents {
  send(packet: Buffer): void
  /** The handshake is done. */
  connected(keys: DtlsSrtpKeys): void
  /** It is over without keys; `reason` is a sentence. */
  failed(reason: string): void
  /** The other side has ended a connection that stood. */
  closed(): void
  /** Counts a packet or record that was refused. */
  drop(reason: string): void
}

export interface DtlsOptions {
  readonly identity: DtlsIdentity
  readonly fingerprints: readonly Fingerprint[]
  /** Where a packet came from is known to be true (ICE checked it): no cookies needed. */
  readonly isSourceProven: boolean
}

export type DtlsState = 'waiting' | 'handshake' | 'connected' | 'failed' | 'closed'

/** How long a handshake may take, ms. */
const patience = 30_000

const changeCipher = Buffer.from([1])

export abstract class DtlsSession {
  readonly role: 'active' | 'passive'
  protected readonly options: DtlsOptions
  protected readonly events: DtlsEvents
  state: DtlsState = 'waiting'
  failure = ''
  /** The suite of DTLS and of SRTP, once agreed on. */
  suite: DtlsSuite | undefined
  protected srtp: SrtpSuiteName | undefined
  protected clientRandom: Buffer = randomBytes(32)
  protected serverRandom: Buffer = randomBytes(32)
  protected hasExtendedMaster = false
  protected master: Buffer | undefined
  protected theirs: X509Certificate | undefined
  /** Every handshake message of both sides, as hashed and signed. */
  protected transcript: Buffer[] = []
  protected readonly reassembly = new Reassembly()
  protected readonly writer = new RecordWriter()
  protected theirKey: RecordKey | undefined
  #hasTheirCipher = false
  /** Records of the next epoch that came before their keys. */
  #early: DtlsRecord[] = []
  /** Of encrypted records alone: what comes in the clear proves nothing, and messages have numbers of their own. */
  readonly #window = new ReplayWindow()
  protected nextSequence = 0
  readonly #flight = new DtlsFlight(this.writer, (packet) => this.events.send(packet))
  #beganAt = -1
  #tookMs: number | null = null
  protected now = 0

  constructor(role: 'active' | 'passive', options: DtlsOptions, events: DtlsEvents) {
    this.role = role
    this.options = options
    this.events = events
  }

  /** What a message means; `whole` is what is hashed. */
  protected abstract message(message: HandshakeMessage, whole: Buffer): void

  /** ms from the first packet to the keys; null before. */
  get ms(): number | null {
    return this.#tookMs
  }

  get retransmissions(): number {
    return this.#flight.retransmissions
  }

  get srtpSuite(): SrtpSuiteName | undefined {
    return this.state === 'connected' || this.state === 'closed' ? this.srtp : undefined
  }

  /** `sha-256 AB:…` of the certificate that came; empty before. */
  get theirFingerprint(): string {
    return this.theirs ? `sha-256 ${fingerprintOf(this.theirs, 'sha-256')}` : ''
  }

  /** Takes a datagram; it is only lent. Never throws for what is in it. */
  receive(packet: Buffer, now: number): void {
    this.now = now
    if (this.state === 'failed' || this.state === 'closed') return this.events.drop('DTLS over')
    const records = readRecords(packet, () => this.events.drop('DTLS malformed'))
    try {
      for (const record of records) this.#record(record)
    } catch (thrown) {
      this.#broke(thrown)
    }
  }

  /** Called a few times a second. */
  tick(now: number): void {
    if (this.state !== 'handshake') return
    this.now = now
    if (now - this.#beganAt > patience) return this.fail(this.#silence())
    this.#flight.tick(now)
  }

  /** Ends it; the other side is told. */
  close(): void {
    if (this.state === 'connected') this.alert(1, alerts.closeNotify)
    if (this.state !== 'failed') this.state = 'closed'
    this.forget()
  }

  /** Begins to count the time. */
  protected began(): void {
    if (this.state !== 'waiting') return
    this.state = 'handshake'
    this.#beganAt = this.now
  }

  /** The flight that follows, in place of the one before. */
  protected send(parts: readonly FlightPart[]): void {
    this.#flight.send(parts, this.now)
  }

  /** A message of ours, numbered and taken down; `isHashed` false for those that are not of the transcript. */
  protected say(type: number, body: Buffer, epoch: 0 | 1 = 0): FlightPart {
    const message = { type, sequence: this.nextSequence++, body }
    this.transcript.push(wholeMessage(message))
    return { type: contentType.handshake, epoch, message }
  }

  protected cipherChange(): FlightPart {
    return { type: contentType.changeCipher, epoch: 0, message: changeCipher }
  }

  /** Everything after the hellos needs the secret. */
  protected derive(secret: Buffer, suite: DtlsSuite): void {
    const { hash } = suite
    const randoms = Buffer.concat([this.clientRandom, this.serverRandom])
    // RFC 7627: bound to all that was said so far, else to the randoms alone.
    this.master = this.hasExtendedMaster
      ? prf(hash, secret, 'extended master secret', transcriptHash(hash, this.transcript), 48)
      : prf(hash, secret, 'master secret', randoms, 48)
    const keys = recordKeys(suite, this.master, this.clientRandom, this.serverRandom)
    const isClient = this.role === 'active'
    this.writer.key = isClient ? keys.client : keys.server
    this.theirKey = isClient ? keys.server : keys.client
  }

  protected finishedData(side: 'client' | 'server'): Buffer {
    const { suite, master } = this
    if (!suite || !master)
      throw new DtlsFault(alerts.unexpectedMessage, 'Finished comes before the keys')
    const hash = transcriptHash(suite.hash, this.transcript)
    return prf(suite.hash, master, `${side} finished`, hash, 12)
  }

  /** Throws DtlsFault unless their Finished fits all that was said before it. */
  protected checkFinished(body: Buffer, side: 'client' | 'server'): void {
    const expected = this.finishedData(side)
    if (body.length !== expected.length || !timingSafeEqual(body, expected))
      throw new DtlsFault(
        alerts.decryptError,
        'their Finished does not fit the handshake: somebody changed it on the way',
      )
  }

  /** Their certificate: it has to be the one that was announced. */
  protected takeCertificate(body: Buffer): void {
    const certificate = readCertificate(body)
    if (!certificate) throw new DtlsFault(alerts.handshakeFailure, 'they show no certificate')
    this.theirs = certificate
    checkFingerprint(certificate, this.options.fingerprints)
  }

  /** Their proof that the certificate is theirs, over all that was said before. */
  protected checkCertificateVerify(body: Buffer): void {
    const { scheme, signature } = readCertificateVerify(body)
    const said = Buffer.concat(this.transcript)
    if (!this.theirs || !isSigned(publicKeyOf(this.theirs), scheme, said, signature))
      throw new DtlsFault(alerts.decryptError, 'their signature is not that of their certificate')
  }

  /** Their cipher begins with the next epoch; only then Finished may come. */
  protected get hasTheirCipher(): boolean {
    return this.#hasTheirCipher
  }

  /** The handshake is done. The server, who spoke last, keeps its flight for a client that asks for it again. */
  protected done(): void {
    const { suite, srtp, master } = this
    if (!suite || !srtp || !master) throw new Error('done without keys')
    this.state = 'connected'
    this.#tookMs = this.now - this.#beganAt
    const keys = exportKeys(srtp, suite, master, this.clientRandom, this.serverRandom)
    this.transcript = []
    this.reassembly.end()
    // The client answers nothing more (RFC 6347 section 4.2.4): where the way is long the two would repeat themselves to each other until
    // a browser has had enough and ends the connection.
    if (this.role === 'active') this.#flight.forget()
    this.#forgetMaster()
    this.events.connected(keys)
  }

  protected fail(reason: string): void {
    if (this.state === 'failed' || this.state === 'closed') return
    this.state = 'failed'
    this.failure = reason
    this.forget()
    this.events.failed(reason)
  }

  protected alert(level: 1 | 2, description: number): void {
    const epoch = this.writer.key && this.#hasTheirCipher ? 1 : 0
    this.events.send(this.writer.write(contentType.alert, epoch, Buffer.from([level, description])))
  }

  protected unexpected(type: number): DtlsFault {
    return new DtlsFault(alerts.unexpectedMessage, `${messageName(type)} comes out of order`)
  }

  protected forget(): void {
    this.transcript = []
    this.#flight.forget()
    this.reassembly.end()
    this.#early = []
    this.#forgetMaster()
  }

  #forgetMaster(): void {
    this.master?.fill(0)
    this.master = undefined
  }

  #record(record: DtlsRecord): void {
    if (this.state === 'failed' || this.state === 'closed') return
    const { epoch, sequence, type } = record
    if (epoch > 1) return this.events.drop('DTLS epoch')
    if (epoch === 1 && !(this.theirKey && this.#hasTheirCipher)) {
      // The change of cipher, or the keys, are still on their way: a few may wait.
      if (this.state !== 'handshake' || this.#early.length >= 4)
        return this.events.drop('DTLS epoch')
      const { head, content } = record
      this.#early.push({ ...record, head: Buffer.from(head), content: Buffer.from(content) })
      return
    }
    // Once they encrypt nothing in the clear counts: not even an alert, which anybody could send. A flight that is repeated has its
    // change of cipher again.
    if (epoch === 0 && this.#hasTheirCipher && type !== contentType.handshake) {
      if (type !== contentType.changeCipher) this.events.drop('DTLS in the clear')
      return
    }
    // Nor does one end a handshake that nobody has begun.
    if (type === contentType.alert && this.state === 'waiting')
      return this.events.drop('DTLS alert before the handshake')
    if (epoch === 0 || !this.theirKey) return this.#content(type, record.content, false)
    if (this.#window.isReplayed(sequence)) return this.events.drop('DTLS replayed')
    const plain = openRecord(record, this.theirKey)
    if (!plain) return this.events.drop('DTLS not authentic')
    this.#window.note(sequence)
    this.#content(type, plain, true)
  }

  #content(type: number, content: Buffer, isEncrypted: boolean): void {
    switch (type) {
      case contentType.handshake:
        return this.#handshake(content, isEncrypted)
      case contentType.changeCipher:
        if (!this.#hasTheirCipher && this.theirKey) {
          this.#hasTheirCipher = true
          this.#replayEarly()
        }
        return
      case contentType.alert:
        return this.#alerted(content)
      case contentType.data:
        return this.events.drop('DTLS data')
      default:
        this.events.drop('DTLS malformed')
    }
  }

  #replayEarly(): void {
    const waiting = this.#early
    this.#early = []
    for (const record of waiting) this.#record(record)
  }

  /** Looks at a piece of a handshake before it is put to the others. */
  protected before(_content: Buffer): void {}

  #handshake(content: Buffer, isEncrypted: boolean): void {
    // A new handshake on an old connection: nobody needs it (RFC 5246 section 7.4.1.1 lets us pass it over).
    if (this.state === 'connected' && isEncrypted && content[0] !== messageType.finished)
      return this.events.drop('DTLS renegotiation')
    this.before(content)
    let isRepeated = false
    try {
      isRepeated = this.reassembly.add(content, isEncrypted)
    } catch (thrown) {
      if (!(thrown instanceof DtlsFault)) throw thrown
      // RFC 6347 section 4.1.2.7: what makes no sense is passed over, or anybody could end a handshake.
      return this.events.drop('DTLS malformed')
    }
    // They did not get our flight (section 4.2.4).
    if (isRepeated) this.#flight.repeat(this.now)
    for (let next = this.reassembly.take(); next; next = this.reassembly.take()) {
      this.message(next, wholeMessage(next))
    }
  }

  #alerted(content: Buffer): void {
    const [level = 0, description = 0] = content
    if (description === alerts.closeNotify) {
      if (this.state !== 'connected')
        return this.fail('the other side ended the handshake (close_notify)')
      this.state = 'closed'
      this.forget()
      return this.events.closed()
    }
    if (level !== 2) return this.events.drop('DTLS warning')
    this.fail(`the other side refused the handshake: ${alertText(description)}`)
  }

  #broke(thrown: unknown): void {
    const isFault = thrown instanceof DtlsFault
    if (!isFault) this.events.drop('DTLS error')
    // Before a handshake has begun whatever came was none.
    if (isFault && this.state === 'waiting') return this.events.drop('DTLS malformed')
    if (this.state === 'connected' || this.state === 'waiting') return
    this.alert(2, isFault ? thrown.alert : alerts.internalError)
    this.fail(reasonOf(thrown))
  }

  #silence(): string {
    const seconds = patience / 1000
    return this.theirs || this.transcript.length > 1
      ? `the handshake was not finished within ${seconds} seconds: packets are lost on the way`
      : `no answer to the handshake within ${seconds} seconds`
  }
}
