/** Opens whatever a play or record string names: `{vol=-3}tone_stream://…`, `welcome.wav`, `file_string://a!b`. */
import { basename, dirname, extname, join } from 'node:path'
import { SwitchError } from '../base/errors.ts'
import { isThere } from '../base/is-there.ts'
import { aiff } from './aiff.ts'
import { au } from './au.ts'
import { mp3, ogg } from './decoded.ts'
import { openSequence } from './file_string.ts'
import type {
  AudioSink,
  AudioSource,
  FileFormat,
  OpenOptions,
  SoundHost,
  WriteOptions,
} from './format.ts'
import { localStream } from './local_stream.ts'
import { nativeFormats } from './native.ts'
import { splitParameters, withParameters } from './play-parameters.ts'
import { rawFormats } from './raw.ts'
import { silenceStream } from './silence_stream.ts'
import { toneStream } from './tone_stream.ts'
import { wav } from './wav.ts'

const fileString: FileFormat = {
  extensions: [],
  schemes: ['file_string'],
  read: (path, rate, { host }) =>
    // Where there is a host it was asked for what is missing, and has told so.
    openSequence(
      path,
      rate,
      (part, wish) => openForReading(part, wish, undefined, host),
      host !== undefined,
    ),
}

/** What a file is made of first (a copy, spoken text), by whoever the main side has for it. */
const web: FileFormat = {
  extensions: [],
  schemes: ['http', 'https', 'http_cache', 'tts'],
  async read(rest, rate, { host, parameters, scheme }) {
    if (!host)
      throw new SwitchError('FILE_BAD', `${scheme}://${rest} cannot be opened for this purpose`)
    return openForReading(await host.fetch(scheme, rest, parameters), rate, undefined, host)
  },
}

/** Every format that is built in. */
export const formats: readonly FileFormat[] = [
  wav,
  au,
  aiff,
  mp3,
  ogg,
  ...rawFormats,
  ...nativeFormats,
  toneStream,
  silenceStream,
  localStream,
  web,
  fileString,
]

const byExtension = new Map<string, FileFormat>()
const byScheme = new Map<string, FileFormat>()
for (const format of formats) addFormat(format)

/** Makes one more format known; what it brings is forgotten again when the handle is disposed. Throws on a name taken. */
export function addFormat(format: FileFormat): Disposable {
  const taken =
    format.extensions.find((name) => byExtension.has(name)) ??
    format.schemes?.find((name) => byScheme.has(name))
  if (taken !== undefined) throw new Error(`the format ${taken} is there already`)
  for (const name of format.extensions) byExtension.set(name, format)
  for (const name of format.schemes ?? []) byScheme.set(name, format)
  return {
    [Symbol.dispose]() {
      for (const name of format.extensions) byExtension.delete(name)
      for (const name of format.schemes ?? []) byScheme.delete(name)
    },
  }
}

/** Rates whose directories are looked into after that of the listener's own. */
export const directoryRates: readonly number[] = [48000, 32000, 16000, 8000]

/** `<dir>/<rate>/<file>` at the listener's rate, then from the best to the worst, then the path as it stands. */
async function placeOf(path: string, rate: number): Promise<string> {
  const directory = dirname(path)
  const name = basename(path)
  for (const wish of [rate, ...directoryRates.filter((other) => other !== rate)]) {
    const candidate = join(directory, String(wish), name)
    if (await isThere(candidate)) return candidate
  }
  return path
}

function schemeOf(path: string): [scheme: string, rest: string] | undefined {
  const match = /^([a-z0-9_+.-]+):\/\/(.*)$/is.exec(path)
  return match ? [(match[1] ?? '').toLowerCase(), match[2] ?? ''] : undefined
}

function unknown(what: string): SwitchError {
  return new SwitchError('FILE_UNKNOWN_FORMAT', `no format plays or records ${what}`)
}

function formatOf(path: string): FileFormat {
  const extension = extname(path).slice(1)
  const format = byExtension.get(extension.toLowerCase())
  if (!format) throw unknown(`${path} (${extension === '' ? 'no extension' : `.${extension}`})`)
  return format
}

