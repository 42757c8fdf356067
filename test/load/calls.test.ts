/** Many short calls from SIPp through the server to SIPp: all succeed, and nothing of them stays. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { Lateness } from '../support/lateness.ts'
import '../support/precedence.ts'
import { skipWithout } from '../support/programs.ts'
import { copyOfConf, folderForTest, Server, withoutLamps } from '../support/server.ts'
import { bridgedCalls } from '../support/sipp.ts'

const calls = 400
const rate = 100
/** ms that the set-up of a call takes at a quarter of that rate where the machine has others to serve; else it is a tenth. */
const slowSetup = 250

/** The stock way to a user does twenty things more for each call: what is loaded here is the server, not that dialplan. */
const plainBridge = `<extension name="load"><condition field="destination_number" expression="^load$">
  <action application="set" data="hangup_after_bridge=true"/>
  <action application="bridge" data="user/1001@\${domain_name}"/>
</condition></extension>`

test(`${calls} bridged calls at ${rate} a second all succeed and leave nothing behind`, {
  skip: skipWithout('sipp'),
}, async (t) => {
  using folder = folderForTest()
  const conf = copyOfConf(join(folder.path, 'conf'), {
    'sip_profiles/internal.xml': withoutLamps,
    'dialplan/default.xml': (text) => text.replace('<context name="default">', `$&${plainBridge}`),
  })
  // 600 pairs of ports: a round needs 800, so calls that kept theirs would be felt in the first.
  const rtpPorts = 1200
  await using server = await Server.start({ conf, rtpPorts, events: '' })
  const idleFiles = server.openFiles
  const memory: number[] = []
  // The rate is that of a server in service: a fresh one is still being compiled, and takes several times as long a call.
  const { caller: first } = await bridgedCalls(server, {
    calls: 150,
    rate: 25,
    talk: 500,
    service: 'load',
  })
  assert.equal(first.successful, 150)
  // Where others take the processors calls are slow already now, and so many of them would tell of the machine alone.
  const pace = first.setup !== undefined && first.setup < slowSetup ? rate : rate / 4
  t.diagnostic(`at first set up in ${first.setup} ms: ${pace} calls a second`)
  for (let round = 1; round <= 2; round++) {
    // This process has little to do itself, and goes before others.
    using machine = new Lateness()
    const { caller, callee } = await bridgedCalls(server, {
      calls,
      rate: pace,
      talk: 500,
      service: 'load',
    })
    const stood = Math.round(machine.most)
    const retransmissions = caller.retransmissions + callee.retransmissions
    t.diagnostic(
      `round ${round}: set up in ${caller.setup} ms, ${retransmissions} retransmissions, ${server.residentMemory} KiB`,
    )
    assert.equal(caller.successful, calls)
    assert.equal(callee.successful, calls)
    // Who stands still for half a second is asked again, whether server, SIPp or all of the machine did.
    assert.ok(
      retransmissions < calls / 20 || stood > 250,
      `${retransmissions} retransmissions; the machine stood still for ${stood} ms at most`,
    )
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
