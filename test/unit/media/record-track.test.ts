/** Sound of a recording stands at its time, whatever the packets do. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecordTrack } from '../../../src/media/record-track.ts'

const rate = 8000
const packet = 160

/** A second of silence with a click of 5 ms at each of the times (ms). */
function clicksAt(length: number, ...times: readonly number[]): Int16Array {
  const pcm = new Int16Array((length * rate) / 1000)
  for (const time of times) pcm.fill(20000, (time * rate) / 1000, (time * rate) / 1000 + 40)
  return pcm
}

/** Where clicks begin in what was recorded, ms. */
function clicksIn(pcm: Int16Array): number[] {
  const found: number[] = []
  for (let i = 0; i < pcm.length; i++) {
    if (Math.abs(pcm[i]!) < 10000) continue
    found.push((i * 1000) / rate)
    while (i < pcm.length && (Math.abs(pcm[i]!) > 1000 || Math.abs(pcm[i + 1] ?? 0) > 1000)) i++
  }
  return found
}

interface Packet {
  readonly pcm: Int16Array
  readonly at: number
  /** ms of pause that the sender's clock shows before it. */
  readonly pause?: number
}

/** Everything that a track holds after the packets came at their times, taken as a recorder does. */
function recorded(packets: readonly Packet[], lengthMs: number, holdMs = 500): Int16Array {
  const track = new RecordTrack(rate, 0, holdMs)
  const all = new Int16Array((lengthMs * rate) / 1000)
  const piece = new Int16Array(packet * 5)
  let taken = 0
  const takeUntil = (ms: number) => {
    const until = Math.min(all.length, Math.floor((ms * rate) / 1000))
    while (taken < until) {
      const count = Math.min(piece.length, until - taken)
      track.take(piece, count)
      all.set(piece.subarray(0, count), taken)
      taken += count
    }
  }
  const events = [...packets].sort((a, b) => a.at - b.at)
  let next = 100
  for (const { at, pause, pcm } of events) {
    for (; next <= at; next += 100) takeUntil(next - holdMs)
    if (pause) track.pause(pause)
    track.push(pcm, rate, at)
  }
  takeUntil(lengthMs)
  return all
}

/** Packets of 20 ms of a sound, in order; each comes when its last sample was said, or `lateness` ms later. */
function stream(sound: Int16Array, lateness: (index: number) => number, from = 0): Packet[] {
  let latest = 0
  return Array.from({ length: sound.length / packet }, (_, i) => {
    latest = Math.max(latest, from + (i + 1) * 20 + lateness(i))
    return { pcm: sound.subarray(i * packet, (i + 1) * packet), at: latest }
  })
}

/** Numbers that look random and are the same each time. */
function noise(index: number): number {
  return ((Math.imul(index + 1, 2654435761) >>> 8) % 1000) / 1000
}

function assertNear(found: readonly number[], wanted: readonly number[], ms: number): void {
  assert.equal(found.length, wanted.length, `clicks at ${found} for ${wanted}`)
  found.forEach((at, i) => {
    assert.ok(Math.abs(at - wanted[i]!) <= ms, `clicks at ${found} for ${wanted}`)
  })
}

const clicks = [500, 1500, 2500, 3500, 4500]
const sound = clicksAt(5000, ...clicks)

test('an even stream stands to the sample where it was said', () => {
  assertNear(
    clicksIn(
      recorded(
        stream(sound, () => 0),
        5000,
      ),
    ),
    clicks,
    0.2,
  )
})

for (const most of [20, 60, 100]) {
  test(`jitter of up to ${most} ms neither moves nor tears the sound`, () => {
    // As on a network: most packets are little late, few very much.
    const pcm = recorded(
      stream(sound, (i) => noise(i) ** 3 * most),
      5200,
    )
    assertNear(clicksIn(pcm), clicks, 20)
  })
}

test('sound without a pause stays whole under jitter: no gap is made within it', () => {
  const tone = new Int16Array(5 * rate).fill(5000)
  const pcm = recorded(
    stream(tone, (i) => noise(i) * 100),
    5000,
  )
  const begin = pcm.findIndex((sample) => sample !== 0)
  const gaps = pcm.subarray(begin, 4.8 * rate).filter((sample) => sample === 0).length
  assert.equal(gaps, 0)
})

