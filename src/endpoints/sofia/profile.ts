/** A SIP profile: one listening agent with its own settings, registrar and gateways. */
import { systemClock } from '../../base/clock.ts'
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { IceServer } from '../../core/ice-servers.ts'
import { listenForIce } from '../../core/ice-tcp.ts'
import { stunAddress, writtenAddress } from '../../core/own-address.ts'
import type { Values } from '../../core/settings.ts'
import { readSettings } from '../../core/settings.ts'
import type { Switch } from '../../core/switch.ts'
import { readTurnServers } from '../../core/turn-relay.ts'
import { isTrue } from '../../core/variables.ts'
import type { IceTcpPort } from '../../media/engine.ts'
import { SipAgent } from '../../sip/agent.ts'
import { NonceStore } from '../../sip/digest-nonces.ts'
import { type Flow, hostText } from '../../sip/flow.ts'
import type { ListenAddress } from '../../sip/transport.ts'
import type { XmlNode } from '../../xml/node.ts'
import type { Gateway } from './gateway.ts'
import { presenceChanged } from './presence.ts'
import { Publications } from './publications.ts'
import { PhonePings } from './reachability.ts'
import { announceExpiry } from './register-report.ts'
import { Registrations } from './registrations.ts'
import { profileSettings } from './settings.ts'
import { Subscriptions } from './subscriptions.ts'
import { forgetWithFlow, webSocketListeners } from './websocket.ts'

const log = logger('sofia/profile')

/** The log level at which packets are shown (`sofia tracelevel`). */
export const tracing = { level: 0 }

/** A `<domain>` of a profile. */
export interface ProfileDomain {
  /** `all`: every domain of the directory. */
  readonly name: string
  /** Calls and registrations for that domain may use the profile's name. */
  readonly alias: boolean
  /** Gateways of its users belong to this profile. */
  readonly parse: boolean
}

export class Profile {
  readonly sw: Switch
  readonly name: string
  /** As loaded last: `rescan` takes a new one. */
  node: XmlNode
  values: Values
  readonly aliases: readonly string[]
  readonly domains: readonly ProfileDomain[]
  readonly agent: SipAgent
  readonly nonces: NonceStore
  readonly registrations: Registrations
  readonly gateways = new Map<string, Gateway>()
  readonly pings = new PhonePings(this)
  readonly subscriptions = new Subscriptions(this)
  /** What phones say of their users. */
  readonly publications = new Publications((address) => presenceChanged(this, address))
  readonly userAgent: string
  /** Where it listens, and what others are told (ext-sip-ip). */
  readonly sipIp: string
  externalSipIp: string
  readonly rtpIp: string
  externalRtpIp: string
  /** What relays sound for us, where ICE needs it. */
  turnServers: readonly IceServer[]
  /** Where legs with ICE may be reached by TCP. */
  iceTcp: IceTcpPort | undefined
  readonly startedAt = Date.now()
  callsIn = 0
  callsOut = 0
  failedCallsIn = 0
  failedCallsOut = 0
  /** Logs every packet (`sofia profile X siptrace on`). */
  #isTracing = false
  #counting: Disposable | undefined

  constructor(sw: Switch, node: XmlNode) {
    this.sw = sw
    this.node = node
    this.name = node.attributes.get('name') ?? ''
    this.values = readSettings(node, profileSettings)
    this.aliases = listed(node, 'aliases', 'alias').map(
      (alias) => alias.attributes.get('name') ?? '',
    )
    this.domains = listed(node, 'domains', 'domain').map((domain) => ({
      name: domain.attributes.get('name') ?? '',
      alias: isTrue(domain.attributes.get('alias')),
      parse: isTrue(domain.attributes.get('parse')),
    }))
    this.sipIp = this.values.text('sip-ip')
    this.externalSipIp = writtenAddress(this.values.text('ext-sip-ip')) || this.sipIp
    this.rtpIp = this.values.text('rtp-ip') || this.sipIp
    this.turnServers = readTurnServers(node, this.values)
    this.externalRtpIp = writtenAddress(this.values.text('ext-rtp-ip')) || this.rtpIp
    this.userAgent = this.values.text('user-agent-string') || `Strowger/${sw.options.version}`
    this.nonces = new NonceStore({
      clock: systemClock,
      ttlSeconds: this.values.number('nonce-ttl'),
    })
    const late = this.values.number('sip-expires-late-margin')
    this.registrations = new Registrations(sw, this.name, late)
    this.registrations.onEnd = (registration, why) => {
      if (why !== 'unregistered') announceExpiry(this, registration, why)
    }
    const port = Number(this.values.text('sip-port')) || 0
    const only = /transport=(udp|tcp)/i.exec(this.values.text('bind-params'))?.[1]?.toLowerCase()
    const protocols: ListenAddress['protocol'][] =
      only === 'udp' || only === 'tcp' ? [only] : ['udp', 'tcp']
    this.agent = new SipAgent({
      listen: [
        ...protocols.map((protocol): ListenAddress => ({ protocol, address: this.sipIp, port })),
        ...webSocketListeners(this),
      ],
      timers: {
        t1: this.values.number('timer-T1'),
        t2: this.values.number('timer-T2'),
        t4: this.values.number('timer-T4'),
        t1x64: this.values.number('timer-T1X64'),
      },
      forceRport: isTrue(this.values.maybe('NDLB-force-rport')),
      maxProceeding: this.values.number('max-proceeding'),
      maxRequestsPerSecond: this.values.number('max-recv-requests-per-second'),
    })
  }

