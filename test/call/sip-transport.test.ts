/** The SIP agent over real UDP and TCP sockets: calls, races, floods, limits. */
import assert from 'node:assert/strict'
import { createSocket, type Socket as UdpPeerSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { SwitchError } from '../../src/base/errors.ts'
import { type AgentOptions, SipAgent } from '../../src/sip/agent.ts'
import type { Dialog } from '../../src/sip/dialog.ts'
import { DigestClient, verifyDigest } from '../../src/sip/digest.ts'
import { challengeText, parseAuthorization } from '../../src/sip/digest-header.ts'
import { OutgoingInvite } from '../../src/sip/invite-client.ts'
import { IncomingInvite } from '../../src/sip/invite-server.ts'
import type { SipRequest, SipResponse } from '../../src/sip/message.ts'
import { createRequest } from '../../src/sip/request.ts'
import type { ServerTransaction } from '../../src/sip/transaction-server.ts'
import { LeapClock } from '../support/clock.ts'
import { patienceMs } from '../support/until.ts'

const here = '127.0.0.1'

/** RFC 3261's times: whoever has to hear from the other side in time does so however busy the machine is. */
const patient = { t1: 500, t2: 4000, t4: 5000, t1x64: 32_000 }

const clockOf = new WeakMap<SipAgent, LeapClock>()

async function startAgent(options: Partial<AgentOptions> = {}): Promise<SipAgent> {
  const clock = new LeapClock()
  const agent = new SipAgent({
    clock,
    listen: [
      { protocol: 'udp', address: here, port: 0 },
      { protocol: 'tcp', address: here, port: 0 },
    ],
    timers: patient,
    ...options,
  })
  clockOf.set(agent, clock)
  await agent.start()
  return agent
}

/** Puts an agent's clock forward. */
function leap(agent: SipAgent, ms: number): void {
  clockOf.get(agent)?.leap(ms)
}

function portOf(agent: SipAgent, protocol = 'udp'): number {
  return agent.listeners.find((one) => one.protocol === protocol)?.port ?? 0
}

/** Waits for something that events will bring about. */
async function until(what: () => boolean): Promise<void> {
  const end = performance.now() + patienceMs
  while (!what()) {
    if (performance.now() > end) throw new Error(`not within ${patienceMs} ms: ${what}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function inviteTo(agent: SipAgent, to: SipAgent, protocol = 'udp', body = 'v=0\r\n'): SipRequest {
  return createRequest('INVITE', {
    uri: `sip:callee@${here}:${portOf(to, protocol)};transport=${protocol}`,
    from: `<sip:caller@${here}>`,
    to: `<sip:callee@${here}>`,
    headers: [
      ['Contact', `<sip:caller@${here}:${portOf(agent, protocol)};transport=${protocol}>`],
      ['Content-Type', 'application/sdp'],
    ],
    body,
  })
}

const contactOf = (agent: SipAgent, protocol = 'udp') =>
  ['Contact', `<sip:callee@${here}:${portOf(agent, protocol)};transport=${protocol}>`] as const

/** An outcome as a promise. */
function outcomeOf(
  agent: SipAgent,
  request: SipRequest,
  options: ConstructorParameters<typeof OutgoingInvite>[3] = {},
) {
  const progress: number[] = []
  let settle: (value: { response: SipResponse; dialog: Dialog | undefined }) => void
  const done = new Promise<{ response: SipResponse; dialog: Dialog | undefined }>((resolve) => {
    settle = resolve
  })
  const call = new OutgoingInvite(
    agent,
    request,
    {
      progress: (response) => void progress.push(response.status),
      answered: (response, dialog) => settle({ response, dialog }),
      refused: (response) => settle({ response, dialog: undefined }),
    },
    options,
  )
  return { call, done, progress }
}

/** Nothing is left once all that is kept for the sake of repetitions has had its time. */
async function drained(agent: SipAgent): Promise<void> {
  await until(() => {
    leap(agent, 1000)
    return agent.counters().transactions === 0
  })
  assert.equal(agent.counters().dialogs, 0)
  assert.equal(agent.transactions.invitePending, 0)
}

for (const protocol of ['udp', 'tcp'])
  test(`a call over ${protocol} is set up, changed and ended, and leaves nothing behind`, async () => {
    await using caller = await startAgent()
    await using callee = await startAgent()
    const seen: string[] = []
    callee.onRequest((transaction) => {
      assert.equal(transaction.request.method, 'INVITE')
      const incoming = new IncomingInvite(callee, transaction, {
        acknowledged: () => seen.push('ACK'),
      })
      incoming.progress(180, { headers: [contactOf(callee, protocol)] })
      incoming.accept({ headers: [contactOf(callee, protocol)], body: 'answer' })
      const { dialog } = incoming
      assert.ok(dialog)
      dialog.owner = {
        dialogRequest: (inside) => {
          seen.push(inside.request.method)
          if (inside.request.method === 'INVITE')
            new IncomingInvite(
              callee,
              inside,
              { acknowledged: () => seen.push('re-ACK') },
              dialog,
            ).accept({ headers: [contactOf(callee, protocol)] })
          else {
            inside.respond(200)
            dialog.terminate()
          }
        },
      }
      return true
    })
    const { done, progress } = outcomeOf(caller, inviteTo(caller, callee, protocol))
    const { response, dialog } = await done
    assert.equal(response.status, 200)
    assert.equal(response.body, 'answer')
    assert.deepEqual(progress, [180])
    assert.ok(dialog)
    const again = dialog.createRequest('INVITE', [['Contact', `<sip:x@${here}>`]])
    const change = outcomeOf(caller, again, { dialog })
    assert.equal((await change.done).response.status, 200)
    const bye = await new Promise<SipResponse>((resolve) =>
      dialog.send(dialog.createRequest('BYE'), { final: resolve }),
    )
    assert.equal(bye.status, 200)
    dialog.terminate()
    await until(() => seen.length === 4)
    assert.deepEqual(seen, ['ACK', 'INVITE', 're-ACK', 'BYE'])
    await drained(caller)
    await drained(callee)
    if (protocol === 'tcp') assert.equal(caller.counters().connections, 1)
  })

test('a CANCEL ends a ringing call with 487', async () => {
  await using caller = await startAgent()
  await using callee = await startAgent()
  let cancelled = ''
  callee.onRequest((transaction) => {
    new IncomingInvite(callee, transaction, {
      cancelled: (cancel) => {
        cancelled = cancel.get('Reason') ?? ''
      },
    }).progress(180, { headers: [contactOf(callee)] })
    return true
  })
  const { call, done } = outcomeOf(caller, inviteTo(caller, callee))
  call.cancel([['Reason', 'SIP;cause=200']])
  const { response } = await done
  assert.equal(response.status, 487)
  assert.equal(response.local, undefined)
  assert.equal(cancelled, 'SIP;cause=200')
  await drained(caller)
  await drained(callee)
})

test('an answer that crosses the CANCEL is acknowledged and hung up', async () => {
  await using caller = await startAgent()
  await using callee = await startAgent()
  const seen: string[] = []
  callee.onRequest((transaction) => {
    const incoming = new IncomingInvite(callee, transaction, {
      acknowledged: () => seen.push('ACK'),
    })
    incoming.progress(180, { headers: [contactOf(callee)] })
    incoming.accept({ headers: [contactOf(callee)] })
    const { dialog } = incoming
    assert.ok(dialog)
    dialog.owner = {
      dialogRequest: (inside) => {
        seen.push(inside.request.method)
        inside.respond(200)
        dialog.terminate()
      },
    }
    return true
  })
  const { call, done } = outcomeOf(caller, inviteTo(caller, callee))
  call.cancel()
  const { response } = await done
  assert.equal(response.status, 487)
  await until(() => seen.length === 2)
  assert.deepEqual(seen, ['ACK', 'BYE'])
  await drained(caller)
  await drained(callee)
})

test('a challenge is answered with the next sequence number; a wrong password is told', async () => {
  await using caller = await startAgent()
  await using callee = await startAgent()
  const sequences: number[] = []
  callee.onRequest((transaction) => {
    const { request } = transaction
    sequences.push(request.cseq.number)
    const value = request.get('Proxy-Authorization')
    const found = value === undefined ? undefined : parseAuthorization(value)
    if (found === undefined || !verifyDigest(found, 'INVITE', { password: 'right' })) {
      const challenge = challengeText({ realm: 'r', nonce: 'n', qop: 'auth' })
      transaction.respond(407, { headers: [['Proxy-Authenticate', challenge]] })
    } else transaction.respond(486)
    return true
  })
  const right = new DigestClient({ username: 'u', secret: { password: 'right' } })
  const good = outcomeOf(caller, inviteTo(caller, callee), { digest: right })
  assert.equal((await good.done).response.status, 486)
  assert.deepEqual(sequences, [1, 2])
  const wrong = new DigestClient({ username: 'u', secret: { password: 'wrong' } })
  const bad = outcomeOf(caller, inviteTo(caller, callee), { digest: wrong })
  assert.equal((await bad.done).response.status, 407)
  await drained(caller)
  await drained(callee)
})

test('both sides changing the call at once get 491', async () => {
  await using caller = await startAgent()
  await using callee = await startAgent()
  let theirs: Dialog | undefined
  callee.onRequest((transaction) => {
    const incoming = new IncomingInvite(callee, transaction, {})
    incoming.accept({ headers: [contactOf(callee)] })
    theirs = incoming.dialog
    return true
  })
  const { dialog: ours } = await outcomeOf(caller, inviteTo(caller, callee)).done
  assert.ok(ours && theirs)
  const headers = [['Contact', `<sip:x@${here}>`]] as const
  const a = outcomeOf(caller, ours.createRequest('INVITE', headers), { dialog: ours })
  const b = outcomeOf(callee, theirs.createRequest('INVITE', headers), { dialog: theirs })
  assert.equal((await a.done).response.status, 491)
  assert.equal((await b.done).response.status, 491)
  ours.terminate()
  theirs.terminate()
  await drained(caller)
  await drained(callee)
})

test('a 2xx is repeated until the ACK comes, and given up after 64·T1', async () => {
  await using callee = await startAgent()
  let isGivenUp = false
  callee.onRequest((transaction) => {
    const incoming = new IncomingInvite(callee, transaction, {
      unacknowledged: () => {
        isGivenUp = true
        incoming.dialog?.terminate()
      },
    })
    incoming.accept({ headers: [contactOf(callee)] })
    return true
  })
  const peer = await udpPeer()
  peer.send(rawRequest('INVITE', peer.port, ['Contact: <sip:x@127.0.0.1>']), portOf(callee))
  await until(() => peer.received.length > 0)
  await until(() => {
    leap(callee, 100)
    return isGivenUp
  })
  await until(() => peer.received.length > 5)
  assert.ok(peer.received.every((text) => text.startsWith('SIP/2.0 200')))
  await drained(callee)
  peer.close()
})

test('a reliable provisional response is repeated until its PRACK', async () => {
  await using caller = await startAgent()
  await using callee = await startAgent()
  const order: string[] = []
  callee.onRequest((transaction) => {
    const incoming = new IncomingInvite(callee, transaction, {
      prack: () => {
        order.push('PRACK')
        if (order.length === 2) incoming.accept({ headers: [contactOf(callee)] })
      },
    })
    incoming.progress(183, { headers: [contactOf(callee)], isReliable: true })
    incoming.progress(180, { headers: [contactOf(callee)], isReliable: true })
    return true
  })
  const { done, progress } = outcomeOf(caller, inviteTo(caller, callee))
  const { dialog } = await done
  assert.deepEqual(progress, [183, 180])
  assert.deepEqual(order, ['PRACK', 'PRACK'])
  dialog?.terminate()
})

test('what nobody takes is answered: 405 outside of dialogs, 481 inside', async () => {
  await using agent = await startAgent()
  const peer = await udpPeer()
  peer.send(rawRequest('OPTIONS', peer.port), portOf(agent))
  await until(() => peer.received.length === 1)
  peer.send(rawRequest('BYE', peer.port, [], ';tag=gone'), portOf(agent))
  await until(() => peer.received.length === 2)
  peer.send(rawRequest('CANCEL', peer.port), portOf(agent))
  await until(() => peer.received.length === 3)
  assert.deepEqual(
    peer.received.map((text) => text.slice(8, 11)),
    ['405', '481', '481'],
  )
  await drained(agent)
  peer.close()
})

test('a handler that throws is answered with 500', async () => {
  await using agent = await startAgent()
  agent.onRequest(() => {
    throw new Error('a bug')
  })
  const peer = await udpPeer()
  peer.send(rawRequest('OPTIONS', peer.port), portOf(agent))
  await until(() => peer.received.length === 1)
  assert.match(peer.received[0]!, /^SIP\/2\.0 500 /)
  peer.close()
})

test('a request that comes again gets the same answer, and one by another way 482', async () => {
  await using agent = await startAgent()
  let count = 0
  agent.onRequest((transaction) => {
    count++
    return transaction.respond(200)
  })
  const peer = await udpPeer()
  const text = rawRequest('OPTIONS', peer.port)
  peer.send(text, portOf(agent))
  await until(() => peer.received.length === 1)
  peer.send(text, portOf(agent))
  await until(() => peer.received.length === 2)
  assert.equal(peer.received[1], peer.received[0])
  peer.send(text.replace(/branch=/, 'branch=z9hG4bKother'), portOf(agent))
  await until(() => peer.received.length === 3)
  assert.match(peer.received[2]!, /^SIP\/2\.0 482 /)
  assert.equal(count, 1)
  peer.close()
})

test('the Via says where a request came from, and the answer goes there (RFC 3581)', async () => {
  await using agent = await startAgent()
  agent.onRequest((transaction) => transaction.respond(200))
  const peer = await udpPeer()
  peer.send(rawRequest('OPTIONS', 9, [], '', ';rport'), portOf(agent))
  await until(() => peer.received.length === 1)
  assert.match(
    peer.received[0]!,
    new RegExp(
      `^Via: SIP/2.0/UDP 127.0.0.1:9;branch=[^;]*;rport=${peer.port};received=127.0.0.1\r$`,
      'm',
    ),
  )
  peer.close()
})

test('a faulty request is answered 400 with the header at fault', async () => {
  await using agent = await startAgent()
  const peer = await udpPeer()
  peer.send(rawRequest('OPTIONS', peer.port, ['Expires: soon']), portOf(agent))
  await until(() => peer.received.length === 1)
  assert.match(peer.received[0]!, /^SIP\/2\.0 400 Bad Expires Header\r/)
  assert.equal(agent.counters().faulty, 1)
  assert.equal(agent.counters().transactions, 0)
  peer.close()
})

test('a refused call is told as 503 when nobody listens on TCP, and 408 when nobody answers UDP', async () => {
  await using agent = await startAgent()
  const silent = await udpPeer()
  const to = (uri: string) =>
    createRequest('OPTIONS', { uri, from: `<sip:a@${here}>`, to: `<${uri}>` })
  const ask = (uri: string) =>
    new Promise<SipResponse>((resolve) => agent.request(to(uri), { final: resolve }))
  const lost = await ask(`sip:${here}:1;transport=tcp`)
  assert.deepEqual([lost.status, lost.local], [503, 'transport'])
  let late: SipResponse | undefined
  void ask(`sip:${here}:${silent.port}`).then((response) => {
    late = response
  })
  await until(() => {
    leap(agent, 100)
    return late !== undefined
  })
  assert.deepEqual([late?.status, late?.local], [408, 'timeout'])
  await until(() => silent.received.length > 3)
  const nowhere = await ask('mailto:a@b')
  assert.deepEqual([nowhere.status, nowhere.local], [503, 'transport'])
  await drained(agent)
  silent.close()
})

test('a request beyond 1300 octets goes over TCP, and by UDP after all when TCP is refused', async () => {
  await using caller = await startAgent()
  await using callee = await startAgent({
    listen: [{ protocol: 'udp', address: here, port: 0 }],
  })
  callee.onRequest((transaction) => {
    assert.equal(transaction.flow?.protocol, 'udp')
    return transaction.respond(486)
  })
  const long = createRequest('INVITE', {
    uri: `sip:callee@${here}:${portOf(callee)}`,
    from: '<sip:a@b>',
    to: '<sip:c@d>',
    headers: [['Contact', '<sip:a@b>']],
    body: 'x'.repeat(2000),
  })
  const { response } = await outcomeOf(caller, long).done
  assert.equal(response.status, 486)
})

test('an address in use is told by name', async () => {
  await using first = await startAgent()
  for (const protocol of ['udp', 'tcp'] as const) {
    const port = portOf(first, protocol)
    const second = new SipAgent({ listen: [{ protocol, address: here, port }] })
    await assert.rejects(
      second.start(),
      (thrown) =>
        thrown instanceof SwitchError &&
        thrown.code === 'NET_ADDRESS_IN_USE' &&
        thrown.message.includes(`${here}:${port}`),
    )
  }
})

test('a TCP stream in pieces of one octet, and several messages in one piece', async () => {
  await using agent = await startAgent()
  agent.onRequest((transaction) => transaction.respond(200))
  const peer = await tcpPeer(portOf(agent, 'tcp'))
  const text = rawRequest('MESSAGE', 5060, ['Content-Type: text/plain'], '', '', 'hello')
  for (const octet of Buffer.from(text)) peer.socket.write(Buffer.from([octet]))
  await until(() => peer.answers() === 1)
  const other = rawRequest('MESSAGE', 5060, [], '', '', 'hello again')
  const third = rawRequest('OPTIONS', 5060)
  peer.socket.write(`${other}${third}\r\n\r\n`)
  await until(() => peer.answers() === 3 && peer.text().endsWith('\r\n\r\n\r\n'))
  assert.equal(agent.counters().keepAlives, 1)
  peer.socket.destroy()
  await until(() => agent.counters().connections === 0)
})

test('500 connections that send nothing are closed in time and the server still answers', async () => {
  await using agent = await startAgent({ streamLimits: { messageMs: 60_000, connections: 450 } })
  agent.onRequest((transaction) => transaction.respond(200))
  const sockets: Socket[] = []
  for (let count = 0; count < 500; count++) {
    const socket = connect(portOf(agent, 'tcp'), here)
    socket.on('error', () => {})
    sockets.push(socket)
  }
  await until(() => {
    const { connections, refusedConnections } = agent.counters()
    return connections === 450 && refusedConnections === 50
  })
  const peer = await udpPeer()
  peer.send(rawRequest('OPTIONS', peer.port), portOf(agent))
  await until(() => peer.received.length === 1)
  assert.equal(agent.counters().unfinishedConnections, 0)
  await until(() => {
    leap(agent, 5000)
    return agent.counters().connections === 0
  })
  assert.equal(agent.counters().unfinishedConnections, 450)
  for (const socket of sockets) socket.destroy()
  peer.close()
})

test('a header of 64 KiB over TCP closes the connection, and random octets do no harm', async () => {
  await using agent = await startAgent()
  agent.onRequest((transaction) => transaction.respond(200))
  const long = await tcpPeer(portOf(agent, 'tcp'))
  long.socket.write(`OPTIONS sip:a@b SIP/2.0\r\nX: ${'a'.repeat(70_000)}`)
  await once(long.socket, 'close')
  const random = await tcpPeer(portOf(agent, 'tcp'))
  const octets = Buffer.alloc(100_000)
  for (let at = 0; at < octets.length; at++) octets[at] = (at * 7919) % 251
  random.socket.write(octets)
  await once(random.socket, 'close')
  const udp = await udpPeer()
  for (let round = 0; round < 50; round++)
    udp.sendBuffer(octets.subarray(round * 300, round * 300 + 900), portOf(agent))
  udp.send(rawRequest('OPTIONS', udp.port), portOf(agent))
  await until(() => udp.received.length === 1)
  assert.ok(agent.counters().parseErrors > 0)
  udp.close()
})

test('a broken Content-Length over TCP is answered 400 and the connection closed', async () => {
  await using agent = await startAgent()
  const peer = await tcpPeer(portOf(agent, 'tcp'))
  peer.socket.write(rawRequest('OPTIONS', 5060).replace('Content-Length: 0', 'Content-Length: x'))
  await once(peer.socket, 'close')
  assert.match(peer.text(), /^SIP\/2\.0 400 Bad Content-Length Header\r/)
})

test('an idle connection is closed, one that pings is not', async () => {
  await using agent = await startAgent({ streamLimits: { messageMs: 60_000, idleMs: 120_000 } })
  agent.onRequest((transaction) => transaction.respond(200))
  const idle = await tcpPeer(portOf(agent, 'tcp'))
  const awake = await tcpPeer(portOf(agent, 'tcp'))
  for (const peer of [idle, awake]) peer.socket.write(rawRequest('OPTIONS', 5060))
  await until(() => idle.answers() === 1 && awake.answers() === 1)
  const closed = once(idle.socket, 'close')
  for (let ping = 1; ping <= 3; ping++) {
    leap(agent, 50_000)
    awake.socket.write('\r\n\r\n')
    await until(() => agent.counters().keepAlives === ping)
  }
  await closed
  assert.equal(awake.socket.destroyed, false)
  const closedToo = once(awake.socket, 'close')
  leap(agent, 150_000)
  await closedToo
})

test('a thousand calls leave no transaction and no dialog', async () => {
  await using caller = await startAgent()
  await using callee = await startAgent()
  callee.onRequest((transaction: ServerTransaction) => {
    const incoming = new IncomingInvite(callee, transaction, {})
    incoming.progress(180, { headers: [contactOf(callee)] })
    incoming.accept({ headers: [contactOf(callee)] })
    const { dialog } = incoming
    assert.ok(dialog)
    dialog.owner = {
      dialogRequest: (inside) => {
        inside.respond(200)
        dialog.terminate()
      },
    }
    return true
  })
  let ended = 0
  for (let round = 0; round < 20; round++)
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        const { dialog } = await outcomeOf(caller, inviteTo(caller, callee)).done
        assert.ok(dialog)
        await new Promise((resolve) => dialog.send(dialog.createRequest('BYE'), { final: resolve }))
        dialog.terminate()
        ended++
      }),
    )
  assert.equal(ended, 1000)
  await drained(caller)
  await drained(callee)
})

let serial = 0
function rawRequest(
  method: string,
  port: number,
  headers: readonly string[] = [],
  toParameters = '',
  viaParameters = '',
  body = '',
): string {
  serial++
  return [
    `${method} sip:x@127.0.0.1 SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bK${serial}${viaParameters}`,
    `From: <sip:peer@127.0.0.1>;tag=${serial}`,
    `To: <sip:x@127.0.0.1>${toParameters}`,
    `Call-ID: raw-${serial}`,
    `CSeq: 1 ${method}`,
    ...headers,
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}

async function udpPeer() {
  const socket: UdpPeerSocket = createSocket('udp4')
  const received: string[] = []
  socket.on('message', (data) => void received.push(data.toString()))
  socket.bind(0, here)
  await once(socket, 'listening')
  // A test that fails leaves it open: the file ends all the same.
  socket.unref()
  return {
    received,
    port: socket.address().port,
    send: (text: string, port: number) => socket.send(text, port, here),
    sendBuffer: (data: Buffer, port: number) => socket.send(data, port, here),
    close: () => void socket.close(),
  }
}

async function tcpPeer(port: number) {
  const socket = connect(port, here)
  let text = ''
  socket.on('data', (data) => {
    text += data.toString()
  })
  socket.on('error', () => {})
  await once(socket, 'connect')
  return { socket, text: () => text, answers: () => text.split('SIP/2.0 200').length - 1 }
}
