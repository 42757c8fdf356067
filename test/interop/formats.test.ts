/** Sound files of every kind, made by other programs: what is heard is what was put in. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { openForReading, openForWriting } from '../../src/formats/index.ts'
import { amplitudeAt } from '../support/levels.ts'
import { skipWithout } from '../support/programs.ts'
import { readAll, temporaryFolder } from '../support/sound.ts'

/** A tone of 500 Hz at about half of full scale for this long. */
const seconds = 3
const input = ['-f', 'lavfi', '-i', `sine=frequency=500:duration=${seconds}`, '-af', 'volume=4']

function ffmpeg(path: string, ...more: string[]): void {
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...input, ...more, path])
}

function sox(path: string, rate: number, channels: number, ...more: string[]): void {
  const sound = ['synth', String(seconds), 'sine', '500', 'gain', '-6']
  execFileSync('sox', ['-n', '-r', String(rate), '-c', String(channels), ...more, path, ...sound])
}

interface Kind {
  readonly name: string
  readonly file: string
  readonly program: string
  readonly make: (path: string) => void
  /** How far off the length may be, seconds: packed sound has edges. */
  readonly slack?: number
}

const kinds: Kind[] = []

function add(program: string, name: string, file: string, make: Kind['make'], slack = 0.001) {
  kinds.push({ program, name, file, make, slack })
}

for (const [coder, rates] of [
  ['pcm_u8', [8000, 16000]],
  ['pcm_s16le', [8000, 11025, 16000, 22050, 44100, 48000]],
  ['pcm_s24le', [8000, 48000]],
  ['pcm_s32le', [16000]],
  ['pcm_f32le', [8000, 44100]],
  ['pcm_f64le', [8000]],
  ['pcm_alaw', [8000]],
  ['pcm_mulaw', [8000]],
] as const)
  for (const rate of rates)
    for (const channels of [1, 2])
      add('ffmpeg', `WAV ${coder} ${rate} Hz ${channels} ch`, 'a.wav', (path) =>
        ffmpeg(path, '-c:a', coder, '-ar', String(rate), '-ac', String(channels)),
      )
for (const bits of ['8', '16', '24', '32'])
  for (const file of ['a.au', 'a.aiff', 'a.wav'])
    add('sox', `${file.slice(2)} ${bits} bits`, file, (path) => sox(path, 16000, 2, '-b', bits))
for (const law of ['a-law', 'u-law'])
  for (const file of ['a.au', 'a.aifc', 'a.wav'])
    add('sox', `${file.slice(2)} ${law}`, file, (path) => sox(path, 8000, 1, '-e', law))
add('sox', 'au of floats', 'a.au', (path) => sox(path, 44100, 1, '-e', 'float', '-b', '32'))
add('ffmpeg', 'AIFF-C sowt', 'a.aiff', (path) => ffmpeg(path, '-c:a', 'pcm_s16le', '-ar', '8000'))
for (const [rate, channels, kbits] of [
  [8000, 1, 16],
  [16000, 1, 32],
  [22050, 2, 64],
  [44100, 1, 64],
  [44100, 2, 128],
  [48000, 2, 192],
] as const)
  add(
    'ffmpeg',
    `MP3 ${rate} Hz ${channels} ch ${kbits} kbit/s`,
    'a.mp3',
    (path) => ffmpeg(path, '-ar', String(rate), '-ac', String(channels), '-b:a', `${kbits}k`),
    0.1,
  )
add('ffmpeg', 'MP3 at a varying rate', 'a.mp3', (path) => ffmpeg(path, '-q:a', '5'), 0.1)
add(
  'ffmpeg',
  'MP3 without any tag',
  'a.mp3',
  (path) => ffmpeg(path, '-write_xing', '0', '-id3v2_version', '0', '-b:a', '64k'),
  0.15,
)
for (const [channels, frame] of [
  [1, '20'],
  [2, '20'],
  [1, '60'],
] as const)
  add('ffmpeg', `Ogg Opus ${channels} ch, ${frame} ms`, 'a.opus', (path) =>
    ffmpeg(path, '-c:a', 'libopus', '-ac', String(channels), '-frame_duration', frame),
  )
add('opusenc', 'Ogg Opus of opusenc', 'a.ogg', (path) => {
  sox(`${path}.wav`, 16000, 1, '-b', '16')
  execFileSync('opusenc', ['--quiet', `${path}.wav`, path])
})
for (const [rate, channels] of [
  [8000, 1],
  [44100, 2],
] as const)
  add('oggenc', `Ogg Vorbis ${rate} Hz ${channels} ch`, 'a.ogg', (path) => {
    sox(`${path}.wav`, rate, channels, '-b', '16')
    execFileSync('oggenc', ['-Q', '-o', path, `${path}.wav`])
  })