  /** The port it really listens at. */
  get sipPort(): number {
    return this.agent.listeners[0]?.port ?? (Number(this.values.text('sip-port')) || 5060)
  }

  /** The port of a transport: that of the first where there is none of it. */
  portOf(protocol: string): number {
    const own = this.agent.listeners.find((listener) => listener.protocol === protocol)
    return own?.port ?? this.sipPort
  }

  /** Who we are to somebody who is reached by a transport; `user` may be empty. */
  urlFor(protocol: string, user = 'mod_sofia'): string {
    const port = this.portOf(protocol)
    return `sip:${user === '' ? '' : `${user}@`}${hostText(this.externalSipIp)}:${port}`
  }

  /** `sip:mod_sofia@192.0.2.1:5060`: who we are in Contact headers. */
  get url(): string {
    return `sip:mod_sofia@${this.hostPort}`
  }

  /** `192.0.2.1:5060`: the same without a name. */
  get hostPort(): string {
    return `${hostText(this.externalSipIp)}:${this.sipPort}`
  }

  /** Opens the listeners. Throws SwitchError NET_ADDRESS_IN_USE with what to do. */
  async start(): Promise<void> {
    await this.#askStun()
    await this.agent.start()
    this.iceTcp = await listenForIce(this.sw, this)
    this.agent.transport.onFlowClosed = (flow) => forgetWithFlow(this, flow)
    this.registrations.start()
    this.pings.start()
    if (this.values.boolean('sip-trace')) this.trace(true)
    this.#counting = this.sw.counters.add(`sofia/${this.name}`, () => this.#figures())
    log.notice(`profile ${this.name} at ${this.sipIp}:${this.sipPort}`)
    this.sw.events.announce(
      'CUSTOM',
      (event) => {
        event.add('module_name', 'mod_sofia')
        event.add('profile_name', this.name)
        event.add('profile_uri', this.url)
      },
      'sofia::profile_start',
    )
  }

  /** `ext-sip-ip` and `ext-rtp-ip` may name a STUN server that tells us the address. */
  async #askStun(): Promise<void> {
    const [sip, rtp] = await Promise.all(
      ['ext-sip-ip', 'ext-rtp-ip'].map((param) =>
        stunAddress(this.sw, { profile: this.name, param, text: this.values.text(param) }),
      ),
    )
    this.externalSipIp = sip ?? this.externalSipIp
    this.externalRtpIp = rtp ?? this.externalRtpIp
  }

  /** Packets, transactions, refusals: what `counters` prints. */
  #figures(): Record<string, number> {
    const figures: Record<string, number> = {
      registrations: this.registrations.count,
      subscriptions: this.subscriptions.count,
      publications: this.publications.count,
      callsIn: this.callsIn,
      callsOut: this.callsOut,
      failedCallsIn: this.failedCallsIn,
      failedCallsOut: this.failedCallsOut,
    }
    for (const [name, value] of Object.entries(this.agent.counters())) {
      if (typeof value === 'number') figures[name] = value
    }
    return figures
  }

  async stop(): Promise<void> {
    this.#counting?.[Symbol.dispose]()
    this.iceTcp?.close()
    this.pings.stop()
    await this.subscriptions.stop()
    this.publications.stop()
    this.registrations.stop()
    try {
      await this.agent.stop()
    } catch (thrown) {
      log.err(`profile ${this.name} did not stop cleanly: ${reasonOf(thrown)}`)
    }
  }

  /** Takes new settings; where it listens, its timers and its nonces stay as they are until a restart. */
  rescan(node: XmlNode): void {
    this.node = node
    this.values = readSettings(node, profileSettings)
    this.turnServers = readTurnServers(node, this.values)
  }

  get isTracing(): boolean {
    return this.#isTracing
  }

  /** Puts every packet into the log, or stops that. */
  trace(on: boolean): void {
    this.#isTracing = on
    this.agent.trace = on
      ? (direction, data, flow) => log.at(tracing.level, traceText(direction, data, flow))
      : undefined
  }

  /** Whether a name means this profile: its own, an alias, or a domain that is one. */
  answersTo(name: string): boolean {
    const wanted = name.toLowerCase()
    return (
      this.name.toLowerCase() === wanted ||
      this.aliases.some((alias) => alias.toLowerCase() === wanted)
    )
  }
}

function listed(node: XmlNode, list: string, item: string): XmlNode[] {
  return node.children
    .filter((child) => child.name === list)
    .flatMap((child) => child.children.filter((entry) => entry.name === item))
}

function traceText(direction: 'in' | 'out', data: Buffer, flow: Flow): string {
  const peer = `${flow.protocol}/${flow.remoteAddress}:${flow.remotePort}`
  const way = direction === 'in' ? 'recv' : 'send'
  return `${way} ${data.length} bytes ${direction === 'in' ? 'from' : 'to'} ${peer}:\n${data.toString('utf8')}`
}
