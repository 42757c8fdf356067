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
  const conf = copyOfConf(join(folder.path, 'conf'), {
    'autoload_configs/switch.conf.xml': (text) =>
      text.replace(
        'name="sessions-per-second" value="100"',
        'name="sessions-per-second" value="1000"',
      ),
  })
  // 400 pairs of ports: one round needs 800, so a leak is felt in the first, and the second could not begin.
  // Little room for garbage, so that what grows is what is kept.
  await using server = await Server.start({
    conf,
    rtpPorts: 800,
    events: '',
    nodeOptions: '--max-old-space-size=64',
  })
  const memory: number[] = []
  const files: number[] = []
  for (let i = 0; i < 2; i++) {
    const { caller, callee } = await bridgedCalls(server, { calls, rate, talk: 500 })
    t.diagnostic(
      `round ${i + 1}: set up in ${caller.setup} ms, ${caller.retransmissions}+${callee.retransmissions} retransmissions, ${server.residentMemory} KiB`,
    )
    assert.equal(caller.successful, calls)
    assert.equal(callee.successful, calls)
    assert.ok(caller.retransmissions + callee.retransmissions < calls / 20)
    memory.push(server.residentMemory)
    files.push(server.openFiles)
  }
  const [first = 0, second = 0] = memory
  assert.ok(second - first < 40 * 1024, `memory went from ${first} to ${second} KiB`)
  const [filesFirst = 0, filesSecond = 0] = files
  assert.ok(filesSecond <= filesFirst + 20, `open files went from ${filesFirst} to ${filesSecond}`)
  assert.match(await server.api('status'), /^0 session\(s\) - peak/m)
  assert.doesNotMatch(server.log, /\[(ERR|CRIT)\]/)
})
