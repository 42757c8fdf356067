/**
 * Measures whole calls: SIPp calls SIPp through the real server, with a password and our own conf, round after round. Prints
 * success, set-up time, the server's CPU a call and its memory, which must stop growing. Needs sipp (Debian: sip-tester).
 * Run it built: `node .build/tools/bench/sipp-calls.js [--calls 2000] [--rounds 3] [--rate 100] [--talk 500] [--debug]`. With
 * `--debug` the log gets all lines, as in conf/ as it is shipped; else warnings only.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { copyOfConf, folderForTest, Server, withoutLamps } from '../../test/support/server.ts'
import { bridgedCalls } from '../../test/support/sipp.ts'

const words = process.argv.slice(2)
const option = (name: string, otherwise: number) => {
  const at = words.indexOf(`--${name}`)
  return at < 0 ? otherwise : Number(words[at + 1])
}
const calls = option('calls', 2000)
const rounds = option('rounds', 3)
const rate = option('rate', 100)
const talk = option('talk', 500)
const logLevel = words.includes('--debug') ? 'debug' : 'warning'

/** CPU time of a process so far, all its threads, ms. Linux counts it in hundredths of a second. */
function cpuTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

const say = (text: string) => process.stdout.write(`${text}\n`)

using folder = folderForTest()
const conf = copyOfConf(join(folder.path, 'conf'), {
  'sip_profiles/internal.xml': withoutLamps,
  'autoload_configs/switch.conf.xml': (text) =>
    text
      .replace('"sessions-per-second" value="1000"', '"sessions-per-second" value="10000"')
      .replace('"max-sessions" value="1000"', '"max-sessions" value="10000"')
      .replace('"loglevel" value="debug"', `"loglevel" value="${logLevel}"`),
})
await using server = await Server.start({ conf, rtpPorts: 4000, events: '' })
const { pid } = server.program
say(
  `${rounds} rounds of ${calls} calls at ${rate} a second, each ${talk} ms; idle ${server.residentMemory} KiB`,
)
for (let round = 1; round <= rounds; round++) {
  const before = cpuTime(pid)
  const { caller, callee } = await bridgedCalls(server, { calls, rate, talk })
  const cpu = (cpuTime(pid) - before) / calls
  say(
    `${round}: ${caller.successful} of ${calls} succeeded, set up in ${caller.setup} ms, ` +
      `${caller.retransmissions + callee.retransmissions} retransmissions, ` +
      `${cpu.toFixed(2)} ms CPU a call, ${server.residentMemory} KiB, ${server.openFiles} files`,
  )
}
// Transactions stay for 32 s after their end (RFC 3261 timers H, J).
await pause(35_000)
say(`35 s later: ${server.residentMemory} KiB, ${server.openFiles} files`)
say(await server.api('status'))
say(await server.api('counters all'))
say(`SIGTERM: exit code ${await server.stop()}`)
