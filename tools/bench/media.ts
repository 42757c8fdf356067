/**
 * `npm run bench`: what sound costs in the whole server: ms of CPU for every second of a call, all its threads, its own idle
 * cost subtracted; delay and loss as the phones see them. SIP and RTP come from this process, on 127.0.0.1 only.
 *
 *   npm run bench -- [rows…] [--calls N] [--seconds N] [--set name=value]
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { copyOfConf, folderForTest, Server } from '../../test/support/server.ts'
import { writeTone } from '../../test/support/wav.ts'
import { CallLoad } from './call-load.ts'

interface Row {
  readonly name: string
  readonly about: string
  /** What the number does. */
  readonly actions: string
  readonly from: string
  /** The codec of the callee; none where the number itself answers. */
  readonly to?: string
  readonly calls: number
  /** How many of the callers speak; all unless told. */
  readonly talkers?: number
}

const action = (name: string, data = '') => `<action application="${name}" data="${data}"/>`
const bridge = (codec: string) => action('bridge', `{absolute_codec_string=${codec}}user/1001`)
const answered = (name: string, data = '') => action('answer') + action(name, data)

const rows: readonly Row[] = [
  ...[50, 100, 200].map((calls) => ({
    name: `relay${calls}`,
    about: 'PCMU to PCMU',
    actions: bridge('PCMU'),
    from: 'PCMU',
    to: 'PCMU',
    calls,
  })),
  {
    name: 'pcma',
    about: 'PCMU to PCMA',
    actions: bridge('PCMA'),
    from: 'PCMU',
    to: 'PCMA',
    calls: 50,
  },
  {
    name: 'g722',
    about: 'PCMU to G722',
    actions: bridge('G722'),
    from: 'PCMU',
    to: 'G722',
    calls: 50,
  },
  {
    name: 'opus',
    about: 'Opus to PCMU',
    actions: bridge('PCMU'),
    from: 'opus',
    to: 'PCMU',
    calls: 50,
  },
  { name: 'echo', about: 'echo', actions: answered('echo'), from: 'PCMU', calls: 100 },
  {
    name: 'wav',
    about: 'playback of a WAV',
    actions: answered('endless_playback', '$${bench_wav}'),
    from: 'PCMU',
    calls: 100,
  },
  {
    name: 'tone',
    about: 'a tone',
    actions: answered('playback', 'tone_stream://%(1000,1000,425);loops=-1'),
    from: 'PCMU',
    calls: 100,
  },
  ...[50, 100, 200].map((calls) => ({
    name: `conference${calls}`,
    about: 'conference, all speak',
    actions: answered('conference', 'bench@default'),
    from: 'PCMU',
    calls,
  })),
  {
    name: 'listeners',
    about: 'conference, three speak',
    actions: answered('conference', 'bench@default'),
    from: 'PCMU',
    calls: 100,
    talkers: 3,
  },
]

const words = process.argv.slice(2)
const option = (name: string): string | undefined => {
  const at = words.indexOf(`--${name}`)
  return at < 0 ? undefined : words.splice(at, 2)[1]
}
const seconds = Number(option('seconds') ?? 10)
const onlyCalls = option('calls')
const [setName, setValue] = (option('set') ?? '').split('=')
const chosen = rows.filter(
  ({ name }) => words.length === 0 || words.some((word) => name.startsWith(word)),
)
const say = (text: string) => process.stdout.write(`${text}\n`)

/** CPU time of a process so far, all its threads, ms. Linux counts it in hundredths of a second. */
function cpuTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

const rounded = (value: number | undefined, digits = 2) => value?.toFixed(digits) ?? '–'

if (chosen.length === 0) {
  say(
    `no row begins with ${words.join(' or ')}; there are ${rows.map(({ name }) => name).join(' ')}`,
  )
  process.exit(2)
}
using folder = folderForTest()
const wav = join(folder.path, 'bench.wav')
writeTone(wav, 440, 8000, 60)
const extensions = chosen.map(
  ({ actions }, index) =>
    `<extension name="bench${index}"><condition field="destination_number" expression="^88${index}$">${actions.replace('$${bench_wav}', wav)}</condition></extension>`,
)
const conf = copyOfConf(join(folder.path, 'conf'), {
  'autoload_configs/switch.conf.xml': (text) =>
    text
      .replace('"sessions-per-second" value="1000"', '"sessions-per-second" value="10000"')
      .replace('"loglevel" value="debug"', '"loglevel" value="warning"')
      .replace(
        '<settings>',
        setName && setValue
          ? `<settings><param name="${setName}" value="${setValue}"/>`
          : '<settings>',
      ),
  'dialplan/default.xml': (text) =>
    text.replace('<context name="default">', (line) => line + extensions.join('')),
})
const most = Math.max(...chosen.map(({ calls }) => Number(onlyCalls ?? calls)))
await using server = await Server.start({ conf, rtpPorts: most * 4 + 400, events: '' })
const { pid } = server.program
await pause(2000)
const idleBegin = cpuTime(pid)
await pause(4000)
const idle = (cpuTime(pid) - idleBegin) / 4
say(`idle: ${idle.toFixed(1)} ms of CPU a second, ${server.residentMemory} KiB`)
say(
  'row              calls  ms CPU a call-second  delay p50    p99 ms  longest gap ms  sent  received  silent  KiB a call',
)
for (const [index, row] of chosen.entries()) {
  const { name, from, to, talkers } = row
  const calls = Number(onlyCalls ?? row.calls)
  await using load = await CallLoad.start(server.ports.internal)
  const memory = server.residentMemory
  for (let i = 0; i < calls; i++)
    await load.call(`88${index}`, from, to, talkers === undefined || i < talkers)
  load.run()
  await pause(3000)
  load.reset()
  const before = cpuTime(pid)
  await pause(seconds * 1000)
  const cpu = ((cpuTime(pid) - before) / seconds - idle) / calls
  const figures = load.figures()
  say(
    [
      name.padEnd(16),
      String(calls).padStart(5),
      cpu.toFixed(2).padStart(21),
      rounded(figures.p50).padStart(10),
      rounded(figures.p99).padStart(9),
      rounded(figures.longestGapMs, 0).padStart(15),
      String(figures.sent).padStart(7),
      String(figures.received).padStart(8),
      String(figures.silent).padStart(7),
      ((server.residentMemory - memory) / calls).toFixed(0).padStart(10),
      ` ${row.about}`,
    ].join(' '),
  )
  await load.end()
  await server.isIdle()
}
say(
  (await server.api('counters'))
    .split('\n')
    .filter((line) => /dropped|media/i.test(line))
    .join('\n'),
)
