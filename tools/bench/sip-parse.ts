/**
 * How many microseconds one SIP message costs: parsing and writing alone, then whole registrations and calls through two agents on
 * loopback UDP (the figure is of both sides together, sockets included). `npx tsx tools/bench/sip-parse.ts`
 */
import { SipAgent } from '../../src/sip/agent.ts'
import { a1Hash, authorizationFor, verifyDigest } from '../../src/sip/digest.ts'
import { challengeText } from '../../src/sip/digest-header.ts'
import { NonceStore } from '../../src/sip/digest-nonces.ts'
import type { Flow } from '../../src/sip/flow.ts'
import { OutgoingInvite } from '../../src/sip/invite-client.ts'
import { IncomingInvite } from '../../src/sip/invite-server.ts'
import type { SipRequest } from '../../src/sip/message.ts'
import { parseMessage } from '../../src/sip/parser.ts'
import { createRequest } from '../../src/sip/request.ts'
import { responseTo } from '../../src/sip/response.ts'

const sdp =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\n'
const invite = Buffer.from(
  `INVITE sip:bench@127.0.0.1:15060 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:15071;branch=z9hG4bK-1234-1-0\r\nMax-Forwards: 70\r\nFrom: <sip:bencher@127.0.0.1>;tag=1234a1\r\nTo: <sip:bench@127.0.0.1:15060>\r\nCall-ID: 1-1234@127.0.0.1\r\nCSeq: 1 INVITE\r\nContact: <sip:bencher@127.0.0.1:15071>\r\nContent-Type: application/sdp\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`,
)
const authorization =
  'Digest username="20000",realm="127.0.0.1",cnonce="6b8b4567",nc=00000001,qop=auth,uri="sip:127.0.0.1:15060",nonce="8c3f4a1e-1111-2222-3333-444455556666",response="00000000000000000000000000000000",algorithm=MD5'
const register = Buffer.from(
  `REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:15071;branch=z9hG4bK-1234-1-3\r\nMax-Forwards: 70\r\nFrom: <sip:20000@127.0.0.1>;tag=1\r\nTo: <sip:20000@127.0.0.1>\r\nCall-ID: 1-1234@127.0.0.1\r\nCSeq: 2 REGISTER\r\nContact: <sip:20000@127.0.0.1:15071>\r\nExpires: 3600\r\nAuthorization: ${authorization}\r\nContent-Length: 0\r\n\r\n`,
)

function measure(name: string, rounds: number, what: () => unknown): void {
  for (let round = 0; round < rounds / 4; round++) what()
  const start = process.cpuUsage()
  for (let round = 0; round < rounds; round++) what()
  const used = process.cpuUsage(start)
  console.log(`${name}: ${((used.user + used.system) / rounds).toFixed(2)} µs`)
}

const parsed = parseMessage(register) as SipRequest
const secret = { a1Hash: a1Hash('20000', '127.0.0.1', 'benchpw9') }
const rounds = 40_000
measure('parse and check INVITE with SDP', rounds, () => parseMessage(invite))
measure('parse and check REGISTER with credentials', rounds, () => parseMessage(register))
measure('make and write a 200', rounds, () => {
  const response = responseTo(parsed, 200, undefined, 'abcdef')
  response.add('Contact', '<sip:20000@127.0.0.1:15071>;expires=3600').add('User-Agent', 'Strowger')
  return response.toBuffer()
})
measure('read and verify credentials', rounds, () => {
  const found = authorizationFor(parsed.lines('Authorization'), '127.0.0.1')
  return found !== undefined && verifyDigest(found, 'REGISTER', secret)
})

const timers = { t1: 500, t2: 4000, t4: 100, t1x64: 1000 }
const listen = [{ protocol: 'udp', address: '127.0.0.1', port: 0 }] as const
const server = new SipAgent({ listen, timers })
const client = new SipAgent({ listen, timers })
await server.start()
await client.start()
const port = server.listeners[0]?.port ?? 0
const uri = `sip:127.0.0.1:${port}`
const contact = ['Contact', `<sip:a@127.0.0.1:${client.listeners[0]?.port}>`] as const
const theirs = ['Contact', `<sip:b@127.0.0.1:${port}>`] as const

/** In-memory: requests come in, answers go nowhere. */
class Nowhere implements Flow {
  readonly protocol = 'udp'
  readonly isReliable = false
  readonly remoteAddress = '127.0.0.1'
  readonly remotePort = 15071
  readonly localAddress = '127.0.0.1'
  readonly localPort = 5060
  readonly isOpen = true
  readonly viaHost = '127.0.0.1:5060'
  send(): void {}
}

const nonces = new NonceStore({ clock: server.clock, ttlSeconds: 60 })
server.onRequest((transaction) => {
  const { request } = transaction
  if (request.method === 'REGISTER') {
    const found = authorizationFor(request.lines('Authorization'), '127.0.0.1')
    if (found === undefined) {
      const challenge = { realm: '127.0.0.1', nonce: nonces.issue(), qop: 'auth' }
      return transaction.respond(401, {
        headers: [['WWW-Authenticate', challengeText(challenge)]],
      })
    }
    verifyDigest(found, 'REGISTER', secret)
    nonces.check(found.nonce, found.nc)
    return transaction.respond(200, {
      headers: [['Contact', `${request.get('Contact')};expires=3600`]],
    })
  }
  const incoming = new IncomingInvite(server, transaction, {})
  incoming.progress(180, { headers: [theirs] })
  incoming.accept({ headers: [theirs, ['Content-Type', 'application/sdp']], body: sdp })
  const { dialog } = incoming
  if (dialog !== undefined)
    dialog.owner = {
      dialogRequest: (inside) => {
        inside.respond(200)
        dialog.terminate()
      },
    }
  return true
})

const flow = new Nowhere()
const challenged = register.toString().replace(/Authorization: .*\r\n/, '')
let serial = 0
measure('a digest registration at the server, without sockets', 10_000, () => {
  serial++
  for (const text of [challenged, register.toString()]) {
    const fresh = text
      .replace('1234-1-3', `${serial}-${text.length}`)
      .replace('1-1234@', `${serial}@`)
    server.transport.deliver(Buffer.from(fresh), flow, false)
  }
})

function call(): Promise<void> {
  return new Promise((resolve) => {
    const request = createRequest('INVITE', {
      uri,
      from: '<sip:a@127.0.0.1>',
      to: `<${uri}>`,
      headers: [contact, ['Content-Type', 'application/sdp']],
      body: sdp,
    })
    new OutgoingInvite(client, request, {
      answered: (_, dialog) => {
        queueMicrotask(() =>
          dialog.send(dialog.createRequest('BYE'), {
            final: () => {
              dialog.terminate()
              resolve()
            },
          }),
        )
      },
      refused: () => resolve(),
    })
  })
}

async function calls(count: number): Promise<void> {
  for (let done = 0; done < count; done += 20) await Promise.all(Array.from({ length: 20 }, call))
}
await calls(2000)
const start = process.cpuUsage()
await calls(6000)
const used = process.cpuUsage(start)
console.log(
  `a call of 6 messages, both sides, sockets included: ${((used.user + used.system) / 6000).toFixed(0)} µs`,
)
console.log(
  'retransmissions',
  client.counters().retransmissions + server.counters().retransmissions,
)
await client.stop()
await server.stop()
