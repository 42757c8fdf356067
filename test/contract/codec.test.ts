/** What every codec has to keep, whichever it is. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SwitchError } from '../../src/base/errors.ts'
import type { Codec, Coder } from '../../src/codecs/codec.ts'
import { codecs } from '../../src/codecs/index.ts'

/** 120 ms of the loudest kind: L16 in stereo. */
const packetRoom = 24000

/** dB that a mixture of tones has to stand above what the codec adds; how far off the level of one tone may be, dB. */
const qualities: Readonly<Record<string, readonly [signalToNoise: number, level: number]>> = {
  PCMU: [35, 0.2],
  PCMA: [35, 0.2],
  L16: [80, 0.01],
  G722: [30, 0.2],
  'G726-16': [15, 0.1],
  'G726-24': [23, 0.1],
  'G726-32': [31, 0.1],
  'G726-40': [37, 0.1],
  GSM: [11, 0.5],
  iLBC: [6, 0.7],
  opus: [12, 0.3],
}

function frameOf(codec: Codec): number {
  return ((codec.sampleRate * codec.ptime) / 1000) * codec.channels
}

/** Frame number `index` of 300, 700 and 1150 Hz, or of the one given. */
function tones(codec: Codec, index: number, hertz: readonly number[] = [300, 700, 1150]) {
  const samples = frameOf(codec)
  return Int16Array.from({ length: samples }, (_, i) => {
    const at = Math.floor((index * samples + i) / codec.channels) / codec.sampleRate
    let sum = 0
    for (const tone of hertz) sum += Math.sin(2 * Math.PI * tone * at)
    return Math.round((8000 * sum) / hertz.length)
  })
}

/** A frame there and back, as many samples as went in. */
function through(coder: Coder, said: Int16Array): Int16Array {
  const packet = new Uint8Array(packetRoom)
  const heard = new Int16Array(said.length)
  const octets = coder.encode(said, packet)
  assert.ok(octets > 0)
  assert.equal(coder.decode(packet.subarray(0, octets), heard), said.length)
  return heard
}

/** The best signal-to-noise ratio (dB) at any delay up to 10 ms. */
function signalToNoise(codec: Codec): number {
  const coder = codec.open('')
  const frames = 50
  const samples = frameOf(codec)
  const said = new Int16Array(frames * samples)
  const heard = new Int16Array(frames * samples)
  for (let i = 0; i < frames; i++) {
    said.set(tones(codec, i), i * samples)
    heard.set(through(coder, tones(codec, i)), i * samples)
  }
  let best = -Infinity
  const from = 20 * samples
  for (let delay = 0; delay <= codec.sampleRate / 100; delay++) {
    let signal = 0
    let noise = 0
    for (let i = from; i < from + 10 * samples; i += codec.channels) {
      signal += said[i]! ** 2
      noise += (heard[i + delay * codec.channels]! - said[i]!) ** 2
    }
    best = Math.max(best, 10 * Math.log10(signal / Math.max(noise, 1)))
  }
  return best
}

/** Octets that are no packet of any codec, or might be one of any: pseudo-random, of every awkward length. */
function* garbage(): Generator<Uint8Array> {
  let seed = 7
  for (const length of [
    1, 2, 3, 5, 7, 10, 32, 33, 34, 49, 66, 99, 160, 161, 320, 640, 1277, 2999,
  ]) {
    for (let round = 0; round < 4; round++) {
      yield Uint8Array.from({ length }, () => {
        seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
        return seed >>> 24
      })
    }
  }
}

