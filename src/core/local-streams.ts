/** local_stream.conf.xml: the streams of music on hold, from the file to the media engine. */
import { placeText } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { MusicOptions } from '../media/engine.ts'
import type { XmlNode } from '../xml/node.ts'
import { readSettings, type Setting } from './settings.ts'
import type { Switch } from './switch.ts'

const log = logger('core/local_stream')

// biome-ignore format: a table keeps its columns
const settings: readonly Setting[] = [
  { name: 'rate', type: 'number', default: '8000', about: 'Hz: 8000, 12000, 16000, 24000, 32000 or 48000' },
  { name: 'shuffle', type: 'boolean', default: 'false', about: 'Plays the files in a new order each round' },
  { name: 'volume', type: 'number', default: '0', about: 'dB of gain, -50 to 50' },
  { name: 'chime-list', type: 'text', default: '', about: 'Sounds that break in, between commas' },
  { name: 'chime-freq', type: 'number', default: '30', about: 'Seconds from one chime to the next' },
  { name: 'chime-max', type: 'number', default: '0', about: 'Seconds of a chime that are played at most; 0: all' },
  { name: 'channels', type: 'number', default: '1', about: 'Shown only: sound is mixed to mono' },
  { name: 'interval', type: 'number', default: '20', about: 'Shown only: streams go by ticks of 20 ms' },
  { name: 'prebuf', type: 'number', default: '65536', about: 'Shown only: files are read ahead by a second' },
  { name: 'timer-name', type: 'text', default: 'soft', about: 'Shown only: all goes by one clock' },
  { name: 'auto-volume', type: 'number', ignored: true, about: 'loudness stays as it is in the file' },
  { name: 'auto-volume-low-point', type: 'number', ignored: true, about: 'loudness stays as it is in the file' },
  { name: 'blank-img', type: 'text', ignored: true, about: 'streams have no picture' },
  { name: 'logo-img', type: 'text', ignored: true, about: 'streams have no picture' },
  { name: 'logo-always', type: 'text', ignored: true, about: 'streams have no picture' },
  { name: 'logo-position', type: 'text', ignored: true, about: 'streams have no picture' },
  { name: 'logo-opacity', type: 'text', ignored: true, about: 'streams have no picture' },
  { name: 'text-opacity', type: 'text', ignored: true, about: 'streams have no picture' },
]

const rates = [8000, 12000, 16000, 24000, 32000, 48000]

/** A stream as the file has it: what the engine needs, and what is only shown. */
export interface StreamEntry extends MusicOptions {
  readonly channels: number
  readonly interval: number
  readonly prebuffer: number
  readonly timerName: string
}

/** The streams of local_stream.conf.xml, by name; entries without a name or path are reported and left out. */
function readStreams(node: XmlNode | undefined): Map<string, StreamEntry> {
  const entries = new Map<string, StreamEntry>()
  for (const directory of node?.children ?? []) {
    if (directory.name !== 'directory') continue
    const name = directory.attributes.get('name') ?? ''
    const folder = directory.attributes.get('path') ?? ''
    if (name === '' || folder === '') {
      log.err(`${placeText(directory.place)}: a directory wants a name and a path`)
      continue
    }
    entries.set(name, entryOf(directory, name, folder))
  }
  return entries
}

function entryOf(directory: XmlNode, name: string, folder: string): StreamEntry {
  const values = readSettings(directory, settings)
  let rate = values.number('rate')
  if (!rates.includes(rate)) {
    log.err(`${placeText(directory.place)}: a rate of ${rate} Hz cannot be; 8000 is used`)
    rate = 8000
  }
  const frequency = Math.trunc(values.number('chime-freq'))
  const most = Math.trunc(values.number('chime-max'))
  const chimes = values.text('chime-list').split(',')
  return {
    name,
    folder,
    rate,
    shuffle: values.boolean('shuffle'),
    volume: Math.max(-50, Math.min(50, Math.trunc(values.number('volume')))),
    chimes: chimes.map((path) => path.trim()).filter((path) => path !== ''),
    // One second or less is no frequency, as a maximum of that is none.
    chimeEverySeconds: frequency > 1 ? frequency : 30,
    chimeMostSeconds: most > 1 ? most : 0,
    channels: values.number('channels') === 2 ? 2 : 1,
    interval: values.number('interval'),
    prebuffer: values.number('prebuf'),
    timerName: values.text('timer-name'),
  }
}

/** The streams of a switch, as the file last told of them. */
export class LocalStreams {
  readonly #sw: Switch
  #entries = new Map<string, StreamEntry>()

  constructor(sw: Switch) {
    this.#sw = sw
  }

  /** Starts all of the file; how many there are. */
  startAll(): number {
    this.#entries = this.#read()
    for (const entry of this.#entries.values()) this.#sw.media.music.start(entry)
    return this.#entries.size
  }

  /** Starts one anew from the file; false when it is not in it. */
  start(name: string): boolean {
    const entry = this.#read().get(name)
    if (!entry) return false
    this.#entries.set(name, entry)
    this.#sw.media.music.start(entry)
    return true
  }

  /** What runs, with how many listen. */
  rows(): readonly (StreamEntry & { readonly listeners: number })[] {
    return this.#sw.media.music.rows().flatMap((row) => {
      const entry = this.#entries.get(row.name)
      return entry ? [{ ...entry, ...row }] : []
    })
  }

  stopAll(): void {
    for (const name of this.#entries.keys()) this.#sw.media.music.stop(name)
  }

  #read(): Map<string, StreamEntry> {
    return readStreams(this.#sw.configuration('local_stream.conf'))
  }
}
