/** Our codecs beside those of libspandsp, ffmpeg and opus-tools: packets of each decoded by the other. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findCodec } from '../../src/codecs/index.ts'
import { oggOf, packetsOf } from './ogg-opus.ts'
import { root, skipWithout } from './programs.ts'
import { atRate, compareSpeech, delayOf, type SpeechQuality, speech } from './speech-quality.ts'

/** Another implementation of a codec: octets without anything around them. */
interface Judge {
  /** Undefined where there is no other encoder. */
  readonly encode?: (pcm: Int16Array) => Buffer
  readonly decode: (octets: Buffer) => Int16Array
}

/** A codec and who it is put before. */
export interface Judged {
  /** As the table shows it. */
  readonly title: string
  readonly codec: string
  readonly clockRate?: number
  readonly fmtp?: string
  /** Packet time, ms. */
  readonly ptime: number
  readonly by: 'spandsp' | 'ffmpeg'
  readonly judge: Judge
}

const spandspCodecs = ['PCMU', 'PCMA', 'G722', 'GSM'].concat(
  [16, 24, 32, 40].flatMap((rate) => [`G726-${rate}`, `AAL2-G726-${rate}`]),
)

export const judged: readonly Judged[] = [
  ...spandspCodecs.map(
    (codec): Judged => ({ title: codec, codec, ptime: 20, by: 'spandsp', judge: spandsp(codec) }),
  ),
  ...[8000, 16000, 48000].map(
    (clockRate): Judged => ({
      title: `L16 ${clockRate}`,
      codec: 'L16',
      clockRate,
      ptime: 20,
      by: 'ffmpeg',
      judge: {
        encode: (pcm) =>
          ffmpeg(['-f', 's16le', '-ac', '1', '-i', 'pipe:0', '-f', 's16be'], octetsOf(pcm)),
        decode: (octets) =>
          samplesOf(ffmpeg(['-f', 's16be', '-ac', '1', '-i', 'pipe:0', '-f', 's16le'], octets)),
      },
    }),
  ),
  ...([20, 30] as const).map(
    (ptime): Judged => ({
      title: `iLBC ${ptime} ms`,
      codec: 'iLBC',
      fmtp: `mode=${ptime}`,
      ptime,
      by: 'ffmpeg',
      judge: {
        decode: (octets) =>
          samplesOf(
            ffmpeg(
              ['-f', 'ilbc', '-i', 'pipe:0', '-f', 's16le'],
              Buffer.concat([Buffer.from(`#!iLBC${ptime}\n`), octets]),
            ),
          ),
      },
    }),
  ),
]

let spandspProgram = ''

/** Why libspandsp cannot judge here: false when it can, else what to install. */
export function skipWithoutSpandsp(): string | false {
  const folders = ['.', ...readdirSync('/usr/include')]
  if (folders.some((folder) => existsSync(join('/usr/include', folder, 'spandsp.h'))))
    return skipWithout('gcc')
  return 'spandsp.h is not there (apt-get install libspandsp-dev)'
}

function spandsp(codec: string): Judge {
  const run = (way: string, input: Uint8Array): Buffer => {
    if (spandspProgram === '') {
      const folder = mkdtempSync(join(tmpdir(), 'spandsp-'))
      process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
      const source = join(root, 'test/interop/spandsp-judge.c')
      const program = join(folder, 'judge')
      execFileSync('gcc', ['-O2', '-o', program, source, '-lspandsp', '-lm'])
      spandspProgram = program
    }
    return execFileSync(spandspProgram, [way, codec], { input, maxBuffer: 1 << 28 })
  }
  return {
    encode: (pcm) => run('encode', octetsOf(pcm)),
    decode: (octets) => samplesOf(run('decode', octets)),
  }
}