/** A path without extension: the listener's codec first, then wav. */
async function completed(path: string, rate: number, codec: string | undefined): Promise<string> {
  if (extname(path) !== '') return path
  for (const extension of codec === undefined ? ['wav'] : [codec, 'wav']) {
    const candidate = `${path}.${extension}`
    if ((await isThere(candidate)) || (await placeOf(candidate, rate)) !== candidate)
      return candidate
  }
  return `${path}.wav`
}

/**
 * Opens a play string for a listener at `rate` Hz; the source says what rate it gives. `codec` is the listener's codec,
 * whose native file is preferred where the path has no extension. `host` is what streams and URLs are had from.
 * Throws FILE_NOT_FOUND, FILE_UNKNOWN_FORMAT, FILE_BAD or TONE_BAD.
 */
export async function openForReading(
  path: string,
  rate: number,
  codec?: string,
  host?: SoundHost,
): Promise<AudioSource> {
  const [parameters, name] = splitParameters(path)
  return withParameters(
    await openNamed(name, rate, codec, { host, parameters, scheme: '' }),
    parameters,
  )
}

async function openNamed(
  name: string,
  rate: number,
  codec: string | undefined,
  options: OpenOptions,
): Promise<AudioSource> {
  const scheme = schemeOf(name)
  if (scheme) {
    const read = byScheme.get(scheme[0])?.read
    if (!read) throw unknown(`${scheme[0]}://`)
    return read(scheme[1], rate, { ...options, scheme: scheme[0] })
  }
  const whole = await completed(name, rate, codec)
  const format = formatOf(whole)
  if (!format.read) throw unknown(`${whole}`)
  try {
    return await format.read(await placeOf(whole, rate), rate, options)
  } catch (thrown) {
    const other = await replacementOf(whole, thrown, options)
    if (other === undefined) throw thrown
    return openForReading(other, rate)
  }
}

/** What is played for a file that is not there: a prompt whose words can be spoken. */
async function replacementOf(
  path: string,
  thrown: unknown,
  { host, parameters }: OpenOptions,
): Promise<string | undefined> {
  const isMissing = thrown instanceof SwitchError && thrown.code === 'FILE_NOT_FOUND'
  if (!isMissing || !host) return undefined
  return host.fetch('prompt', path, parameters).catch(() => undefined)
}

/**
 * Opens a file to record into, making its folder; truncates unless `append`. The sink says what rate and channels the
 * file really has, which may differ when it is lengthened or its extension fixes them. `options` says how it is written.
 * Throws FILE_NOT_WRITABLE, FILE_UNKNOWN_FORMAT, or FILE_BAD when a file cannot be lengthened.
 */
export async function openForWriting(
  path: string,
  rate: number,
  channels: 1 | 2 = 1,
  append = false,
  options: WriteOptions = {},
): Promise<AudioSink> {
  const name = splitParameters(path)[1]
  const scheme = schemeOf(name)
  const format = scheme ? byScheme.get(scheme[0]) : formatOf(name)
  if (!format) throw unknown(scheme ? `${scheme[0]}://` : name)
  if (!format.write) {
    const what = scheme ? `${scheme[0]}://` : `${name} (${extname(name)})`
    throw new SwitchError('FILE_UNKNOWN_FORMAT', `${what} can be played, but not recorded`)
  }
  return format.write(scheme ? scheme[1] : name, rate, channels, append, options)
}

/** The path of a file to be recorded, without the parameters before it. */
export function recordedPath(path: string): string {
  return splitParameters(path)[1]
}

/** Whether there is a format that plays a file of that name. */
export function isReadable(path: string): boolean {
  return byExtension.get(extname(path).slice(1).toLowerCase())?.read !== undefined
}

/** How long a sound file is, in seconds; undefined when that cannot be told. Throws as `openForReading` does. */
export async function secondsOf(path: string, rate: number): Promise<number | undefined> {
  const source = await openForReading(path, rate)
  const { length } = source
  source.close()
  return length === undefined ? undefined : length / source.rate
}
