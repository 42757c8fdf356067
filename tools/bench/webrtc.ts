/**
 * Measures legs of browsers in the media engine: set-up by ICE and DTLS, then CPU, loss and delay of their calls with each other.
 * Run it built: `node .build/tools/bench/webrtc.js [legs] [--seconds N] [--workers N]`. relay.js has the same calls in the clear.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startMediaEngine } from '../../src/media/start.ts'
import { DtlsClient } from '../../src/webrtc/dtls-client.ts'
import { carry, dtlsPair, newIdentity } from '../../test/support/dtls.ts'
import { settings, settled } from '../../test/support/media.ts'
import type { WebAddress } from '../../test/support/web-peer.ts'
import type { ToLoad } from './webrtc-load.ts'

const words = process.argv.slice(2)
const option = (name: string, otherwise: number) => {
  const at = words.indexOf(`--${name}`)
  return at < 0 ? otherwise : Number(words.splice(at, 2)[1])
}
const seconds = option('seconds', 30)
const workers = option('workers', 1)
const count = Number(words[0] ?? 50)

/** ms of CPU of the whole process in `ms` of time. */
async function cpuDuring(ms: number): Promise<number> {
  const begin = process.cpuUsage()
  await new Promise((done) => setTimeout(done, ms))
  const { user, system } = process.cpuUsage(begin)
  return (user + system) / 1000
}

function at(sorted: readonly number[], part: number): string {
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(1)
}

/** What a handshake takes of the thread that it runs in, both sides together, and its longest step. */
function handshakes(): void {
  const [one, other] = [newIdentity(), newIdentity()]
  const steps: number[] = []
  const rounds = 100
  let spent = 0
  let begun = process.cpuUsage()
  for (let round = -10; round < rounds; round++) {
    const pair = dtlsPair(one, other)
    for (const { session } of [pair.client, pair.server]) {
      const receive = session.receive.bind(session)
      session.receive = (packet, now) => {
        const begin = performance.now()
        receive(packet, now)
        if (round >= 0) steps.push(performance.now() - begin)
      }
    }
    if (round === 0) begun = process.cpuUsage()
    if (pair.client.session instanceof DtlsClient) pair.client.session.start(0)
    carry(pair)
    if (!pair.client.keys) throw new Error(pair.client.failure)
  }
  const { user, system } = process.cpuUsage(begun)
  spent = (user + system) / 1000
  steps.sort((a, b) => a - b)
  process.stdout.write(
    `DTLS: ${(spent / rounds / 2).toFixed(2)} ms of CPU a side; a packet takes ${at(steps, 0.5)} ms (p50) to ${at(steps, 0.9)} ms (p90)\n`,
  )
}

handshakes()
const engine = await startMediaEngine({ workers, rtpStartPort: 20000, rtpEndPort: 29999 })
const load = fork(fileURLToPath(new URL('./webrtc-load.js', import.meta.url)))
const tell = (message: ToLoad) => load.send(message)
const heard = async <T>(): Promise<T> => (await once(load, 'message'))[0] as T
const idle = (await cpuDuring(1000)) / 1000
const [algorithm = '', value = ''] = engine.dtlsFingerprint.split(' ')
const setups: number[] = []
let suite = ''
const legs = []
const setupBegin = process.cpuUsage()
const setupStart = performance.now()
for (let index = 0; index < count; index++) {
  tell({ do: 'add' })
  const there = await heard<WebAddress>()
  const leg = await engine.openLeg({ uuid: `w${index}`, address: '127.0.0.1', near: legs[0] })
  const ice = { ufrag: `leg${index}`, password: `password-of-the-leg-${index}` }
  leg.configure({
    ...settings(there.port),
    rtcpMux: true,
    rtcpIntervalMs: 5000,
    latch: false,
    ice: { ...ice, remoteUfrag: there.ufrag },
    dtls: { role: 'passive', fingerprints: there.fingerprints },
  })
  legs.push(leg)
  // An answer takes longer to a browser than to the worker; the load of this machine would ask before the leg is open.
  await settled(leg)
  const previous = legs.at(-2)
  if (index % 2 === 1 && previous) leg.bridge(previous)
  const fingerprints = [{ algorithm, value }]
  tell({ do: 'connect', index, there: { port: leg.localPort, ...ice, fingerprints } })
  const done = await heard<{ setupMs: number; suite: string }>()
  setups.push(done.setupMs)
  suite = done.suite
}
const setupUsed = process.cpuUsage(setupBegin)
const setupIdle = (performance.now() - setupStart) * idle
setups.sort((a, b) => a - b)
process.stdout.write(
  `${count} legs, one after the other: ICE and DTLS p50 ${at(setups, 0.5)} p99 ${at(setups, 0.99)} ms, ` +
    `${(((setupUsed.user + setupUsed.system) / 1000 - setupIdle) / count).toFixed(2)} ms CPU of the engine a leg, ${suite}\n`,
)
tell({ do: 'run' })
await cpuDuring(3000)
tell({ do: 'mark' })
const cpu = (await cpuDuring(seconds * 1000)) / seconds - idle * 1000
tell({ do: 'report' })
const { sent, received, p50, p99 } = await heard<Record<string, number>>()
process.stdout.write(
  `${count / 2} calls: ${(cpu / (count / 2)).toFixed(3)} ms CPU a call-second, ` +
    `delay p50 ${p50?.toFixed(2)} p99 ${p99?.toFixed(2)} ms, sent ${sent} received ${received}\n`,
)
const { dropped } = await engine.figures()
process.stdout.write(`dropped: ${JSON.stringify(dropped)}\n`)
tell({ do: 'quit' })
for (const leg of legs) await leg.close()
await engine[Symbol.asyncDispose]()
