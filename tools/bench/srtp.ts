/**
 * Measures SRTP: µs of CPU to seal and to open a packet of 20 ms of G.711 in every suite, and what a whole server takes for
 * calls that are encrypted on both sides, each under keys of its own, beside the same calls in the clear.
 * Run it built: `node .build/tools/bench/srtp.js [--calls 50] [--seconds 10] [--suites AES_CM_128_HMAC_SHA1_80,…] [--no-server]`.
 */
import { createCipheriv, createHmac, createSecretKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { writeHeader } from '../../src/rtp/packet.ts'
import { SrtpReceiver, SrtpSender, srtpTransform } from '../../src/rtp/srtp.ts'
import type { SrtpSuiteName } from '../../src/rtp/srtp-suite.ts'
import { copyOfConf, folderForTest, Server } from '../../test/support/server.ts'
import { srtpKey, suiteNames } from '../../test/support/srtp.ts'
import { SrtpLoad } from './srtp-load.ts'

const words = process.argv.slice(2)
const option = (name: string, otherwise: string) => {
  const at = words.indexOf(`--${name}`)
  return at < 0 ? otherwise : (words[at + 1] ?? otherwise)
}
const calls = Number(option('calls', '50'))
const seconds = Number(option('seconds', '10'))
const suites = option('suites', 'AES_CM_128_HMAC_SHA1_80,AEAD_AES_256_GCM').split(',')

const say = (text: string) => process.stdout.write(`${text}\n`)

const packetLength = 172
const perRound = 20_000
const rounds = 10

/** µs of CPU for one run of `work`, the least of several rounds of many. */
function cost(work: (i: number) => void): number {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0, i = 0; round < rounds; round++) {
    const begin = process.cpuUsage()
    for (const end = i + perRound; i < end; i++) work(i)
    const { user, system } = process.cpuUsage(begin)
    least = Math.min(least, (user + system) / perRound)
  }
  return least
}

function packets(): void {
  say('suite                        seal   open   µs of CPU a packet of 172 octets')
  const plain = new Uint8Array(packetLength)
  const wire = Array.from({ length: perRound }, () => new Uint8Array(packetLength + 20))
  const lengths = new Array<number>(perRound).fill(0)
  for (const suite of suiteNames) {
    const { key } = srtpKey(suite, 7)
    const sender = new SrtpSender(srtpTransform(suite, key))
    const receiver = new SrtpReceiver(srtpTransform(suite, key))
    let open = Number.POSITIVE_INFINITY
    let seal = Number.POSITIVE_INFINITY
    for (let round = 0; round < rounds; round++) {
      const first = process.cpuUsage()
      for (let i = 0; i < perRound; i++) {
        writeHeader(plain, false, 0, (round * perRound + i) & 0xffff, i, 5)
        lengths[i] = sender.protect(plain, packetLength, wire[i] as Uint8Array)
      }
      const sealed = process.cpuUsage(first)
      const second = process.cpuUsage()
      for (let i = 0; i < perRound; i++) receiver.unprotect(wire[i] as Uint8Array, lengths[i])
      const opened = process.cpuUsage(second)
      seal = Math.min(seal, (sealed.user + sealed.system) / perRound)
      open = Math.min(open, (opened.user + opened.system) / perRound)
    }
    if (receiver.opened !== rounds * perRound) throw new Error(`${suite}: not all was opened`)
    say(`${suite.padEnd(27)} ${seal.toFixed(2).padStart(5)}  ${open.toFixed(2).padStart(5)}`)
  }
  const key = createSecretKey(Buffer.alloc(20, 1))
  const data = Buffer.alloc(packetLength)
  const hmac = cost(() => void createHmac('sha1', key).update(data).digest())
  const counter = cost(
    () =>
      void createCipheriv('aes-128-ctr', data.subarray(0, 16), data.subarray(16, 32)).update(data),
  )
  const gcm = cost(() => {
    const cipher = createCipheriv('aes-128-gcm', data.subarray(0, 16), data.subarray(16, 28))
    cipher.setAAD(data.subarray(0, 12))
    cipher.update(data)
    cipher.final()
    cipher.getAuthTag()
  })
  say(
    `node's own objects, one a packet: HMAC-SHA1 ${hmac.toFixed(2)}, AES-CTR ${counter.toFixed(2)}, AES-GCM ${gcm.toFixed(2)}`,
  )
}

/** CPU time of a process so far, all its threads, ms. */
function cpuTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

async function wholeServer(): Promise<void> {
  using folder = folderForTest()
  const extension = (number: string, wish: string) =>
    `<extension name="${number}"><condition field="destination_number" expression="^${number}$"><action application="bridge" data="{rtp_secure_media=${wish}}user/1001"/></condition></extension>`
  const numbers = ['clear', ...suites].map((wish, i) => [`77${i}`, wish] as const)
  const conf = copyOfConf(join(folder.path, 'conf'), {
    'autoload_configs/switch.conf.xml': (text) =>
      text
        .replace('"sessions-per-second" value="1000"', '"sessions-per-second" value="10000"')
        .replace('"loglevel" value="debug"', '"loglevel" value="warning"'),
    'dialplan/default.xml': (text) =>
      text.replace('<context name="default">', (line) =>
        [
          line,
          ...numbers.map(([number, wish]) =>
            extension(number, wish === 'clear' ? 'false' : `mandatory:${wish}`),
          ),
        ].join(''),
      ),
  })
  await using server = await Server.start({ conf, rtpPorts: calls * 4 + 200, events: '' })
  const { pid } = server.program
  const idleBegin = cpuTime(pid)
  await pause(4000)
  const idle = (cpuTime(pid) - idleBegin) / 4
  // In the clear first and last: the machine may have others to serve meanwhile.
  for (const [number, wish] of [...numbers, ...numbers.slice(0, 1)]) {
    const suite = wish === 'clear' ? undefined : (wish as SrtpSuiteName)
    await using load = await SrtpLoad.start(server.ports.internal, suite)
    for (let i = 0; i < calls; i++) await load.call(number)
    load.run()
    await pause(3000)
    load.reset()
    const before = cpuTime(pid)
    await pause(seconds * 1000)
    const cpu = (cpuTime(pid) - before) / seconds - idle
    const { sent, received, unreadable, p50, p99 } = load.figures()
    say(
      `${calls} calls, ${wish.padEnd(24)} ${(cpu / calls).toFixed(3)} ms CPU a call-second ` +
        `(${((cpu * seconds * 100) / received).toFixed(3)} a hundred packets), delay p50 ${p50.toFixed(2)} ` +
        `p99 ${p99.toFixed(2)} ms, sent ${sent}, received ${received}, unreadable ${unreadable}`,
    )
    await load.end()
    await server.isIdle()
  }
  say(
    (await server.api('counters'))
      .split('\n')
      .filter((line) => /SRTP|dropped/.test(line))
      .join('\n'),
  )
}

packets()
if (!words.includes('--no-server')) await wholeServer()
process.exit(0)
