/** Two SIP agents joined by a wire of our own: no sockets, a clock that the test moves, messages that can be lost. */
import { SipAgent } from '../../src/sip/agent.ts'
import type { Flow, Protocol, Target } from '../../src/sip/flow.ts'
import { FakeClock } from './clock.ts'

/** What the other side of a flow receives; false loses it. */
export type Wire = (data: Buffer) => boolean

export class WireFlow implements Flow {
  readonly protocol: Protocol
  readonly isReliable: boolean
  readonly remoteAddress: string
  readonly remotePort = 5060
  readonly localAddress: string
  readonly localPort = 5060
  readonly viaHost: string
  isOpen = true
  /** Everything that was sent, first lines only. */
  readonly sent: string[] = []
  /** Decides what is lost. */
  passes: Wire = () => true
  #other: { agent: SipAgent; flow: WireFlow } | undefined
  readonly #queue: Buffer[] = []

  constructor(local: string, remote: string, protocol: Protocol) {
    this.localAddress = local
    this.remoteAddress = remote
    this.protocol = protocol
    this.isReliable = protocol !== 'udp'
    this.viaHost = `${local}:5060`
  }

  join(agent: SipAgent, flow: WireFlow): void {
    this.#other = { agent, flow }
  }

  send(data: Buffer): void {
    this.sent.push(data.toString().split('\r\n')[0] ?? '')
    if (this.passes(data)) this.#queue.push(data)
  }

  /** Delivers what waits; true when there was anything. */
  deliver(): boolean {
    const data = this.#queue.shift()
    if (data === undefined || this.#other === undefined) return false
    this.#other.agent.transport.deliver(data, this.#other.flow, this.isReliable)
    return true
  }
}

/** Two agents, A at 10.0.0.1 and B at 10.0.0.2. `target` is what A's requests are given. */
export function wiredAgents(protocol: Protocol = 'udp') {
  const clock = new FakeClock()
  const a = new SipAgent({ listen: [], clock })
  const b = new SipAgent({ listen: [], clock })
  const fromA = new WireFlow('10.0.0.1', '10.0.0.2', protocol)
  const fromB = new WireFlow('10.0.0.2', '10.0.0.1', protocol)
  fromA.join(b, fromB)
  fromB.join(a, fromA)
  const toB: Target = { protocol, address: '10.0.0.2', port: 5060, flow: fromA }
  const toA: Target = { protocol, address: '10.0.0.1', port: 5060, flow: fromB }
  /** Delivers all that is under way in both directions. */
  const settle = () => {
    while (fromA.deliver() || fromB.deliver());
  }
  /** Moves time in small steps, delivering in between. */
  const advance = (ms: number, step = 100) => {
    settle()
    for (let passed = 0; passed < ms; passed += step) {
      clock.advance(Math.min(step, ms - passed))
      settle()
    }
  }
  return { a, b, clock, fromA, fromB, toA, toB, settle, advance }
}
