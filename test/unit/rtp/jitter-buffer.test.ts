/** The jitter buffer under made-up networks: a sender, a fake clock and a listener that pulls every 20 ms. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JitterBuffer } from '../../../src/rtp/jitter-buffer.ts'
import type { JitterFigures } from '../../../src/rtp/jitter-figures.ts'
import type { JitterSettings } from '../../../src/rtp/jitter-settings.ts'

const settings: JitterSettings = { length: 60, max: 500, drift: 20 }
const ssrc = 7

/** Numbers from 0 to 1, the same in every run. */
function randomness(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

interface Network {
  readonly seconds: number
  /** Share of packets that never come. */
  readonly loss?: number
  /** Each packet is late by up to so many ms. */
  readonly jitter?: number
  /** How much faster than ours the sender's clock runs, in parts of a million. */
  readonly drift?: number
  readonly buffer?: JitterSettings
  readonly ptime?: number
  /** Says whether what is being said at this second is silence. */
  readonly isQuiet?: (second: number) => boolean
}

interface Heard {
  readonly figures: JitterFigures
  /** The packet that each pull gave, or why none. */
  readonly pulls: readonly (number | 'lost' | 'empty')[]
  readonly sent: number
}

function simulate(network: Network): Heard {
  const { seconds, loss = 0, jitter = 0, drift = 0, ptime = 20 } = network
  const random = randomness(42)
  const buffer = new JitterBuffer(network.buffer ?? settings, 8000, ptime)
  const arrivals: { readonly at: number; readonly number: number }[] = []
  const interval = ptime * (1 - drift / 1e6)
  const sent = Math.floor((seconds * 1000) / interval)
  for (let number = 0; number < sent; number++) {
    if (random() < loss) continue
    arrivals.push({ at: 1000 + number * interval + random() * jitter, number })
  }
  arrivals.sort((a, b) => a.at - b.at)
  const pulls: (number | 'lost' | 'empty')[] = []
  const payload = new Uint8Array(160)
  let next = 0
  for (let now = 1007; now < 1000 + seconds * 1000; now += ptime) {
    for (let a = arrivals[next]; a && a.at <= now; a = arrivals[++next]) {
      payload[0] = a.number >> 8
      payload[1] = a.number
      buffer.push(
        (65_500 + a.number) & 0xffff,
        (a.number * ptime * 8) >>> 0,
        ssrc,
        0,
        payload,
        a.at,
      )
    }
    const got = buffer.pull(now, network.isQuiet?.((now - 1000) / 1000) ?? false)
    pulls.push(typeof got === 'string' ? got : (got[0]! << 8) | got[1]!)
  }
  return { figures: buffer.figures, pulls, sent }
}

function assertInOrder(pulls: Heard['pulls']): void {
  let last = -1
  for (const got of pulls) {
    if (typeof got !== 'number') continue
    assert.ok(got > last, `${got} after ${last}`)
    last = got
  }
}

test('a quiet network costs the least delay and loses nothing', () => {
  const { figures, pulls } = simulate({ seconds: 20 })
  assertInOrder(pulls)
  const first = pulls.indexOf(0)
  assert.ok(first * 20 >= 60 - 20 && first * 20 <= 80, `${first}`)
  assert.ok(pulls.slice(first).every((got) => typeof got === 'number'))
  assert.deepEqual([figures.lost, figures.late, figures.concealed, figures.dropped], [0, 0, 0, 0])
  assert.ok(figures.depth >= 60 && figures.depth <= 80, `${figures.depth}`)
})

for (const jitter of [20, 50, 100]) {
  for (const loss of [0, 0.05, 0.2]) {
    test(`up to ${jitter} ms of jitter and ${loss * 100} % of loss: what came is heard, in order, and no later than needed`, () => {
      const { figures, pulls, sent } = simulate({ seconds: 60, jitter, loss })
      assertInOrder(pulls)
      const heard = pulls.filter((got) => typeof got === 'number').length
      const came = sent * (1 - loss)
      assert.ok(heard >= came * 0.95, `${heard} of ${came}: ${JSON.stringify(figures)}`)
      assert.ok(figures.late <= sent * 0.03, `late ${figures.late}`)
      assert.ok(figures.lost <= sent * (loss * 1.15 + 0.03), `lost ${figures.lost} of ${sent}`)
      const most = Math.max(60, jitter) + 65
      assert.ok(figures.depth <= most, `depth ${figures.depth}, target ${figures.target}`)
      assert.ok(figures.target <= Math.max(60, jitter + 10), `target ${figures.target}`)
    })
  }
}

for (const drift of [200, -200]) {
  test(`a sender whose clock is ${drift} ppm off is kept up with for ten minutes`, () => {
    const { figures, pulls } = simulate({ seconds: 600, drift })
    assertInOrder(pulls)
    // 200 ppm are 120 ms in ten minutes: six packets too many or too few.
    const corrections = drift > 0 ? figures.dropped : figures.inserted
    assert.ok(corrections >= 4 && corrections <= 8, JSON.stringify(figures))
    assert.ok(figures.depth >= 35 && figures.depth <= 110, `${figures.depth}`)
    assert.ok(figures.lost <= 2 && figures.late <= 2, JSON.stringify(figures))
  })
}

test('the clocks are put right in silence, where there is some', () => {
  const isQuiet = (second: number) => second % 5 > 4
  const { pulls, figures } = simulate({ seconds: 600, drift: 200, isQuiet })
  assert.ok(figures.dropped >= 4, JSON.stringify(figures))
  pulls.forEach((got, i) => {
    const before = pulls[i - 1]
    if (typeof got !== 'number' || typeof before !== 'number' || got === before + 1) return
    assert.ok(isQuiet((7 + i * 20) / 1000), `a packet is left out at ${(i * 20) / 1000} s`)
  })
})

test('packets of 30 ms are pulled every 30 ms, and the length is learned', () => {
  const buffer = new JitterBuffer(settings, 8000, 20)
  for (let i = 0; i < 4; i++) buffer.push(i, i * 240, ssrc, 0, new Uint8Array(240), 1000 + i * 30)
  assert.equal(buffer.stepMs, 30)
  const { figures } = simulate({ seconds: 20, ptime: 30, jitter: 20 })
  assert.ok(figures.lost <= 5, JSON.stringify(figures))
})

test('neighbours that changed places are put in order, duplicates dropped', () => {
  const buffer = new JitterBuffer(settings, 8000, 20)
  const push = (number: number, now: number) =>
    buffer.push(number, number * 160, ssrc, 0, Uint8Array.of(number), now)
  assert.equal(push(2, 1000), 'resync')
  assert.equal(push(1, 1001), 'kept')
  assert.equal(push(3, 1020), 'kept')
  assert.equal(push(3, 1021), 'duplicate')
  const heard = [1060, 1080, 1100].map((now) => (buffer.pull(now) as Uint8Array)[0])
  assert.deepEqual(heard, [1, 2, 3])
  assert.equal(push(2, 1101), 'late')
  const { figures } = buffer
  assert.deepEqual(
    [figures.reordered, figures.duplicates, figures.late, figures.lost],
    [1, 1, 1, 0],
  )
})

test('a lost packet is told once its time has come, and is counted', () => {
  const { pulls, figures } = (() => {
    const buffer = new JitterBuffer(settings, 8000, 20)
    const heard: unknown[] = []
    for (let i = 0; i < 20; i++) {
      if (i !== 8) buffer.push(i, i * 160, ssrc, 0, Uint8Array.of(i), 1000 + i * 20)
      const got = buffer.pull(1005 + i * 20)
      heard.push(typeof got === 'string' ? got : got[0])
    }
    return { pulls: heard, figures: buffer.figures }
  })()
  assert.deepEqual(pulls.slice(0, 14), [
    'empty',
    'empty',
    'empty',
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    'lost',
    9,
    10,
  ])
  assert.deepEqual([figures.lost, figures.concealed], [1, 1])
})

test('a stall of the network is waited for: nothing is lost, and the delay comes down again', () => {
  const buffer = new JitterBuffer(settings, 8000, 20)
  const heard: number[] = []
  let deepest = 0
  let next = 0
  for (let i = 0; i < 1500; i++) {
    // Between 4000 and 4300 ms nothing arrives; then all of it at once.
    const now = i * 20
    for (; next <= i && !(now >= 4000 && now < 4300); next++)
      buffer.push(next, next * 160, ssrc, 0, Uint8Array.of(next >> 8, next), now)
    const got = buffer.pull(now + 5)
    if (typeof got !== 'string') heard.push((got[0]! << 8) | got[1]!)
    deepest = Math.max(deepest, buffer.figures.depth)
  }
  const { figures } = buffer
  assert.equal(figures.lost, 0)
  assert.ok(deepest > 250, `${deepest}`)
  assert.ok(figures.depth < 130, JSON.stringify(figures))
  assert.equal(heard.length + figures.dropped, heard.at(-1)! + 1)
})

test('a pause of the sender is silence, not loss, and sound after it keeps its distance', () => {
  const buffer = new JitterBuffer(settings, 8000, 20)
  const heard: unknown[] = []
  for (let i = 0; i < 100; i++) {
    const isSpeaking = i < 20 || i >= 60
    // The numbers go on without a gap, the timestamps with the clock.
    const number = i < 20 ? i : i - 40
    if (isSpeaking) buffer.push(number, i * 160, ssrc, 0, Uint8Array.of(i), 1000 + i * 20)
    const got = buffer.pull(1005 + i * 20)
    heard.push(typeof got === 'string' ? got : got[0])
  }
  assert.equal(buffer.figures.lost, 0)
  assert.equal(heard.indexOf(60) - 60, heard.indexOf(10) - 10)
  assert.ok(heard.slice(30, 62).every((got) => got === 'empty'))
})

test('where the sound faded into silence, nothing is made up', () => {
  const buffer = new JitterBuffer(settings, 8000, 20)
  for (let i = 0; i < 60; i++) {
    if (i < 20) buffer.push(i, i * 160, ssrc, 0, Uint8Array.of(i), 1000 + i * 20)
    assert.notEqual(buffer.pull(1005 + i * 20, i > 15), 'lost')
  }
  assert.equal(buffer.figures.concealed, 0)
})

test('another SSRC begins anew at once', () => {
  const buffer = new JitterBuffer(settings, 8000, 20)
  for (let i = 0; i < 10; i++) buffer.push(i, i * 160, 1, 0, Uint8Array.of(i), 1000 + i * 20)
  assert.equal(buffer.push(40_000, 99, 2, 0, Uint8Array.of(77), 1200), 'resync')
  assert.equal(buffer.pull(1210), 'empty')
  assert.deepEqual(buffer.pull(1262), Uint8Array.of(77))
  assert.deepEqual(
    [buffer.figures.resyncs, buffer.figures.flushed, buffer.figures.lost],
    [1, 10, 0],
  )
})

test('a jump of the timestamps or of the numbers is a new start, not hours of silence', () => {
  for (const [number, timestamp] of [
    [10, 400_000_000],
    [20_000, 1600],
  ] as const) {
    const buffer = new JitterBuffer(settings, 8000, 20)
    for (let i = 0; i < 10; i++) {
      buffer.push(i, i * 160, ssrc, 0, Uint8Array.of(i), 1000 + i * 20)
      buffer.pull(1005 + i * 20)
    }
    assert.equal(buffer.push(number, timestamp, ssrc, 0, Uint8Array.of(99), 1200), 'resync')
    assert.deepEqual(buffer.pull(1265), Uint8Array.of(99))
    assert.equal(buffer.figures.resyncs, 1)
  }
})

test('numbers and timestamps may wrap', () => {
  const buffer = new JitterBuffer(settings, 8000, 20)
  for (let i = 0; i < 30; i++) {
    const timestamp = (0xffffffff - 1600 + i * 160) >>> 0
    buffer.push((65_530 + i) & 0xffff, timestamp, ssrc, 0, Uint8Array.of(i), 1000 + i * 20)
    const got = buffer.pull(1005 + i * 20)
    if (i >= 3) {
      assert.deepEqual(got, Uint8Array.of(i - 3))
      assert.equal(buffer.sequence, (65_530 + i - 3) & 0xffff)
    }
  }
  assert.equal(buffer.figures.resyncs, 0)
})

test('events between the sound leave no gap', () => {
  const buffer = new JitterBuffer(settings, 8000, 20)
  for (let i = 0; i < 40; i++) {
    if (i >= 10 && i < 15) buffer.skip(i, 10 * 160, ssrc)
    else buffer.push(i, i * 160, ssrc, 0, Uint8Array.of(i), 1000 + i * 20)
    const got = buffer.pull(1005 + i * 20)
    assert.notEqual(got, 'lost', `pull ${i}`)
  }
  assert.equal(buffer.figures.lost, 0)
})

test('paused, it holds nothing back; afterwards it fills again', () => {
  const buffer = new JitterBuffer(settings, 8000, 20)
  buffer.pause(true)
  for (let i = 0; i < 5; i++) {
    buffer.push(i, i * 160, ssrc, 0, Uint8Array.of(i), 1000 + i * 20)
    assert.deepEqual(buffer.pull(1001 + i * 20), Uint8Array.of(i))
    assert.equal(buffer.pull(1002 + i * 20), 'empty')
  }
  buffer.pause(false)
  buffer.push(5, 5 * 160, ssrc, 0, Uint8Array.of(5), 1100)
  assert.equal(buffer.pull(1105), 'empty')
  assert.deepEqual(buffer.pull(1165), Uint8Array.of(5))
})

test('a flood is bounded by the most that was asked for: the oldest goes', () => {
  const buffer = new JitterBuffer({ length: 60, max: 200, drift: 20 }, 8000, 20)
  for (let i = 0; i < 500; i++) buffer.push(i, i * 160, ssrc, 0, Uint8Array.of(i), 1000)
  assert.ok(buffer.figures.packets <= 12, `${buffer.figures.packets}`)
  assert.ok(buffer.figures.flushed >= 488)
})

test('whatever comes, it neither throws nor holds more than its slots', () => {
  const random = randomness(7)
  const buffer = new JitterBuffer(settings, 8000, 20)
  for (let i = 0; i < 50_000; i++) {
    const wild = random() < 0.02
    const number = wild ? Math.floor(random() * 65536) : (i + Math.floor(random() * 40)) & 0xffff
    const timestamp = wild ? Math.floor(random() * 2 ** 32) : (number * 160) >>> 0
    const now = i * 20 + random() * 200
    if (random() < 0.1) buffer.skip(number, timestamp, ssrc)
    else
      buffer.push(
        number,
        timestamp,
        random() < 0.01 ? 1 : ssrc,
        0,
        new Uint8Array(random() * 300),
        now,
      )
    if (random() < 0.9) buffer.pull(i * 20, random() < 0.3)
    if (random() < 0.001) buffer.pause(random() < 0.5)
    assert.ok(buffer.figures.packets <= 64)
  }
})
