/**
 * ICE on one port (RFC 8445), as a thing without sockets and timers. The lite side answers checks and believes the pair that the
 * other side settles on; the full side makes checks of its own as well and may be the one who settles. One component: RTCP
 * shares the port.
 */

import { randomBytes } from 'node:crypto'
import { Allowance } from '../base/allowance.ts'
import {
  errorCodeOf,
  isAuthentic,
  messageType,
  readStun,
  type StunMessage,
  transactionOf,
} from '../net/stun-message.ts'
import { answerBinding } from '../net/stun-server.ts'
import { iceCheck } from './ice-check.ts'
import { type IcePairState, IcePairs, type ShownPair } from './ice-pairs.ts'
import type { IceEvents, IceSettings, IceState, IceWay } from './ice-terms.ts'

/** Checks of addresses that never answered, in a window of so many ms: restarts do not lift it. */
const mostUnproven = 300
const unprovenMs = 30_000
/** Refusals that are answered in a second: whoever is wrong more often needs no answer. */
const mostRefusals = 20
/** A check is sent again after so long, ms, twice as long each time, and so often. */
const firstRetry = 250
const mostTries = 7
/** Over TCP nothing is sent again: so long an answer may take, ms (RFC 8489 section 6.2.2). */
const reliableMs = 39_500
/** Pairs that are tried for the first time in one sweep (RFC 8445 section 14: 50 ms between them). */
const perSweep = 2
/** How long better pairs may take before the best of those that work is settled on, ms. */
const nominationMs = 300
/** ms until nothing came of it; between checks of a pair in use (RFC 7675 section 5.1); and until such a pair counts as lost. */
const patience = 30_000
const consentMs = 4000
const consentLostMs = 30_000

export class IceAgent {
  state: IceState = 'new'
  checksReceived = 0
  checksRefused = 0
  checksSent = 0
  readonly #events: IceEvents
  #settings: IceSettings
  #isControlling = false
  #startedAt: number
  #goodAt = -1
  readonly #tieBreaker = randomBytes(8)
  readonly #pairs = new IcePairs(() => this.#events.drop('ICE candidates'))
  /** Pairs to be checked before all others: those that the other side has just checked. */
  #triggered: IcePairState[] = []
  #selected: IcePairState | undefined
  /** The other side has begun anew, and no pair of the new run is settled on yet. */
  isRestarting = false
  /** The connection of the pair in use has ended, and nothing works in its place yet. */
  #hasEnded = false
  /** When the pair in use was last known to work, and checked. */
  #heardAt = 0
  #askedAt = 0
  /** Whether we have an address at a relay, and of which family. */
  #relay: 'IPv4' | 'IPv6' | undefined
  readonly #unproven = new Allowance(mostUnproven, unprovenMs)
  readonly #refusals = new Allowance(mostRefusals, 1000)

  constructor(settings: IceSettings, events: IceEvents, now: number) {
    this.#settings = settings
    this.#events = events
    this.#startedAt = now
    this.#take(settings, now)
  }

  get isLite(): boolean {
    return this.#settings.checks === undefined
  }

  get isControlling(): boolean {
    return this.#isControlling
  }

  get pairs(): readonly ShownPair[] {
    return this.#pairs.list
  }

  get selected(): ShownPair | undefined {
    return this.#selected
  }

  /** Whether there is a pair to rely on. */
  get isReady(): boolean {
    return this.#selected !== undefined && !this.isRestarting && !this.#hasEnded
  }

  /** Whether a good check came from there: only such sources are believed in what follows. */
  isKnown(address: string, port: number): boolean {
    return this.#pairs.isProven(address, port)
  }

  /** A TURN server gave us an address: their candidates of its family are tried through it too, behind the direct way. */
  relayed(family: 'IPv4' | 'IPv6', now: number): void {
    this.#relay = family
    this.#take(this.#settings, now, false)
  }

