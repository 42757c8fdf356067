/** Bad lines between two parties: the sound goes on, and what is reported of the line is what was done to it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { delay } from '../../src/base/clock.ts'
import type { LegStats } from '../../src/media/engine.ts'
import { Impairment, type Trouble } from '../support/impairment.ts'
import { levelOf } from '../support/levels.ts'
import { codec, phone, settled, startEngine } from '../support/media.ts'
import { purity } from '../support/tone.ts'

const g722 = codec('G722', 9)
const packets = 500

interface Outcome {
  readonly line: Impairment
  readonly stats: LegStats
  readonly heard: Int16Array
  readonly sent: number
  /** How long the speaker stood still in all, which nobody can make up for, ms. */
  readonly stoodStillMs: number
}

type Engine = Awaited<ReturnType<typeof startEngine>>

/** A party that speaks ten seconds through a bad line, to one with another codec, through a jitter buffer. */
async function talk(engine: Engine, trouble: Trouble, ppm: number): Promise<Outcome> {
  const a = await phone(engine)
  const b = await phone(engine, { send: g722, receive: [g722] }, a.leg)
  const line = await Impairment.open(a.leg.localPort, trouble)
  a.peer.target = line.port
  a.leg.jitterBuffer({ order: '60:300', inBridge: true, conceals: true })
  a.leg.bridge(b.leg)
  await settled(a.leg, b.leg)
  await a.peer.tone(440, packets, 'PCMU', 20 * (1 - ppm / 1e6))
  // What the line holds back and the buffer still has comes within the next half second, later on a busy machine.
  const counts = async () =>
    [line.passed.length, (await a.leg.stats()).in.packets, b.peer.arrived.length].join()
  for (let before = ''; before !== (await counts()); await delay(500)) before = await counts()
  const stats = await a.leg.stats()
  const heard = b.peer.heard('G722')
  for (const one of [line, a.peer, b.peer]) await one[Symbol.asyncDispose]()
  await Promise.all([a.leg.close(), b.leg.close()])
  return { line, stats, heard, sent: packets, stoodStillMs: a.peer.stoodStillMs }
}

const lines: readonly (Trouble & { readonly ppm?: number })[] = [
  {},
  { loss: 0.01 },
  { loss: 0.05 },
  { loss: 0.1, jitter: 30 },
  { loss: 0.2 },
  { jitter: 20 },
  { jitter: 50, ppm: 200 },
  { jitter: 100, ppm: -200 },
  { reorder: 0.1, duplicate: 0.1 },
  { loss: 0.2, jitter: 100, reorder: 0.05, duplicate: 0.05, ppm: 200 },
]

function named({
  loss = 0,
  jitter = 0,
  reorder = 0,
  duplicate = 0,
  ppm = 0,
}: (typeof lines)[number]) {
  return `${loss * 100} % loss, ${jitter} ms jitter, ${reorder * 100} % reordered, ${duplicate * 100} % doubled, ${ppm} ppm`
}

/**
 * How pure the tone is in pieces of a tenth of a second: a frame put in or left out shifts it and does not spoil it. Silence is
 * counted elsewhere.
 */
function meanPurity(pcm: Int16Array): number {
  const size = 1600
  let sum = 0
  let count = 0
  for (let at = 0; at + size <= pcm.length; at += size) {
    const piece = pcm.subarray(at, at + size)
    if (levelOf(piece) < 500) continue
    sum += purity(440, piece, 16000)
    count++
  }
  return sum / Math.max(1, count)
}

/** Ticks that the worker left out meanwhile, seen in a tone that it sends to somebody else. */
async function beat(engine: Engine): Promise<() => number> {
  const { leg, peer } = await phone(engine)
  leg.play({ paths: ['tone_stream://%(60000,0,300)'], loops: -1 })
  await peer.until(1)
  return () => {
    const { arrived } = peer
    const [first, last] = [arrived[0]!.timestamp, arrived.at(-1)!.timestamp]
    return ((last - first) >>> 0) / 160 + 1 - arrived.length
  }
}

test('loss, jitter, reordering, doubles and drift: reported as they were, and the sound goes on', async (t) => {
  await using engine = await startEngine({ ports: 100 })
  const ticksLeftOut = await beat(engine)
  const outcomes = await Promise.all(
    lines.map((line, index) => talk(engine, { ...line, seed: index + 3 }, line.ppm ?? 0)),
  )
  const leftOut = ticksLeftOut()
  // What a busy machine adds to every line is seen where there is no other trouble.
  const clean = outcomes[0]!
  const added = Math.abs((clean.stats.jitterMs ?? 0) - clean.line.jitter())
  for (const [index, { line, stats, heard, sent, stoodStillMs }] of outcomes.entries()) {
    const trouble = lines[index]!
    await t.test(named(trouble), () => {
      const lossRate = stats.lost / (stats.in.packets + stats.lost)
      assert.ok(
        Math.abs(lossRate - line.lossRate) < 0.001,
        `loss ${lossRate}, was ${line.lossRate}`,
      )
      const jitter = line.jitter()
      const off = Math.abs((stats.jitterMs ?? -1) - jitter)
      const most = added * 2 + Math.max(2, jitter * 0.1)
      assert.ok(off < most, `jitter ${stats.jitterMs}, was ${jitter}`)
      assert.equal(stats.duplicates, line.duplicated)
      assert.ok(Math.abs(stats.reordered - line.reordered) <= 1, `${stats.reordered} reordered`)
      // What was lost was made up: the sound is as long as what was said, and is the tone.
      const missing = sent * 20 - heard.length / 16
      const mostMissing = 300 + sent * 20 * 0.02 + stoodStillMs + leftOut * 20
      assert.ok(Math.abs(missing) < mostMissing, `${missing} ms are missing`)
      const settledSound = heard.subarray(16000)
      const share = meanPurity(settledSound)
      // What is left out is made up for by a packet left out later, each a crack.
      const floor = 1 - (trouble.loss ?? 0) - 0.05 - leftOut / (settledSound.length / 1600)
      assert.ok(share > floor, `purity ${share}, wanted ${floor}`)
      let gaps = 0
      for (let at = 0; at + 320 <= settledSound.length; at += 320)
        if (levelOf(settledSound, at, at + 320) < 500) gaps++
      const mostGaps =
        (settledSound.length / 320) * ((trouble.loss ?? 0) ** 2 + 0.02) +
        stoodStillMs / 20 +
        leftOut
      t.diagnostic(
        `${named(trouble)}: loss ${(lossRate * 100).toFixed(2)} of ${(line.lossRate * 100).toFixed(2)} %, jitter ${stats.jitterMs?.toFixed(2)} of ${jitter.toFixed(2)} ms, purity ${share.toFixed(3)}, ${gaps} silent frames of ${Math.floor(settledSound.length / 320)}`,
      )
      assert.ok(gaps <= mostGaps, `${gaps} frames of silence`)
    })
  }
})
