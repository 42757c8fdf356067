/** Many short calls from SIPp through the server to SIPp: all succeed, and nothing of them stays. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { skipWithout } from '../support/programs.ts'
import { copyOfConf, folderForTest, Server } from '../support/server.ts'
import { bridgedCalls } from '../support/sipp.ts'

const calls = 400
const rate = 100

test(`${calls} bridged calls at ${rate} a second all succeed and leave nothing behind`, {
  skip: skipWithout('sipp'),
}, async (t) => {
  using folder = folderForTest()
  const conf = copyOfConf(join(folder.path, 'conf'))
  // 600 pairs of ports: a round needs 800, so calls that kept theirs would be felt in the first.
  const rtpPorts = 1200
  await using server = await Server.start({ conf, rtpPorts, events: '' })
  const idleFiles = server.openFiles
  const memory: number[] = []
  // The rate is that of a server in service: a fresh one is still being compiled, and takes several times as long a call.
  const { caller: first } = await bridgedCalls(server, { calls: 150, rate: 25, talk: 500 })
  assert.equal(first.successful, 150)
  for (let round = 1; round <= 2; round++) {
    const { caller, callee } = await bridgedCalls(server, { calls, rate, talk: 500 })
    const retransmissions = caller.retransmissions + callee.retransmissions
    t.diagnostic(
      `round ${round}: set up in ${caller.setup} ms, ${retransmissions} retransmissions, ${server.residentMemory} KiB`,
    )
    assert.equal(caller.successful, calls)
    assert.equal(callee.successful, calls)
    assert.ok(retransmissions < calls / 20, `${retransmissions} retransmissions`)
    memory.push(server.residentMemory)
    // Sockets for sound stay bound for the next call, at most those of the whole range.
    assert.ok(server.openFiles < idleFiles + rtpPorts, `${server.openFiles} open files`)
  }
  // Transactions stay for 32 s (RFC 3261 timers H, J) and garbage for a while: only much more than that is a fault.
  // tools/bench/sipp-calls.ts looks closer.
  const [before = 0, after = 0] = memory
  assert.ok(after - before < calls * 200, `memory went from ${before} to ${after} KiB`)
  assert.match(await server.api('status'), /^0 session\(s\) - peak/m)
  assert.doesNotMatch(server.log, /\[(ERR|CRIT)\]/)
})
