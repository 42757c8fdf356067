/**
 * What our codecs cost and how they sound: `npx tsx tools/bench/codecs.ts`. Prints tables in Markdown; the same figures have
 * thresholds in test/interop/codecs.test.ts, test/unit/media/codec-chain.test.ts and test/unit/media/resampler.test.ts.
 * Wants libspandsp-dev, gcc, ffmpeg and opus-tools; what is missing is left out of the table.
 */
import { codecs, findCodec } from '../../src/codecs/index.ts'
import { Resampler } from '../../src/formats/resampler.ts'
import { chain, legCodec } from '../../test/support/codec-chain.ts'
import {
  type Judgement,
  judge,
  judged,
  judgeOpus,
  skipWithoutSpandsp,
} from '../../test/support/codec-judges.ts'
import { amplitudeAt, levelOf, sine } from '../../test/support/levels.ts'
import { skipWithout } from '../../test/support/programs.ts'
import { atRate, compareSpeech, delayOf, speech } from '../../test/support/speech-quality.ts'

const write = (line: string) => process.stdout.write(`${line}\n`)
const row = (...cells: readonly (string | number)[]) => write(`| ${cells.join(' | ')} |`)

function table(...heads: readonly string[]): void {
  write('')
  row(...heads)
  row(...heads.map(() => '---'))
}

/** µs of CPU for each call, the least of some rounds: others on the machine only add to it. */
function cost(work: (round: number) => void): number {
  const calls = 1500
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < 6; round++) {
    const before = process.cpuUsage()
    for (let i = 0; i < calls; i++) work(i)
    const { user, system } = process.cpuUsage(before)
    if (round > 0) least = Math.min(least, (user + system) / calls)
  }
  return least
}

/** µs to encode and to decode 20 ms of speech. */
function costOf(name: string, clockRate: number, fmtp: string, ptime: number, rate?: number) {
  const codec = findCodec(name, clockRate)!
  const coder = codec.open(fmtp)
  if (rate !== undefined) {
    coder.encodeAt?.(rate)
    coder.decodeAt?.(rate)
  }
  const samples = ((rate ?? codec.sampleRate) * ptime) / 1000
  const said = speech(2, rate ?? codec.sampleRate)
  const frames = Array.from({ length: 2000 / ptime - 1 }, (_, i) =>
    said.subarray(i * samples, (i + 1) * samples),
  )
  const room = new Uint8Array(8000)
  const packets = frames.map((frame) => room.slice(0, coder.encode(frame, room)))
  const heard = new Int16Array(samples)
  const share = 20 / ptime
  return {
    encode: share * cost((i) => coder.encode(frames[i % frames.length]!, room)),
    decode: share * cost((i) => coder.decode(packets[i % packets.length]!, heard)),
  }
}

const decibels = (value: number | undefined) => {
  if (value === undefined) return '–'
  return value === Number.POSITIVE_INFINITY ? 'exact' : `${value.toFixed(0)} dB`
}

function judgedRow(
  title: string,
  by: string,
  found: Judgement,
  us: { encode: number; decode: number },
) {
  const { intelligibility, distance } = found.quality
  row(
    title,
    by,
    found.alike === undefined ? '–' : `${(found.alike * 100).toFixed(1)} %`,
    decibels(found.ours),
    decibels(found.theirs),
    found.waveform === Number.POSITIVE_INFINITY ? 'exact' : found.waveform.toFixed(1),
    intelligibility.toFixed(3),
    distance.toFixed(2),
    us.encode.toFixed(1),
    us.decode.toFixed(1),
  )
}

function codecTable(): void {
  table(
    'codec',
    'judge',
    'octets alike',
    'our packets, both decoders',
    'their packets, both decoders',
    'SNR, dB',
    'intelligibility',
    'distance, dB',
    'encode, µs',
    'decode, µs',
  )
  for (const one of judged) {
    if (one.by === 'ffmpeg' ? skipWithout('ffmpeg') : skipWithoutSpandsp()) continue
    const codec = findCodec(one.codec, one.clockRate)!
    const us = costOf(one.codec, codec.clockRate, one.fmtp ?? '', one.ptime)
    judgedRow(one.title, one.by, judge(one), us)
  }
  if (skipWithout('opusenc', 'opusdec')) return
  for (const fmtp of ['', 'maxplaybackrate=16000', 'maxplaybackrate=8000', 'useinbandfec=1']) {
    const us = costOf('opus', 48000, fmtp, 20)
    judgedRow(`opus ${fmtp}`, 'opus-tools', judgeOpus(fmtp, 24000), us)
  }
}

