/**
 * Measures the media engine alone: CPU, memory and delay of relayed two-way G.711 calls, and what it costs to open,
 * configure, bridge and close one. Run it built: `node .build/tools/bench/relay.js [calls…] [--workers N] [--connect]`.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { MediaEngine, MediaLeg } from '../../src/media/engine.ts'
import { startMediaEngine } from '../../src/media/start.ts'
import { settings } from '../../test/support/media.ts'

const words = process.argv.slice(2)
const option = (name: string, otherwise: number) => {
  const at = words.indexOf(`--${name}`)
  return at < 0 ? otherwise : Number(words.splice(at, 2)[1])
}
const workers = option('workers', 1)
const seconds = option('seconds', 8)
const setupRate = option('rate', 400)
const steps = words.length > 0 ? words.map(Number) : [50, 100, 200, 400]

/** KiB resident now. */
function residentKib(): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** ms of CPU of the whole process in `ms` of time. */
async function cpuDuring(ms: number): Promise<number> {
  const begin = process.cpuUsage()
  await pause(ms)
  const { user, system } = process.cpuUsage(begin)
  return (user + system) / 1000
}

const locate = (name: string) =>
  fileURLToPath(new URL(name, import.meta.url))
    .replace('/.build/', '/')
    .replace(/\/\.build-[a-z]+\//, '/')

async function relay(engine: MediaEngine): Promise<void> {
  const load = fork(locate('./rtp-load.mjs'))
  const legs: MediaLeg[] = []
  const before = residentKib()
  const idle = (await cpuDuring(1000)) / 1000
  for (const step of steps) {
    while (legs.length / 2 < step) {
      load.send({ add: [0, 0] })
      const [{ ports }] = (await once(load, 'message')) as [{ ports: [number, number] }]
      const a = await engine.openLeg({ uuid: `a${legs.length}`, address: '127.0.0.1' })
      const b = await engine.openLeg({ uuid: `b${legs.length}`, address: '127.0.0.1', near: a })
      a.configure(settings(ports[0]))
      b.configure(settings(ports[1]))
      a.bridge(b)
      load.send({ aim: [a.localPort, b.localPort] })
      legs.push(a, b)
    }
    await pause(1500)
    load.send({ mark: true })
    const cpu = (await cpuDuring(seconds * 1000)) / seconds - idle * 1000
    load.send({ report: true })
    const [report] = (await once(load, 'message')) as [Record<string, number>]
    const perCall = (residentKib() - before) / step
    process.stdout.write(
      `${String(step).padStart(4)} calls: ${(cpu / step).toFixed(3)} ms CPU a call-second, ` +
        `delay p50 ${report['p50']?.toFixed(2)} p99 ${report['p99']?.toFixed(2)} ms, ` +
        `sent ${report['sent']} received ${report['received']}, ${perCall.toFixed(0)} KiB RSS a call\n`,
    )
  }
  load.send({ quit: true })
  await Promise.all(legs.map((leg) => leg.close()))
}

async function setups(engine: MediaEngine): Promise<void> {
  const turnMs = 10
  const perTurn = (setupRate * turnMs) / 1000
  const idle = (await cpuDuring(1000)) / 1000
  let begin = process.cpuUsage()
  let count = 0
  const held: MediaLeg[][] = []
  const one = async () => {
    const a = await engine.openLeg({ uuid: `a${count}`, address: '127.0.0.1' })
    a.configure(settings(40000))
    const b = await engine.openLeg({ uuid: `b${count}`, address: '127.0.0.1', near: a })
    b.configure(settings(40002))
    a.bridge(b)
    held.push([a, b])
  }
  const total = seconds * setupRate
  let start = performance.now()
  const warm = setupRate * 2
  for (let turn = 1; count < total + warm; turn++) {
    for (let i = 0; i < perTurn; i++, count++) {
      if (count === warm) {
        begin = process.cpuUsage()
        start = performance.now()
        turn = 1
      }
      void one()
    }
    // Calls last a tenth of a second.
    while (held.length > setupRate / 10) for (const leg of held.shift() ?? []) void leg.close()
    await pause(Math.max(0, start + turn * turnMs - performance.now()))
  }
  const { user, system } = process.cpuUsage(begin)
  const spent = (user + system) / 1000 - idle * (performance.now() - start)
  process.stdout.write(
    `${setupRate} calls/s: ${(spent / total).toFixed(3)} ms CPU to open, configure, bridge and close two legs\n`,
  )
  for (const pair of held) for (const leg of pair) await leg.close()
}

const engine = await startMediaEngine({ workers, rtpStartPort: 20000, rtpEndPort: 29999 })
await relay(engine)
await setups(engine)
process.stdout.write(`${JSON.stringify(await engine.figures())}\n`)
await engine[Symbol.asyncDispose]()