for (const codec of codecs.filter(({ passThrough }) => !passThrough)) {
  const samples = frameOf(codec)
  const [floor, tolerance] = qualities[codec.name.replace('AAL2-', '')] ?? [Infinity, 0]

  describe(`codec ${codec.name}/${codec.clockRate}/${codec.channels}`, () => {
    const hasFixedSize = codec.bitRate > 0
    if (hasFixedSize)
      test('a packet has the size that its bit rate says', () => {
        const octets = Math.round((codec.bitRate * codec.ptime) / 8000)
        const coder = codec.open('')
        const packet = new Uint8Array(octets + 100)
        assert.equal(coder.encode(new Int16Array(samples), packet), octets)
        assert.equal(
          coder.decode(packet.subarray(0, octets), new Int16Array(samples + 100)),
          samples,
        )
      })

    test('every packet time that it has comes back whole', () => {
      for (const ptime of codec.ptimes ?? [10, 20, 30, 40, 60, 120]) {
        const said = new Int16Array(((codec.sampleRate * ptime) / 1000) * codec.channels)
        through(codec.open(codec.offer?.(ptime) ?? ''), said)
      }
    })

    test('it writes no more than there is room for', () => {
      const coder = codec.open('')
      const packet = new Uint8Array(packetRoom)
      const octets = coder.encode(tones(codec, 0), packet)
      assert.ok(coder.encode(tones(codec, 1), new Uint8Array(10)) <= 10)
      assert.ok(coder.decode(packet.subarray(0, octets), new Int16Array(6)) <= 6)
    })

    test('an empty packet gives nothing', () => {
      const coder = codec.open('')
      assert.equal(coder.decode(new Uint8Array(0), new Int16Array(samples)), 0)
      assert.equal(coder.encode(new Int16Array(0), new Uint8Array(10)), 0)
    })

    test('odd lengths and garbage never throw', () => {
      const coder = codec.open('')
      const room = new Int16Array(12000)
      for (const packet of garbage()) {
        const count = coder.decode(packet, room)
        assert.ok(Number.isInteger(count) && count >= 0 && count <= room.length)
      }
      for (const length of [1, 2, 3, 79, 81, 159, 161, 959, 961, 5761]) {
        assert.ok(coder.encode(new Int16Array(length), new Uint8Array(packetRoom)) >= 0)
      }
      // And then it still works.
      for (let i = 0; i < 20; i++) through(coder, tones(codec, i))
    })

    test('format parameters that make no sense count as not given', () => {
      for (const fmtp of [';;=;x', 'mode', 'maxplaybackrate=zebra; stereo=99', 'a'.repeat(5000)]) {
        through(codec.open(fmtp, fmtp), tones(codec, 0))
      }
    })

    test('silence stays silence', () => {
      const coder = codec.open('')
      for (let i = 0; i < 5; i++) {
        const heard = through(coder, new Int16Array(samples))
        assert.ok(heard.every((sample) => Math.abs(sample) <= 16))
      }
    })

    test('a tone of 440 Hz comes back as loud as it went in', () => {
      const coder = codec.open('')
      let power = 0
      for (let frame = 0; frame < 25; frame++) {
        const heard = through(coder, tones(codec, frame, [440]))
        if (frame >= 5) for (const sample of heard) power += sample ** 2
      }
      const level = 20 * Math.log10(Math.sqrt((power * 2) / (samples * 20)) / 8000)
      assert.ok(Math.abs(level) < tolerance, `${level} dB`)
    })

    test(`three tones come back ${floor} dB above what it adds`, () => {
      const ratio = signalToNoise(codec)
      assert.ok(ratio > floor, `${ratio} dB`)
    })

    const hasConcealment = codec.open('').conceal !== undefined
    if (hasConcealment)
      test('a lost packet is made up for in full, a long loss ends in silence', () => {
        const coder = codec.open('')
        assert.equal(coder.conceal!(new Int16Array(samples)), samples, 'before anything was heard')
        for (let i = 0; i < 10; i++) through(coder, tones(codec, i))
        let power = 0
        for (let i = 0; i < 50; i++) {
          const made = new Int16Array(samples + (i % 3) * 40)
          assert.equal(coder.conceal!(made), made.length)
          power = made.reduce((sum, sample) => sum + sample ** 2, 0) / made.length
          if (i === 0) assert.ok(Math.sqrt(power) > 500, `${Math.sqrt(power)}`)
        }
        assert.ok(Math.sqrt(power) < 100, `${Math.sqrt(power)}`)
      })

    test('two calls do not share what they remember', () => {
      const noise = Int16Array.from({ length: samples }, (_, i) => ((i * 7919) % 20000) - 10000)
      const packetOf = (coder: Coder) => {
        const packet = new Uint8Array(packetRoom)
        return packet.subarray(0, coder.encode(noise, packet))
      }
      const alone = packetOf(codec.open(''))
      const [one, other] = [codec.open(''), codec.open('')]
      packetOf(one)
      assert.deepEqual(packetOf(other), alone)
    })

    test('long calls do not take more memory than short ones', () => {
      const coder = codec.open('')
      const said = tones(codec, 0)
      const packet = new Uint8Array(packetRoom)
      const heard = new Int16Array(samples)
      const run = (frames: number) => {
        const before = process.memoryUsage()
        for (let i = 0; i < frames; i++) {
          const octets = coder.encode(said, packet)
          coder.decode(packet.subarray(0, octets), heard)
        }
        const after = process.memoryUsage()
        return after.external + after.arrayBuffers - before.external - before.arrayBuffers
      }
      run(50)
      // What is held outside the heap would grow by the frame, far beyond this.
      assert.ok(run(300) < 600_000)
    })
  })
}

for (const codec of codecs.filter(({ passThrough }) => passThrough)) {
  test(`codec ${codec.name} is only passed on: it says so instead of coding`, () => {
    assert.throws(
      () => codec.open(''),
      (thrown) => thrown instanceof SwitchError && thrown.code === 'CODEC_PASS_THROUGH',
    )
  })
}