function rateTable(): void {
  table('codec at the rate of its peer', 'encode, µs', 'decode, µs')
  for (const codec of codecs) {
    for (const rate of codec.sampleRates ?? []) {
      const us = costOf(codec.name, codec.clockRate, '', 20, rate)
      row(`${codec.name}, ${rate} Hz`, us.encode.toFixed(1), us.decode.toFixed(1))
    }
  }
}

function resampled(pcm: Int16Array, from: number, to: number): Int16Array {
  const resampler = new Resampler(from, to)
  const made = new Int16Array(resampler.room(pcm.length))
  return made.subarray(0, resampler.process(pcm, pcm.length, made))
}

/** Level of a tone behind the resampler, dB, and of all else beside it. */
function throughResampler(hertz: number, from: number, to: number) {
  const heard = resampled(sine(hertz, from, from), from, to)
  const [start, end] = [to * 0.2, to * 0.9]
  const tone = amplitudeAt(heard, hertz, to, start, end)
  const all = levelOf(heard, start, end) * Math.SQRT2
  return { tone: 20 * Math.log10(tone / 10000), all: 20 * Math.log10((all + 1e-3) / 10000) }
}

function resamplerTable(): void {
  table(
    'rates',
    'µs for 20 ms',
    'ripple up to 0.85 of Nyquist, dB',
    'at 0.93, dB',
    'aliases, dB',
    'delay, ms',
  )
  for (const [from, to] of [
    [8000, 16000],
    [16000, 8000],
    [8000, 48000],
    [48000, 8000],
    [16000, 48000],
    [48000, 16000],
    [44100, 8000],
    [8000, 44100],
    [32000, 48000],
  ] as const) {
    const nyquist = Math.min(from, to) / 2
    const levels = Array.from({ length: 34 }, (_, i) =>
      throughResampler(Math.round((nyquist * (i + 1)) / 40), from, to),
    ).map(({ tone }) => tone)
    const edge = throughResampler(Math.round(nyquist * 0.93), from, to).tone
    const aliases = [1.03, 1.1, 1.3, 1.6, 1.9]
      .map((part) => Math.round(nyquist * part))
      .filter((hertz) => hertz < from / 2)
      .map((hertz) => throughResampler(hertz, from, to).all)
    const resampler = new Resampler(from, to)
    const pcm = speech(1, from).subarray(0, from / 50)
    const made = new Int16Array(resampler.room(pcm.length))
    row(
      `${from} → ${to}`,
      cost(() => resampler.process(pcm, pcm.length, made)).toFixed(1),
      Math.max(...levels.map(Math.abs)).toFixed(3),
      edge.toFixed(2),
      aliases.length === 0 ? '–' : Math.max(...aliases).toFixed(0),
      resampler.delayMs.toFixed(2),
    )
  }
}

function chainTable(): void {
  table('chain', 'delay, ms', 'intelligibility', 'distance, dB')
  const said = speech(8, 48000)
  const narrow = atRate(said, 48000, 8000)
  for (const names of [
    ['PCMU'],
    ['PCMU', 'PCMA'],
    ['G722', 'PCMU'],
    ['PCMU', 'G722'],
    ['opus', 'PCMU'],
    ['PCMU', 'opus'],
    ['opus', 'G722'],
    ['opus', 'G722', 'PCMU'],
    ['PCMU', 'opus', 'PCMU'],
    ['PCMU', 'G722', 'PCMU'],
    ['PCMU', 'G722', 'opus'],
    ['G722', 'opus', 'G722'],
    ['G726-32', 'G722', 'PCMU'],
    ['PCMU', 'iLBC', 'PCMU'],
    ['opus', 'GSM', 'G722'],
  ]) {
    const legs = names.map((name) => legCodec(name, name === 'iLBC' ? 30 : 20))
    const end = chain(legs, said, 48000)
    const heard = atRate(end.pcm, end.rate, 8000)
    const late = delayOf(narrow.subarray(0, 16000), heard.subarray(0, 17000), 400)
    const { intelligibility, distance } = compareSpeech(narrow, heard.subarray(late))
    row(names.join(' → '), (late / 8).toFixed(1), intelligibility.toFixed(3), distance.toFixed(2))
  }
}

codecTable()
rateTable()
resamplerTable()
chainTable()
