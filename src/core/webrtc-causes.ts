/** Why a browser is not heard, or hears nothing: what ICE and DTLS say of it. Rules as in media-causes.ts. */
import type { IceDescription, IcePair, TcpDescription, TurnDescription } from '../media/engine.ts'
import type { LegFacts } from './media-facts.ts'

/** A connection that takes longer than this is stuck, ms. */
const stuckMs = 3000

function hasTime({ now, wire }: LegFacts): boolean {
  return wire !== undefined && now - wire.openedAt > stuckMs
}

/** Pairs of one kind, as a list of addresses. */
function listOf(ice: IceDescription): string {
  const addresses = ice.pairs.map((pair) => `${pair.remote} (${kindOf(pair)})`)
  return addresses.length === 0 ? 'none' : addresses.join(', ')
}

/** `prflx`, `prflx by TCP`. */
function kindOf({ type, transport }: IcePair): string {
  return transport === 'tcp' ? `${type} by TCP` : type
}

/** No way to the other side. */
export function noWay(facts: LegFacts): string | undefined {
  const { ice, tcp } = facts.wire?.webrtc ?? {}
  if (ice?.state === 'connected' && tcp?.isUsed && !ice.pairs.some((pair) => pair.isNominated))
    return 'ICE: the TCP connection in use has ended, and the other side has not connected again'
  if (!ice || ice.state === 'connected') return undefined
  if (ice.state === 'disconnected')
    return 'ICE: the pair in use has not been heard of for 30 seconds: the network of the other side is gone, or its page'
  if (ice.state !== 'failed' && !hasTime(facts)) return undefined
  const { ours } = facts
  const byTcp = tcp ? `, nor a connection to ${tcp.listening} by TCP` : ''
  const place = `${ours ? `${ours.address}:${ours.port}` : 'our candidate'}${byTcp}`
  if (ice.checksRefused > 0 && ice.checksRefused === ice.checksReceived)
    return `ICE: ${ice.checksRefused} checks came with a wrong user name or password: they are of an older offer, or of somebody else`
  if (ice.checksReceived > 0 && ice.mode === 'lite')
    return `ICE: checks come from ${listOf(ice)}, but the other side settles on none: our answers do not get back to it`
  if (ice.checksReceived > 0)
    return `ICE: checks come, but none of ours is answered: tried ${listOf(ice)}`
  if (ice.mode === 'full' && ice.checksSent > 0)
    return `ICE: ${ice.checksSent} checks to ${listOf(ice)} were not answered, and none came: a firewall lies between, or all its addresses are behind NAT`
  return `ICE: no check has come to ${place}: the other side cannot reach that address (ext-rtp-ip, firewall), or never got our candidates`
}

/** A way, but no keys. */
export function noKeys(facts: LegFacts): string | undefined {
  const { ice, dtls } = facts.wire?.webrtc ?? {}
  if (!dtls) return undefined
  if (dtls.state === 'failed') return `DTLS: ${dtls.failure}`
  if (dtls.state === 'closed') return 'DTLS: the other side has ended the connection'
  if (dtls.state === 'connected' || (ice && ice.state !== 'connected') || !hasTime(facts))
    return undefined
  if (dtls.state === 'waiting')
    return 'DTLS: the other side was to begin the handshake (we said a=setup:passive) and has not'
  return `DTLS: the handshake is under way for long: ${dtls.retransmissions} repetitions, so packets are lost on the way`
}

/** What is told of both, a line each. */
export function webRtcLines({ wire }: LegFacts): (readonly [string, string])[] {
  const { ice, turn, tcp, dtls } = wire?.webrtc ?? {}
  const lines: [string, string][] = []
  if (ice) {
    const used = ice.pairs.find(({ isNominated }) => isNominated)
    const pair = used ? `, ${used.local} with ${used.remote} (${kindOf(used)})` : ''
    const others = ice.pairs.filter((one) => one !== used)
    const checks = `checks: ${ice.checksReceived} came (${ice.checksRefused} refused), ${ice.checksSent} sent`
    lines.push(['ICE', `${ice.mode}, ${ice.state}${pair}; ${checks}`])
    if (others.length > 0)
      lines.push([
        'candidates',
        others
          .map((one) => {
            const by = turn && one.local === turn.relayed ? ' by the relay' : ''
            return `${one.remote} (${kindOf(one)}, ${one.state}${by})`
          })
          .join(', '),
      ])
  }
  if (turn) lines.push(['TURN', turnText(turn)])
  if (tcp) lines.push(['TCP', tcpText(tcp)])
  if (dtls) {
    const after = dtls.ms === null ? '' : ` after ${Math.round(dtls.ms)} ms`
    const what = dtls.suite ? `, ${dtls.cipher}, ${dtls.suite}` : ''
    lines.push(['DTLS', `${dtls.role}, ${dtls.state}${after}${what}`])
    lines.push(['fingerprint', `ours ${dtls.ours}; theirs ${dtls.theirs || 'not seen yet'}`])
    if (dtls.theirs !== '' && !dtls.announced.some((one) => isSame(one, dtls.theirs)))
      lines.push(['announced', dtls.announced.join(', ') || 'none'])
  }
  return lines
}

function turnText({ server, state, relayed, isUsed, failures }: TurnDescription): string {
  const use = isUsed ? ', in use' : ', not in use'
  const at = relayed === '' ? '' : `, we are ${relayed} there${use}`
  return [`${server}: ${state}${at}`, ...failures].join('; ')
}

function tcpText({ listening, connections, isUsed }: TcpDescription): string {
  const who = connections.length === 0 ? 'nobody has connected' : connections.join(', ')
  return `${listening}, ${isUsed ? 'in use' : 'not in use'}: ${who}`
}

function isSame(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase()
}