add('sox', 'raw u-law (.ul)', 'a.ul', (path) => sox(path, 8000, 1, '-t', 'ul'))
add('sox', 'raw A-law (.al)', 'a.al', (path) => sox(path, 8000, 1, '-t', 'al'))
add('sox', 'raw PCMU', 'a.PCMU', (path) => sox(path, 8000, 1, '-t', 'ul'))
add('sox', 'raw PCMA', 'a.PCMA', (path) => sox(path, 8000, 1, '-t', 'al'))
add('sox', 'signed linear 16 kHz', 'a.sln16', (path) =>
  sox(path, 16000, 1, '-t', 'raw', '-e', 'signed', '-b', '16'),
)
add('sox', 'raw GSM', 'a.GSM', (path) => sox(path, 8000, 1, '-t', 'gsm'), 0.03)
add('ffmpeg', 'raw G.722', 'a.G722', (path) => ffmpeg(path, '-ar', '16000', '-f', 'g722'), 0.03)

for (const kind of kinds) {
  const skip = skipWithout('sox', kind.program)
  test(`${kind.name} sounds as it was made, as long as it was, and seeks`, { skip }, async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, kind.file)
    kind.make(path)
    const source = await openForReading(path, 8000)
    const { rate } = source
    const heard = await readAll(source)
    const slack = (kind.slack ?? 0) * rate + 1
    assert.ok(Math.abs(heard.length - seconds * rate) <= slack, `${heard.length / rate} s`)
    if (source.length !== undefined)
      assert.ok(Math.abs(source.length - heard.length) <= slack * 1.5, `says ${source.length}`)
    const amplitude = amplitudeAt(heard, 500, rate, rate, rate * 2)
    assert.ok(amplitude > 11000 && amplitude < 18000, `an amplitude of ${amplitude}`)
    assert.ok(purityOf(heard, rate) > 0.97, `a purity of ${purityOf(heard, rate)}`)
    assert.ok(source.seek)
    source.seek(rate * 2)
    const rest = await readAll(source)
    assert.ok(Math.abs(rest.length - rate) <= slack + rate * 0.03, `${rest.length / rate} s left`)
    // GSM foretells a steady tone from its past, which a jump takes away: speech comes back at once, a tone does not.
    if (kind.file !== 'a.GSM')
      assert.ok(
        amplitudeAt(rest, 500, rate, Math.round(rate / 4), Math.round((rate * 3) / 4)) > 11000,
      )
    source.close()
  })
}

/** How much of the second second is the tone. */
function purityOf(samples: Int16Array, rate: number): number {
  let power = 0
  for (let i = rate; i < rate * 2; i++) power += (samples[i] ?? 0) ** 2
  return amplitudeAt(samples, 500, rate, rate, rate * 2) ** 2 / 2 / (power / rate)
}

test('what is written can be read by others', {
  skip: skipWithout('sox'),
}, async () => {
  await using folder = await temporaryFolder()
  for (const file of ['a.wav', 'a.au', 'a.sln', 'a.ul', 'a.al', 'a.GSM']) {
    const path = join(folder.path, file)
    const sink = await openForWriting(path, 8000)
    for (let at = 0; at < 50; at++)
      sink.write(
        Int16Array.from({ length: 160 }, (_, i) =>
          Math.round(10000 * Math.sin((2 * Math.PI * 500 * (at * 160 + i)) / 8000)),
        ),
      )
    await sink.close()
    const raw = ['sln'].includes(file.slice(2)) ? ['-t', 'raw', '-e', 'signed', '-b', '16'] : []
    const type = file.endsWith('GSM') ? ['-t', 'gsm'] : raw
    const shape = /\.(wav|au)$/.test(file) ? [] : ['-r', '8000', '-c', '1']
    const out = execFileSync('sox', [
      ...type,
      ...shape,
      path,
      '-t',
      'raw',
      '-e',
      'signed',
      '-b',
      '16',
      '-',
    ])
    const samples = new Int16Array(out.buffer, out.byteOffset, out.length / 2)
    assert.equal(samples.length, 8000, file)
    assert.ok(Math.abs(amplitudeAt(samples, 500, 8000) - 10000) < 500, file)
  }
})
