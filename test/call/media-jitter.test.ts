/** Packets that are lost, late and out of order: what the other party hears is even and whole all the same. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { muLaw } from '../../src/codecs/g711.ts'
import type { JitterHabits } from '../../src/media/engine.ts'
import { Impairment, type Trouble } from '../support/impairment.ts'
import { levelOf } from '../support/levels.ts'
import { codec as codecOf, pcmu, phone, settings, settled, startEngine } from '../support/media.ts'
import { temporaryFolder } from '../support/sound.ts'
import { purity } from '../support/tone.ts'
import { until } from '../support/until.ts'

const g722 = codecOf('G722', 9)
const buffered: JitterHabits = { order: '60:200', inBridge: true, conceals: true }

interface Line extends AsyncDisposable {
  readonly engine: Awaited<ReturnType<typeof startEngine>>
  readonly a: Awaited<ReturnType<typeof phone>>
  readonly b: Awaited<ReturnType<typeof phone>>
  readonly line: Impairment
}

/** A party behind a bad line, bridged with one that has another codec or the same. */
async function bridged(trouble: Trouble, codec = g722): Promise<Line> {
  const engine = await startEngine()
  const a = await phone(engine)
  const b = await phone(engine, { send: codec, receive: [codec] }, a.leg)
  const line = await Impairment.open(a.leg.localPort, trouble)
  a.peer.target = line.port
  a.leg.bridge(b.leg)
  await settled(a.leg, b.leg)
  return {
    engine,
    a,
    b,
    line,
    [Symbol.asyncDispose]: async () => {
      for (const one of [line, a.peer, b.peer, engine]) await one[Symbol.asyncDispose]()
    },
  }
}

/** A tone from the same worker to the same phone: a packet a tick, whatever the machine is busy with. Gives its SSRC. */
async function beat({ engine, b }: Line): Promise<number> {
  const leg = await engine.openLeg({ uuid: 'beat', address: '127.0.0.1', near: b.leg })
  leg.configure(settings(b.peer.port))
  leg.play({ paths: ['tone_stream://%(60000,0,300)'] })
  await b.peer.until(1)
  return b.peer.arrived[0]!.ssrc
}

/** What the phone got beside the beat. */
const stream = ({ b }: Line, ssrc: number) =>
  b.peer.arrived.filter((packet) => packet.ssrc !== ssrc)

/** Waits until half a second of beats has come with nothing beside it. */
async function allHasCome(set: Line, ssrc: number): Promise<void> {
  const { arrived } = set.b.peer
  const isOver = () => arrived.length > 25 && arrived.slice(-25).every((one) => one.ssrc === ssrc)
  await until(isOver, 'the end of the sound')
  assert.ok(stream(set, ssrc).length > 100, `${stream(set, ssrc).length} packets came`)
}

/**
 * From one beat to the next: the share of those in which just one packet of the stream came, from its tenth to its last; of the best
 * fifty in a row, for a busy machine keeps the speaker from speaking now and then.
 */
function evenness({ b }: Line, ssrc: number): number {
  const kinds = b.peer.arrived.map((packet) => packet.ssrc === ssrc)
  const own = kinds.flatMap((isBeat, index) => (isBeat ? [] : [index]))
  const beats = kinds
    .slice(own[10], own.at(-1)! + 1)
    .map((isBeat) => (isBeat ? '|' : '-'))
    .join('')
    .split('|')
    .map((between) => between === '-')
  const size = Math.min(50, beats.length)
  const shares = Array.from({ length: beats.length - size + 1 }, (_, from) => {
    const stretch = beats.slice(from, from + size)
    return stretch.filter((isEven) => isEven).length / size
  })
  return Math.max(...shares)
}

/** How pure the tone is in the middle one of its pieces of 100 ms: a jump where the machine stood still spoils one of them. */
function usualPurity(pcm: Int16Array, rate: number): number {
  const size = rate / 10
  const pieces = Array.from({ length: Math.floor(pcm.length / size) }, (_, i) =>
    purity(440, pcm.subarray(i * size, (i + 1) * size), rate),
  )
  return pieces.sort((one, other) => one - other)[pieces.length >> 1] ?? 0
}

test('a lost packet of G.711 is made up where it is transcoded', async () => {
  await using set = await bridged({ loss: 0.1, seed: 5 })
  await set.a.peer.tone(440, 150)
  await set.b.peer.until(140)
  assert.ok(set.line.lost >= 8, `${set.line.lost} lost`)
  const heard = set.b.peer.heard('G722')
  assert.ok(purity(440, heard, 16000) > 0.97, `${purity(440, heard, 16000)}`)
  for (let at = 320; at + 320 < heard.length; at += 320)
    assert.ok(levelOf(heard, at, at + 320) > 3000, `a gap at ${at / 16} ms`)
  await until(
    async () => (await set.a.leg.stats()).lost === set.line.lost,
    'all that is missing to be told',
    async () => [(await set.a.leg.stats()).lost, set.line.lost],
  )
})

