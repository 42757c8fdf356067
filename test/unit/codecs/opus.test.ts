import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Coder } from '../../../src/codecs/codec.ts'
import { opus, opusWith } from '../../../src/codecs/opus.ts'
import {
  defaultOpusSettings,
  opusEncoderSettings,
  opusEncoding,
} from '../../../src/codecs/opus-settings.ts'

const frame = 960

/** Frame `index` of something like a voice: a gliding tone with overtones, and a little noise. */
function voice(index: number): Int16Array {
  return Int16Array.from({ length: frame }, (_, i) => {
    const at = (index * frame + i) / 48000
    const turn = 2 * Math.PI * (150 * at + 8 * Math.sin(at * 3))
    const loud = 0.6 + 0.4 * Math.sin(at * 7)
    const noise = (Math.imul(index * frame + i, 2654435761) >>> 16) / 65536 - 0.5
    return 5000 * loud * (Math.sin(turn) + 0.5 * Math.sin(3 * turn)) + 300 * noise
  })
}

function packets(coder: Coder, count: number): Uint8Array[] {
  const room = new Uint8Array(1500)
  return Array.from({ length: count }, (_, i) => room.slice(0, coder.encode(voice(i), room)))
}

/** RFC 6716 section 3.1: the configuration number of a packet. */
function configuration(packet: Uint8Array): number {
  return packet[0]! >> 3
}

test('what we offer says what we like to receive', () => {
  assert.equal(
    opus.offer?.(20),
    'useinbandfec=1; maxaveragebitrate=30000; maxplaybackrate=48000; minptime=10; maxptime=40',
  )
  const narrow = opusWith({
    ...defaultOpusSettings,
    playbackRate: 8000,
    skipsSilence: true,
    isConstantRate: true,
    asksErrorCorrection: false,
  })
  assert.equal(
    narrow.offer?.(20),
    'useinbandfec=0; usedtx=1; cbr=1; maxaveragebitrate=14000; maxplaybackrate=8000; minptime=10; maxptime=40',
  )
})

test('we send no more than they can make use of (RFC 7587 section 6.1)', () => {
  const of = (theirs: string, ours = '') => opusEncoding(theirs, ours)
  assert.equal(of('').bitRate, 30000)
  assert.equal(of('maxaveragebitrate=20000').bitRate, 20000)
  assert.equal(of('maxaveragebitrate=510000').bitRate, 30000)
  assert.equal(of('maxaveragebitrate=510000', 'bitrate=64000').bitRate, 64000)
  for (const outside of ['5999', '510001', '-1', 'many', '']) {
    assert.equal(of(`maxaveragebitrate=${outside}`).bitRate, 30000)
  }
  assert.deepEqual(
    [of('maxplaybackrate=8000').bandwidth, of('MaxPlaybackRate = 16000 ').bandwidth],
    [8000, 16000],
  )
  assert.equal(of('maxplaybackrate=44100').bandwidth, 24000)
  assert.equal(of('maxplaybackrate=16000', 'sprop-maxcapturerate=12000').bandwidth, 12000)
  assert.equal(of('maxplaybackrate=8000').bitRate, 14000)
  assert.deepEqual(
    [of('').hasErrorCorrection, of('useinbandfec=1').hasErrorCorrection],
    [false, true],
  )
  assert.equal(of('', 'usedtx=1').skipsSilence, true)
  assert.equal(of('usedtx=0', 'usedtx=1').skipsSilence, false)
  assert.equal(of('cbr=1').isConstantRate, true)
})

test('settings of opus.conf reach the encoder', () => {
  const ours = opusEncoderSettings({
    ...defaultOpusSettings,
    complexity: 9,
    lossPercent: 3,
    bitRate: 12000,
    captureRate: 16000,
  })
  const encoding = opusEncoding('useinbandfec=1', ours)
  assert.deepEqual(
    [encoding.complexity, encoding.lossPercent, encoding.bitRate, encoding.bandwidth],
    [9, 3, 12000, 16000],
  )
})

test('the bandwidth and the average rate are kept', () => {
  const narrow = packets(opus.open('maxplaybackrate=8000;maxaveragebitrate=12000'), 50)
  assert.ok(narrow.every((packet) => configuration(packet) < 4))
  const octets = narrow.reduce((sum, packet) => sum + packet.length, 0)
  assert.ok(octets * 8 < 12500, `${octets}`)
  const constant = packets(opus.open('cbr=1'), 20)
  assert.equal(new Set(constant.map((packet) => packet.length)).size, 1)
})

test('with usedtx=1 most of silence is not sent, and without it all is', () => {
  const sent = (fmtp: string) => {
    const coder = opus.open(fmtp)
    let count = 0
    for (let i = 0; i < 100; i++) {
      if (coder.encode(new Int16Array(frame), new Uint8Array(1500)) > 0) count++
    }
    return count
  }
  assert.ok(sent('usedtx=1') < 30)
  assert.equal(sent(''), 100)
})

test('a decoder gives sound of the rate that its listener has', () => {
  const sent = packets(opus.open(''), 60)
  const at = (rate: number) => {
    const coder = opus.open('')
    coder.decodeAt!(rate)
    const samples = rate / 50
    const heard = new Int16Array(60 * samples)
    for (const [i, packet] of sent.entries()) {
      const into = heard.subarray(i * samples, (i + 1) * samples)
      if (i % 20 === 19) assert.equal(coder.conceal!(into), samples)
      else assert.equal(coder.decode(packet, into), samples)
    }
    return heard
  }
  const power = (pcm: Int16Array) => pcm.reduce((sum, sample) => sum + sample ** 2, 0) / pcm.length
  const full = power(at(48000))
  for (const rate of opus.sampleRates!)
    assert.ok(Math.abs(10 * Math.log10(power(at(rate)) / full)) < 0.5, `${rate}`)
})

