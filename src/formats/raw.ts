/**
 * Files without a header: the extension says everything. `raw`, `sln` and `r8` are 16-bit samples at 8000 Hz, `r16` and
 * `sln16` at 16000 and so on, `ul` and `al` the octets of G.711.
 */
import { aLaw, muLaw } from '../codecs/g711.ts'
import { readable } from './byte-stream.ts'
import { FileSink, openToWrite } from './file-sink.ts'
import { type AudioSink, type AudioSource, type FileFormat, flushSize } from './format.ts'
import { openToRead } from './open-to-read.ts'
import { type Encoding, openPcm, sampleSize } from './pcm-source.ts'

type RawEncoding = Extract<Encoding, 's16' | 's24' | 's32' | 'ulaw' | 'alaw'>

/** One sample into the file's octets. */
const writers: Readonly<Record<RawEncoding, (sample: number, bytes: Buffer, at: number) => void>> =
  {
    s16(sample, bytes, at) {
      bytes[at] = sample
      bytes[at + 1] = sample >> 8
    },
    s24(sample, bytes, at) {
      bytes[at] = 0
      bytes[at + 1] = sample
      bytes[at + 2] = sample >> 8
    },
    s32(sample, bytes, at) {
      bytes[at] = 0
      bytes[at + 1] = 0
      bytes[at + 2] = sample
      bytes[at + 3] = sample >> 8
    },
    ulaw(sample, bytes, at) {
      bytes[at] = muLaw.encode[sample & 0xffff]!
    },
    alaw(sample, bytes, at) {
      bytes[at] = aLaw.encode[sample & 0xffff]!
    },
  }

/** `rate` is that of reading; `isFixed` also writes at that rate, whatever was asked for. */
function rawFormat(
  extensions: readonly string[],
  rate: number,
  encoding: RawEncoding,
  isFixed = true,
): FileFormat {
  const step = sampleSize[encoding]
  return {
    extensions,
    async read(path): Promise<AudioSource> {
      const file = await openToRead(path)
      const end = (await file.stat()).size
      return openPcm(readable(file), path, { encoding, channels: 1, rate, start: 0, end })
    },
    async write(path, asked, channels, append, options = {}): Promise<AudioSink> {
      const mode = append ? 'append' : options.over ? 'over' : 'truncate'
      const file = await openToWrite(path, mode)
      const written = isFixed ? rate : asked
      const length = append ? (await file.stat()).size : 0
      const size = flushSize(options, written * channels * step)
      const sink = new FileSink(file, path, length - (length % step), size)
      const put = writers[encoding]
      return {
        rate: written,
        channels,
        get failure() {
          return sink.failure
        },
        write(pcm) {
          if (sink.isFull) return false
          const bytes = sink.room(pcm.length * step)
          if (bytes)
            for (let i = 0, at = 0; i < pcm.length; i++, at += step) put(pcm[i]!, bytes, at)
          return true
        },
        close: () => sink.close(),
      }
    },
  }
}

export const rawFormats: readonly FileFormat[] = [
  // A file of this name says nothing about its rate: it is written at the rate asked for.
  rawFormat(['raw'], 8000, 's16', false),
  rawFormat(['r8', 'sln', 'sln8'], 8000, 's16'),
  rawFormat(['r16', 'sln16'], 16000, 's16'),
  rawFormat(['r24'], 24000, 's24'),
  rawFormat(['sln24'], 24000, 's16'),
  rawFormat(['r32'], 32000, 's32'),
  rawFormat(['sln32'], 32000, 's16'),
  rawFormat(['sln48'], 48000, 's16'),
  rawFormat(['ul', 'ulaw'], 8000, 'ulaw'),
  rawFormat(['al', 'alaw'], 8000, 'alaw'),
]