  /**
   * A TCP connection has ended, and the pair with it. Where another one works that is used; else consent runs out as where packets
   * get lost, unless they connect again.
   */
  ended(address: string, port: number, now: number): void {
    const pair = this.#pairs.find('tcp', address, port)
    if (pair) this.#pairs.remove(pair)
    this.#triggered = this.#triggered.filter((one) => one !== pair)
    const selected = this.#selected
    const isInUse =
      selected?.way === 'tcp' && selected.port === port && selected.address === address
    if (!isInUse) return
    this.#pairs.settle(selected)
    this.#hasEnded = true
    const { best } = this.#pairs
    if (!best) return
    this.#select(best, now)
    if (!this.#isControlling) return
    best.nominates = true
    this.#check(best, now)
  }

  /** New settings: more candidates, or (other names and passwords) a restart, in which the pair in use stays until another is found. */
  configure(settings: IceSettings, now: number): void {
    const before = this.#settings
    this.#settings = settings
    const isRestart = before.remoteUfrag !== settings.remoteUfrag || before.ufrag !== settings.ufrag
    if (isRestart) {
      this.#pairs.clear()
      this.#triggered = []
      this.#startedAt = now
      this.#goodAt = -1
      this.isRestarting = this.#selected !== undefined
      if (this.state === 'failed') this.#become('new')
    }
    this.#take(settings, now, isRestart)
  }

  /** Takes a STUN packet, and by which of our ways it came. */
  receive(
    packet: Buffer,
    address: string,
    port: number,
    now: number,
    way: IceWay = 'direct',
  ): void {
    const { checks } = this.#settings
    const role = checks && {
      isControlling: this.#isControlling,
      tieBreaker: this.#tieBreaker.readBigUInt64BE(0),
    }
    const answer = answerBinding(packet, address, port, this.#settings, role)
    if (answer) {
      this.checksReceived++
      const { response } = answer
      // A refusal longer than what asked for it would serve those who flood others.
      const isWorth = response.length <= packet.length && this.#refusals.takes(now)
      if (answer.isGood || isWorth) this.#events.send(response, port, address, way)
      if (!answer.isGood) {
        this.checksRefused++
        return this.#events.drop('STUN refused')
      }
      if (answer.isOurConflict) this.#switchRole()
      return this.#checked(way, address, port, answer.priority, answer.isNominated, now)
    }
    const message = readStun(packet)
    if (message?.type === messageType.bindingIndication && this.isKnown(address, port)) {
      // Older agents keep a pair open with these (RFC 8445 section 11).
      const isInUse = this.#selected?.port === port && this.#selected.address === address
      return this.isLite && isInUse ? this.#heard(now) : undefined
    }
    if (!message || !checks || !this.#response(message, way, address, port, now)) {
      this.checksRefused++
      this.#events.drop('bad STUN')
    }
  }

  /** Called a few times a second. `packetAt`: when sound or pictures came last; -1: never. */
  sweep(now: number, packetAt = -1): void {
    const { checks } = this.#settings
    if (checks) this.#checks(now)
    // A lite agent does not ask; whoever sends is there.
    else if (packetAt > this.#heardAt && this.#selected) this.#heard(packetAt)
    // While it begins anew, too: consent to the old pair is not for ever (RFC 7675 section 5.1).
    if (this.state === 'connected' && now - this.#heardAt > consentLostMs)
      return this.#become('disconnected')
    if (this.state !== 'new' && this.state !== 'checking') return
    if (now - this.#startedAt > patience) this.#become('failed')
  }

  #take(settings: IceSettings, now: number, isRestart = true): void {
    const { checks } = settings
    if (!checks) return
    if (isRestart) this.#isControlling = checks.isControlling
    for (const candidate of checks.candidates) {
      this.#pairs.told('direct', candidate)
      if (this.#relay === (candidate.address.includes(':') ? 'IPv6' : 'IPv4'))
        this.#pairs.told('relay', candidate)
    }
    if (checks.candidates.length > 0) this.#checks(now)
  }

  /** A good check of theirs came from there. */
  #checked(
    way: IceWay,
    address: string,
    port: number,
    priority: number,
    isNamed: boolean,
    now: number,
  ): void {
    const pair =
      this.#pairs.find(way, address, port) ?? this.#pairs.add(way, address, port, priority, 'prflx')
    if (!pair) return
    pair.isProven = true
    if (this.state === 'new') this.#become('checking')
    if (this.isLite) {
      // Whoever makes no checks knows of the other side by theirs alone; else only an answer is consent (RFC 7675 section 5.1).
      if (pair === this.#selected) this.#heard(now)
      pair.state = 'good'
      if (isNamed) this.#select(pair, now)
      return
    }
    if (isNamed && !this.#isControlling) {
      pair.isNamed = true
      if (pair.state === 'good') this.#select(pair, now)
    }
    if (pair.state === 'good' || pair.transaction || this.#triggered.includes(pair)) return
    pair.tries = 0
    this.#triggered.push(pair)
    this.#checks(now)
  }

  /** An answer to a check of ours. False: it is none, or not authentic. */
  #response(
    message: StunMessage,
    way: IceWay,
    address: string,
    port: number,
    now: number,
  ): boolean {
    const { checks } = this.#settings
    const { type, transaction } = message
    const pair = this.#pairs.list.find((one) => one.transaction?.equals(transaction))
    if (!pair) return this.#pairs.hasSettled(transaction)
    if (!checks) return false
    if (type === messageType.bindingError) {
      const isConflict = errorCodeOf(message) === 487
      // Errors are signed where they can be: who does not know our password cannot, but speaks from where we asked.
      if (pair.address !== address || pair.port !== port) return false
      if (isConflict && !isAuthentic(message, checks.remotePassword)) return false
      this.#pairs.settle(pair)
      if (isConflict) {
        // The other part than in that check: several may be answered so (section 7.2.5.1).
        this.#isControlling = !pair.asControlling
        this.#triggered.push(pair)
      } else if (pair !== this.#selected) pair.state = 'failed'
      return true
    }
    if (type !== messageType.bindingSuccess || !isAuthentic(message, checks.remotePassword))
      return false
    this.#pairs.settle(pair)
    // Section 7.2.5.2.1: an answer from elsewhere is none.
    if (pair.address !== address || pair.port !== port || pair.way !== way) {
      pair.state = 'failed'
      return true
    }
    pair.state = 'good'
    pair.isProven = true
    if (this.#goodAt < 0) this.#goodAt = now
    if (pair === this.#selected) this.#heard(now)
    if (this.#isControlling ? pair.nominates : pair.isNamed) this.#select(pair, now)
    else if (this.#isControlling && !this.isReady) this.#nominate(now)
    return true
  }

  #checks(now: number): void {
    if (this.state === 'failed') return
    for (const pair of this.#triggered.splice(0)) this.#check(pair, now)
    let begun = 0
    for (const pair of this.#pairs.list) {
      if (pair.transaction) this.#again(pair, now)
      else if (pair.state === 'waiting' && !this.isReady && begun++ < perSweep)
        this.#check(pair, now)
    }
    const { state } = this
    const isUp = state === 'connected' || state === 'disconnected'
    if (this.#selected && isUp && this.isReady) {
      if (
        !this.#selected.transaction &&
        now - this.#askedAt > consentMs * (0.8 + Math.random() / 2)
      )
        this.#check(this.#selected, now)
    } else if (this.#isControlling) this.#nominate(now)
  }

  #again(pair: IcePairState, now: number): void {
    const isReliable = pair.way === 'tcp'
    if (now - pair.sentAt < (isReliable ? reliableMs : firstRetry * 2 ** (pair.tries - 1))) return
    if (!isReliable && pair.tries < mostTries) return this.#check(pair, now)
    this.#pairs.settle(pair)
    if (pair !== this.#selected) pair.state = 'failed'
  }

  #check(pair: IcePairState, now: number): void {
    const { checks, ufrag, remoteUfrag = '' } = this.#settings
    if (!checks) return
    if (!pair.isProven && !this.#unproven.takes(now)) return this.#events.drop('ICE checks')
    if (!pair.transaction) {
      pair.transaction = transactionOf(randomBytes(12))
      pair.tries = 0
    }
    pair.asControlling = this.#isControlling
    if (pair.state !== 'good') pair.state = 'tried'
    pair.sentAt = now
    pair.tries++
    if (pair === this.#selected) this.#askedAt = now
    if (this.state === 'new') this.#become('checking')
    const packet = iceCheck({
      ufrag,
      remoteUfrag,
      password: checks.remotePassword,
      transaction: pair.transaction,
      way: pair.way,
      isControlling: this.#isControlling,
      tieBreaker: this.#tieBreaker,
      nominates: pair.nominates,
    })
    this.checksSent++
    this.#events.send(packet, pair.port, pair.address, pair.way)
  }

  /** The best pair that works is settled on once nothing better is to be expected (section 8.1.1). */
  #nominate(now: number): void {
    const { best } = this.#pairs
    if (!best || best.nominates) return
    if (this.#pairs.isBetterOpen(best) && now - this.#goodAt < nominationMs) return
    best.nominates = true
    this.#check(best, now)
  }

  #select(pair: IcePairState, now: number): void {
    this.#heard(now)
    const isSame = this.#selected === pair && pair.isNominated
    for (const other of this.#pairs.list) other.isNominated = other === pair
    this.#selected = pair
    this.isRestarting = false
    this.#hasEnded = false
    this.#askedAt = now
    if (!isSame) this.#events.selected(pair.address, pair.port, pair.way)
    if (this.state !== 'connected') this.#become('connected')
    else if (!isSame) this.#events.state('connected')
  }

  #heard(now: number): void {
    this.#heardAt = now
    if (this.state === 'disconnected') this.#become('connected')
  }

  #switchRole(): void {
    this.#isControlling = !this.#isControlling
  }

  #become(state: IceState): void {
    if (this.state === state) return
    this.state = state
    this.#events.state(state)
  }
}
