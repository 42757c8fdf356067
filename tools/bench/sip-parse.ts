/** How many microseconds one SIP message costs: parsing, matching, answering, writing. `npx tsx tools/bench/sip-parse.ts` */
import { a1Hash, authorizationFor, verifyDigest } from '../../src/sip/digest.ts'
import { responseTo, type SipRequest } from '../../src/sip/message.ts'
import { parseMessage } from '../../src/sip/parser.ts'

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
