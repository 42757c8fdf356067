/**
 * A picture of a recording: time to the right, frequency upwards, one band for each channel, the left one above.
 * Run it built: `node .build/tools/session/spectrogram.js RECORDING.wav PICTURE.png`.
 */
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { channelOf, wavChunks } from '../../test/support/wav.ts'
import { transform } from '../fft.ts'
import { type Colour, Picture } from './png.ts'

/** Samples of one spectrum; a power of two: 64 ms at 8 kHz. */
const size = 512
const margin = 30
const bandHeight = size / 2
/** What is this much below the loudest is black, dB. */
const range = 70

const background: Colour = [24, 24, 28]
const ink: Colour = [200, 200, 200]
/** From nothing to the loudest: black, violet, red, orange, yellow, white. */
const scale: readonly Colour[] = [
  [0, 0, 0],
  [40, 11, 84],
  [101, 21, 110],
  [159, 42, 99],
  [212, 72, 66],
  [245, 125, 21],
  [250, 193, 39],
  [252, 255, 220],
]

/** The picture of all channels of a 16-bit WAV file, `width` points of it for the sound. */
export function spectrogram(path: string, width = 1600): Buffer {
  const format = wavChunks(path).find(({ name }) => name === 'fmt ')
  if (!format) throw new Error(`${path} is no WAV file`)
  const channels = format.body.readUInt16LE(2)
  const rate = format.body.readUInt32LE(4)
  const picture = new Picture(width + margin, channels * (bandHeight + 6) + margin, background)
  let seconds = 0
  for (let channel = 0; channel < channels; channel++) {
    const samples = channelOf(path, channel)
    seconds = samples.length / rate
    const top = channel * (bandHeight + 6)
    drawBand(picture, samples, top, width)
    for (let khz = 1; khz < rate / 2000; khz++) {
      const y = top + bandHeight - Math.round((khz * 1000 * size) / rate)
      picture.write(`${khz}k`, 4, y - 5, ink)
      for (let x = margin - 5; x < margin; x++) picture.set(x, y, ink)
    }
  }
  drawTime(picture, seconds, width, channels * (bandHeight + 6))
  return picture.png()
}

function drawBand(picture: Picture, samples: Int16Array, top: number, width: number): void {
  const real = new Float64Array(size)
  const imaginary = new Float64Array(size)
  const step = Math.max(1, (samples.length - size) / width)
  for (let x = 0; x < width; x++) {
    const from = Math.floor(x * step)
    for (let i = 0; i < size; i++) {
      const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size) // Hann
      real[i] = ((samples[from + i] ?? 0) / 32768) * window
    }
    imaginary.fill(0)
    transform(real, imaginary)
    for (let bin = 0; bin < size / 2; bin++) {
      const power = (real[bin] ?? 0) ** 2 + (imaginary[bin] ?? 0) ** 2
      // A full sine under this window has the power (size / 4)².
      const level = 10 * Math.log10(power / (size / 4) ** 2 + 1e-12)
      picture.set(margin + x, top + bandHeight - 1 - bin, colourOf(1 + level / range))
    }
  }
}

function colourOf(share: number): Colour {
  const at = Math.min(0.999, Math.max(0, share)) * (scale.length - 1)
  const low = scale[Math.floor(at)] ?? background
  const high = scale[Math.floor(at) + 1] ?? low
  const part = at - Math.floor(at)
  const mix = (a: number, b: number) => Math.round(a + (b - a) * part)
  return [mix(low[0], high[0]), mix(low[1], high[1]), mix(low[2], high[2])]
}

/** A mark every few seconds, with minutes and seconds below it. */
function drawTime(picture: Picture, seconds: number, width: number, top: number): void {
  const every = [1, 2, 5, 10, 20, 30, 60].find((step) => (step / seconds) * width >= 60) ?? 120
  for (let at = 0; at <= seconds; at += every) {
    const x = margin + Math.round((at / seconds) * width)
    for (let y = top - 4; y < top + 2; y++) picture.set(x, y, ink)
    const text = `${Math.floor(at / 60)}:${String(at % 60).padStart(2, '0')}`
    picture.write(text, x - 14, top + 6, ink)
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [wav, png] = process.argv.slice(2)
  if (!wav || !png) {
    process.stderr.write('spectrogram RECORDING.wav PICTURE.png\n')
    process.exit(2)
  }
  writeFileSync(png, spectrogram(wav))
}