/** ffmpeg with `input`; what it writes. */
function ffmpeg(args: readonly string[], input: Uint8Array): Buffer {
  return execFileSync('ffmpeg', ['-v', 'error', ...args, 'pipe:1'], {
    input,
    maxBuffer: 1 << 28,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
}

function samplesOf(octets: Buffer): Int16Array {
  return new Int16Array(Uint8Array.from(octets).buffer, 0, octets.length >> 1)
}

function octetsOf(pcm: Int16Array): Uint8Array {
  return new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength)
}

/** dB that `other` is like `pcm`; Infinity when they are the same. What only one of them has at its end is left out. */
export function signalToNoise(pcm: Int16Array, other: Int16Array): number {
  const length = Math.min(pcm.length, other.length)
  let [signal, noise] = [0, 0]
  for (let i = 0; i < length; i++) {
    signal += pcm[i]! ** 2
    noise += (pcm[i]! - other[i]!) ** 2
  }
  return noise === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(signal / noise)
}

export interface Judgement {
  /** The part of octets that both encoders make alike; undefined where there is no other encoder. */
  readonly alike: number | undefined
  /** dB between what the two decoders make of our packets, and of theirs. */
  readonly ours: number
  readonly theirs: number | undefined
  /** How our packets sound from the two decoders, one compared with the other. */
  readonly likeness: SpeechQuality
  /** Speech there and back by us alone: dB of the waveform, how it sounds, and its delay in ms. */
  readonly waveform: number
  readonly quality: SpeechQuality
  readonly delay: number
}

function qualityOf(said: Int16Array, heard: Int16Array, rate: number) {
  const most = rate / 50
  const late = delayOf(said.subarray(0, rate), heard.subarray(0, rate + most), most)
  const aligned = heard.subarray(late)
  return {
    waveform: signalToNoise(said, aligned),
    quality: compared(said, aligned, rate),
    delay: (late * 1000) / rate,
  }
}

function compared(said: Int16Array, heard: Int16Array, rate: number): SpeechQuality {
  return compareSpeech(atRate(said, rate, 8000), atRate(heard, rate, 8000))
}

/** Puts seconds of speech through both. */
export function judge(one: Judged, seconds = 4): Judgement {
  const codec = findCodec(one.codec, one.clockRate)!
  const rate = codec.sampleRate
  const said = speech(seconds, rate)
  const samples = (rate * one.ptime) / 1000
  const open = () => codec.open(one.fmtp ?? '')
  const packet = new Uint8Array(8000)
  const encoder = open()
  const packets: Buffer[] = []
  for (let at = 0; at + samples <= said.length; at += samples) {
    const octets = encoder.encode(said.subarray(at, at + samples), packet)
    packets.push(Buffer.from(packet.subarray(0, octets)))
  }
  const size = packets[0]!.length
  const ours = Buffer.concat(packets)
  const decodeOurs = (octets: Buffer) => {
    const decoder = open()
    const heard = new Int16Array(Math.floor(octets.length / size) * samples)
    for (let i = 0; i * samples < heard.length; i++)
      decoder.decode(
        octets.subarray(i * size, (i + 1) * size),
        heard.subarray(i * samples, (i + 1) * samples),
      )
    return heard
  }
  const { encode, decode } = one.judge
  const heard = decodeOurs(ours)
  let alike: number | undefined
  let theirs: number | undefined
  if (encode) {
    const made = encode(said)
    let same = 0
    for (const [i, octet] of made.entries()) if (octet === ours[i]) same++
    alike = same / made.length
    theirs = signalToNoise(decode(made), decodeOurs(made))
  }
  const other = decode(ours)
  // Our decoder of iLBC has an enhancer, which is late; ffmpeg's has none.
  const late = delayOf(other.subarray(0, rate), heard.subarray(0, rate + rate / 50), rate / 50)
  return {
    alike,
    ours: signalToNoise(other, heard.subarray(late)),
    likeness: compared(other, heard.subarray(late), rate),
    theirs,
    ...qualityOf(said, heard, rate),
  }
}

/** The same for Opus at parameters `fmtp`: opusdec, and opusenc with `bitRate` bits a second. */
export function judgeOpus(fmtp: string, bitRate: number, seconds = 4): Judgement {
  const codec = findCodec('opus')!
  const said = speech(seconds, 48000)
  const encoder = codec.open(fmtp)
  const room = new Uint8Array(1500)
  const packets: Buffer[] = []
  for (let at = 0; at + 960 <= said.length; at += 960)
    packets.push(Buffer.from(room.subarray(0, encoder.encode(said.subarray(at, at + 960), room))))
  const run = (program: string, args: readonly string[], input: Uint8Array) =>
    execFileSync(program, ['--quiet', ...args, '-', '-'], {
      input,
      maxBuffer: 1 << 28,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
  const decodeTheirs = (file: Buffer) =>
    samplesOf(run('opusdec', ['--rate', '48000', '--no-dither', '--force-stereo'], file)).filter(
      (_, i) => i % 2 === 0,
    )
  const decodeOurs = (all: readonly Uint8Array[]) => {
    const decoder = codec.open(fmtp)
    const heard = new Int16Array(all.length * 960)
    for (const [i, one] of all.entries())
      decoder.decode(one, heard.subarray(i * 960, i * 960 + 960))
    return heard
  }
  const heard = decodeOurs(packets)
  const raw = ['--raw', '--raw-rate', '48000', '--raw-chan', '1', '--speech']
  const made = run('opusenc', [...raw, '--bitrate', `${bitRate / 1000}`], octetsOf(said))
  const [a, b] = [decodeTheirs(made), decodeOurs(packetsOf(made))]
  // The beginning that the file says is not to be heard is left out by opusdec.
  const skipped = delayOf(a.subarray(0, 48000), b.subarray(0, 50000), 1000)
  const other = decodeTheirs(oggOf(packets, 960))
  return {
    alike: undefined,
    ours: signalToNoise(other, heard),
    likeness: compared(other, heard, 48000),
    theirs: signalToNoise(a, b.subarray(skipped)),
    ...qualityOf(said, heard, 48000),
  }
}
