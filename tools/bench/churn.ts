/**
 * Calls come and go while others listen: so many play a file, and SIPp sets up and tears down a thousand bridged calls beside
 * them. Prints the longest gap that a listener heard, and ports, legs and memory after every round.
 * Run it built: `node .build/tools/bench/churn.js [--playing 50] [--calls 1000] [--rounds 3] [--rate 50]`.
 */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { copyOfConf, folderForTest, Server, withoutLamps } from '../../test/support/server.ts'
import { bridgedCalls } from '../../test/support/sipp.ts'
import { writeTone } from '../../test/support/wav.ts'
import { CallLoad } from './call-load.ts'

const words = process.argv.slice(2)
const option = (name: string, otherwise: number) => {
  const at = words.indexOf(`--${name}`)
  return at < 0 ? otherwise : Number(words[at + 1])
}
const playing = option('playing', 50)
const calls = option('calls', 1000)
const rounds = option('rounds', 3)
const rate = option('rate', 50)
const say = (text: string) => process.stdout.write(`${text}\n`)

using folder = folderForTest()
const wav = join(folder.path, 'bench.wav')
writeTone(wav, 440, 8000, 60)
const conf = copyOfConf(join(folder.path, 'conf'), {
  'sip_profiles/internal.xml': withoutLamps,
  'autoload_configs/switch.conf.xml': (text) =>
    text
      .replace('"sessions-per-second" value="1000"', '"sessions-per-second" value="10000"')
      .replace('"max-sessions" value="1000"', '"max-sessions" value="10000"')
      .replace('"loglevel" value="debug"', '"loglevel" value="warning"'),
  'dialplan/default.xml': (text) =>
    text.replace(
      '<context name="default">',
      (line) =>
        `${line}<extension name="listen"><condition field="destination_number" expression="^880$"><action application="answer"/><action application="endless_playback" data="${wav}"/></condition></extension>`,
    ),
})
await using server = await Server.start({ conf, rtpPorts: 4000, events: '' })
await using load = await CallLoad.start(server.ports.internal, false)
for (let i = 0; i < playing; i++) await load.call('880', 'PCMU', undefined)
load.run()
await pause(2000)
for (let round = 0; round <= rounds; round++) {
  load.reset()
  // The first round has the listeners alone: what the machine itself does to them.
  if (round === 0) await pause(10_000)
  else {
    const { caller } = await bridgedCalls(server, {
      calls,
      rate,
      talk: 500,
      others: playing,
    })
    say(`${caller.successful} of ${calls} calls, set up in ${caller.setup} ms`)
  }
  const { received, silent, longestGapMs } = load.figures()
  const media = (await server.api('counters media'))
    .split('\n')
    .filter((line) => /legs|portsInUse/.test(line))
    .map((line) => line.replace(/\s+/g, ' '))
    .join(', ')
  say(
    `${round}: ${received} packets, ${silent} silent, longest gap ${longestGapMs.toFixed(1)} ms, ${server.residentMemory} KiB, ${media}`,
  )
}
await load.end()
await server.isIdle()
await pause(2000)
say((await server.api('counters media')).trim())
say(`${server.residentMemory} KiB, ${server.openFiles} files`)