test('a pause that the sender told of stands as it was told, late packets or not', () => {
  const speech = [...stream(clicksAt(1000, 500), () => 0)]
  // Nothing is sent for 730 ms; the first packet after it is 90 ms late, the others are not.
  const later = stream(clicksAt(1000, 100), (i) => (i === 0 ? 90 : 0), 1730)
  const first = later[0]!
  const order = [{ ...first, pause: 730 }, ...later.slice(1)]
  const track = recorded([...speech, ...order], 3000)
  assertNear(clicksIn(track), [500, 1830], 2)
})

test('a long loss, part of it made up for and the rest told as a pause, moves nothing', () => {
  const packets = [...stream(clicksAt(1000, 500), () => 0)]
  // Thirteen packets are lost: at the next one five are made up, and 160 ms are told as a pause.
  const later = stream(clicksAt(1000, 100), () => 0, 1260)
  const madeUp = Array.from({ length: 5 }, () => ({ pcm: new Int16Array(packet), at: 1280 }))
  const order = [...packets, ...madeUp, { ...later[0]!, pause: 160 }, ...later.slice(1)]
  assertNear(clicksIn(recorded(order, 2500)), [500, 1360], 2)
})

test('a gap that nobody told of moves what follows to when it came', () => {
  const packets = [
    ...stream(clicksAt(1000, 500), () => 0),
    ...stream(clicksAt(1000, 100), () => 0, 1250),
  ]
  assertNear(clicksIn(recorded(packets, 2500)), [500, 1350], 2)
})

test('packets that waited behind a stall and came at once stand where they were said', () => {
  // Nothing comes through from 1000 to 1300 ms, then all of it at once.
  const packets = stream(sound, (i) => {
    const said = (i + 1) * 20
    return said > 1000 && said < 1300 ? 1300 - said : 0
  })
  assertNear(clicksIn(recorded(packets, 5200)), clicks, 5)
})

test('a clock that drifts by 500 ppm is followed, ahead and behind', () => {
  const seconds = 60
  const times = Array.from({ length: seconds }, (_, i) => i * 1000 + 500)
  const long = clicksAt(seconds * 1000, ...times)
  for (const drift of [1.0005, 0.9995]) {
    const packets = stream(long, () => 0).map((one) => ({ ...one, at: one.at * drift }))
    const pcm = recorded(packets, seconds * 1000 + 500)
    assertNear(
      clicksIn(pcm),
      times.map((time) => time * drift),
      12,
    )
  }
})

test('numbering that jumps by hours begins a new stretch at the time of the clock', () => {
  const packets = [...stream(clicksAt(1000, 500), () => 0)]
  const later = stream(clicksAt(1000, 100), () => 0, 1000)
  const jump = { ...later[0]!, pause: 3_600_000 }
  assertNear(clicksIn(recorded([...packets, jump, ...later.slice(1)], 2500)), [500, 1100], 2)
})

test('a first packet that comes late is put right by those that follow', () => {
  const packets = stream(sound, (i) => (i === 0 ? 80 : 0))
  assertNear(clicksIn(recorded(packets, 5000)), clicks, 2)
})

test('sound of another rate is brought to that of the file, its delay taken off', () => {
  const track = new RecordTrack(8000, 0, 100)
  for (let i = 0; i < 50; i++) {
    const pcm = new Int16Array(320)
    if (i === 25) pcm.fill(20000, 0, 80)
    track.push(pcm, 16000, 200 + (i + 1) * 20)
  }
  const all = new Int16Array(9600)
  track.take(all, 9600)
  const [click = 0] = clicksIn(all)
  assert.ok(Math.abs(click - 700) < 2, `click at ${click}`)
})

test('sound that came after its time was taken is dropped and counted', () => {
  const track = new RecordTrack(8000, 0, 60)
  const frame = new Int16Array(160).fill(1000)
  track.push(frame, 8000, 20)
  const piece = new Int16Array(8000)
  track.take(piece, 8000)
  for (let i = 1; i < 4; i++) track.push(frame, 8000, 100 + i)
  assert.ok(track.dropped > 0)
})