test('an encoder keeps its settings when the rate of its sound changes', () => {
  const coder = opus.open('maxplaybackrate=8000;cbr=1;maxaveragebitrate=12000')
  const room = new Uint8Array(1500)
  const size = coder.encode(voice(0), room)
  for (const rate of opus.sampleRates!) {
    coder.encodeAt!(rate)
    assert.equal(coder.encode(new Int16Array(rate / 50), room), size)
    assert.ok(configuration(room) < 4)
  }
})

for (const ptime of [30, 50]) {
  test(`${ptime} ms are frames of 10 ms in one packet (RFC 6716 section 3.2.5)`, () => {
    const samples = 48 * ptime
    const said = new Int16Array(samples * 20)
    for (let at = 0, i = 0; at < said.length; at += frame, i++)
      said.set(voice(i).subarray(0, Math.min(frame, said.length - at)), at)
    for (const fmtp of ['', 'maxplaybackrate=8000']) {
      const [one, other] = [opus.open(fmtp), opus.open('')]
      const room = new Uint8Array(1500)
      let [signal, noise] = [0, 0]
      for (let i = 0; i < 20; i++) {
        const octets = one.encode(said.subarray(i * samples, (i + 1) * samples), room)
        assert.equal(room[0]! & 3, 3)
        assert.equal(room[1]! & 0x3f, ptime / 10)
        const heard = new Int16Array(samples)
        assert.equal(other.decode(room.subarray(0, octets), heard), samples)
        if (i < 5) continue
        for (const [k, sample] of heard.entries()) {
          signal += said[i * samples + k]! ** 2
          noise += sample ** 2
        }
      }
      assert.ok(Math.abs(10 * Math.log10(noise / signal)) < 1)
    }
  })
}

test('stereo comes out as mono', () => {
  const room = new Int16Array(frame)
  // A packet of stereo silence: CELT, fullband, 20 ms, the bit for two channels set.
  assert.equal(opus.open('').decode(Uint8Array.of(0xfc, 0xff, 0xfe), room), frame)
})

test('a bad packet gives as much concealment as the last one was long, and is counted', () => {
  const coder = opus.open('')
  const room = new Int16Array(5760)
  for (const packet of packets(opus.open(''), 10)) coder.decode(packet, room)
  assert.equal(coder.decode(Uint8Array.of(0xff, 0xff, 0x03), room), frame)
  assert.ok(room.subarray(0, frame).some((sample) => Math.abs(sample) > 100))
  assert.equal(coder.decode(new Uint8Array(5000), room), frame)
  assert.equal(coder.badPackets, 2)
})

test('a lost packet is recovered from the next one better than it is made up', () => {
  const sent = packets(opus.open('useinbandfec=1', 'packet-loss-percent=20'), 200)
  const decoders = { whole: opus.open(''), recovered: opus.open(''), concealed: opus.open('') }
  let signal = 0
  const noise = { recovered: 0, concealed: 0 }
  for (const [i, packet] of sent.entries()) {
    const whole = new Int16Array(frame)
    decoders.whole.decode(packet, whole)
    for (const way of ['recovered', 'concealed'] as const) {
      const heard = new Int16Array(frame)
      const next = sent[i + 1]
      if (i % 10 !== 9 || !next) decoders[way].decode(packet, heard)
      else if (way === 'recovered') assert.equal(decoders[way].recover!(next, heard), frame)
      else decoders[way].conceal!(heard)
      if (i % 10 === 9) noise[way] += heard.reduce((sum, s, at) => sum + (s - whole[at]!) ** 2, 0)
    }
    if (i % 10 === 9) signal += whole.reduce((sum, sample) => sum + sample ** 2, 0)
  }
  const ratio = (part: number) => 10 * Math.log10(signal / part)
  assert.ok(ratio(noise.recovered) > 5, `${ratio(noise.recovered)}`)
  assert.ok(
    ratio(noise.recovered) > ratio(noise.concealed) + 3,
    `${ratio(noise.recovered)} against ${ratio(noise.concealed)}`,
  )
})

test('recovery from what holds nothing is concealment, of any length', () => {
  const coder = opus.open('')
  for (const packet of packets(opus.open(''), 5)) coder.decode(packet, new Int16Array(frame))
  for (const length of [1, 119, 960, 1000, 7000]) {
    assert.equal(coder.recover!(Uint8Array.of(0xf8, 0xff, 0xfe), new Int16Array(length)), length)
    assert.equal(coder.recover!(new Uint8Array(0), new Int16Array(length)), length)
  }
})

test('many decoders at once keep their own state while the memory below them grows', () => {
  const sent = packets(opus.open(''), 4)
  const alone = new Int16Array(frame)
  const judge = opus.open('')
  for (const packet of sent) judge.decode(packet, alone)
  const all = Array.from({ length: 300 }, () => opus.open(''))
  const heard = new Int16Array(frame)
  for (const packet of sent) {
    for (const coder of all) coder.decode(packet, heard)
  }
  for (const coder of all) {
    coder.conceal!(new Int16Array(120))
  }
  assert.deepEqual(heard, alone)
})