test('a jitter buffer gives back evenly and in order what came unevenly', async () => {
  await using set = await bridged({ jitter: 50, reorder: 0.05, duplicate: 0.05, seed: 7 })
  set.a.leg.jitterBuffer(buffered)
  await settled(set.a.leg)
  const ssrc = await beat(set)
  await set.a.peer.tone(440, 200)
  await allHasCome(set, ssrc)
  assert.ok(set.line.reordered > 3 && set.line.duplicated > 3)
  const share = usualPurity(set.b.peer.heard('G722').subarray(3200), 16000)
  assert.ok(share > 0.97, `${share}`)
  assert.ok(evenness(set, ssrc) > 0.9, `${evenness(set, ssrc)}`)
})

test('in a bridge of one codec it passes the packets on as they are, evenly', async () => {
  await using set = await bridged({ jitter: 50, reorder: 0.05, seed: 9 }, pcmu)
  set.a.leg.configure(settings(set.a.peer.port, { jitter: buffered }))
  await settled(set.a.leg)
  const ssrc = await beat(set)
  await set.a.peer.tone(440, 150)
  await allHasCome(set, ssrc)
  const arrived = stream(set, ssrc)
  const numbers = arrived.map(({ sequence }) => sequence)
  assert.deepEqual(
    numbers,
    numbers.slice().sort((one, other) => one - other),
    'in order',
  )
  const heard = arrived.flatMap(({ payload }) =>
    Array.from(payload, (octet) => muLaw.decode[octet]!),
  )
  const share = usualPurity(Int16Array.from(heard).subarray(1600), 8000)
  assert.ok(share > 0.97, `${share}`)
  assert.ok(evenness(set, ssrc) > 0.9, `${evenness(set, ssrc)}`)
})

/** How long one packet needs at the least, ms: of three, for the machine may stand still meanwhile. */
async function quickest({ a, b }: Line): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < 3; i++) {
    const before = b.peer.arrived.length
    const begin = performance.now()
    await a.peer.tone(440, 1, 'PCMU', 0)
    await b.peer.until(before + 1)
    times.push(performance.now() - begin)
  }
  return Math.min(...times)
}

test('without rtp_jitter_buffer_during_bridge it rests in a bridge', async () => {
  await using set = await bridged({})
  set.a.leg.jitterBuffer({ ...buffered, order: '2000', inBridge: false })
  await settled(set.a.leg)
  assert.ok((await quickest(set)) < 1000, 'nothing is held back')
})

test('paused it holds nothing back, resumed it does again, stopped it is gone', async () => {
  await using set = await bridged({})
  const order = (text: string) => set.a.leg.jitterBuffer({ ...buffered, order: text })
  const delay = async (): Promise<number> => {
    const before = set.b.peer.arrived.length
    const begin = performance.now()
    const talking = set.a.peer.tone(440, 10)
    await set.b.peer.until(before + 1)
    const took = performance.now() - begin
    await talking
    await set.b.peer.until(before + 5)
    await new Promise((resolve) => setTimeout(resolve, 600))
    return took
  }
  const took: number[] = []
  for (const text of ['500', 'pause', 'resume', 'stop']) {
    order(text)
    await settled(set.a.leg)
    const isHeld = text === '500' || text === 'resume'
    took.push(await (isHeld ? delay() : quickest(set)))
  }
  assert.deepEqual(
    took.map((ms) => ms > 400),
    [true, false, true, false],
    took.join(),
  )
})

test('what it does can be read in a file', async () => {
  await using set = await bridged({})
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'jitter.log')
  set.a.leg.jitterBuffer(buffered)
  set.a.leg.jitterBuffer({ ...buffered, order: `debug:${path}` })
  await settled(set.a.leg)
  await set.a.peer.tone(440, 10)
  await set.b.peer.until(8)
  set.a.leg.jitterBuffer({ ...buffered, order: 'debug:off' })
  await settled(set.a.leg)
  let text = ''
  // A busy machine may send the second one too late to be played.
  const lines = [/in 100 5000 resync/, /out 10[1-9] \d+ depth \d+\.\d of \d+ ms/]
  await until(
    async () => {
      text = await readFile(path, 'utf8').catch(() => '')
      return lines.every((line) => line.test(text))
    },
    'the lines',
    () => text,
  )
})

test('an order that is none is told and changes nothing', async () => {
  await using set = await bridged({})
  set.a.leg.jitterBuffer({ ...buffered, order: 'sixty' })
  await set.a.peer.tone(440, 5)
  await set.b.peer.until(5)
})
