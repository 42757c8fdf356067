/** mod_opus: the codec Opus as opus.conf.xml wants it. */
import { placeText } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import {
  defaultOpusSettings,
  isOpusRate,
  leastBitRate,
  mostBitRate,
  type OpusRate,
  type OpusSettings,
  opusWith,
} from '../codecs/index.ts'
import type { XmlNode } from '../xml/node.ts'
import type { Module } from './interfaces.ts'
import { readSettings, type Setting, type Values } from './settings.ts'

const log = logger('core/opus')

// biome-ignore format: a table keeps its columns
const settings: readonly Setting[] = [
  { name: 'use-vbr', type: 'boolean', default: 'true', about: 'Packets vary in size with the sound' },
  { name: 'use-dtx', type: 'boolean', default: 'false', about: 'Sends nothing while nothing is said' },
  { name: 'complexity', type: 'number', default: '5', about: 'CPU time against quality, 0–10' },
  { name: 'packet-loss-percent', type: 'number', default: '20', about: 'Expected loss, what error correction is made for' },
  { name: 'advertise-useinbandfec', type: 'boolean', default: 'true', about: 'Asks the other side for error correction' },
  { name: 'maxaveragebitrate', type: 'number', default: '0', about: 'Bits a second both ways, 6000–510000; 0: by bandwidth' },
  { name: 'maxplaybackrate', type: 'number', default: '0', about: 'Hz of sound that we ask for: 8000, 12000, 16000, 24000 or 48000' },
  { name: 'sprop-maxcapturerate', type: 'number', default: '0', about: 'Hz of sound that we send at most' },
  { name: 'bitrate-negotiation', type: 'boolean', ignored: true, about: 'the lower bit rate always counts' },
  { name: 'asymmetric-sample-rates', type: 'boolean', ignored: true, about: 'either direction always has its own bandwidth' },
  { name: 'mono', type: 'boolean', ignored: true, fits: ['0', 'false', 'no', '1', 'true', 'yes'], about: 'sound is mono always' },
  { name: 'use-jb-lookahead', type: 'boolean', ignored: true, about: 'error correction is always used' },
  { name: 'keep-fec-enabled', type: 'boolean', ignored: true, about: 'packet-loss-percent says how much is spent on it' },
  { name: 'adjust-bitrate', type: 'boolean', ignored: true, about: 'the bit rate stays as agreed' },
]

/** A number of the file within its bounds, else `otherwise` with a line in the log. */
function bounded(
  values: Values,
  node: XmlNode | undefined,
  name: string,
  fits: (value: number) => boolean,
  otherwise: number,
): number {
  const value = values.number(name)
  if (fits(value)) return value
  const where = node ? `${placeText(node.place)}: ` : ''
  log.err(`${where}${name}="${value}" is out of bounds; ${otherwise} is used`)
  return otherwise
}

/** What opus.conf.xml says; bad values are reported and count as not given. */
function readOpusSettings(node: XmlNode | undefined): OpusSettings {
  const values = readSettings(node, settings)
  const number = (name: string, fits: (value: number) => boolean, otherwise: number) =>
    bounded(values, node, name, fits, otherwise)
  const percent = (value: number) => Number.isInteger(value) && value >= 0 && value <= 100
  const rateOf = (name: string): OpusRate => {
    const rate = number(name, (value) => value === 0 || isOpusRate(value), 0)
    return isOpusRate(rate) ? rate : 48000
  }
  const bitRate = number(
    'maxaveragebitrate',
    (value) => value === 0 || (value >= leastBitRate && value <= mostBitRate),
    0,
  )
  return {
    complexity: number(
      'complexity',
      (value) => percent(value) && value <= 10,
      defaultOpusSettings.complexity,
    ),
    lossPercent: number('packet-loss-percent', percent, defaultOpusSettings.lossPercent),
    isConstantRate: !values.boolean('use-vbr'),
    skipsSilence: values.boolean('use-dtx'),
    asksErrorCorrection: values.boolean('advertise-useinbandfec'),
    bitRate: bitRate === 0 ? undefined : Math.round(bitRate),
    playbackRate: rateOf('maxplaybackrate'),
    captureRate: rateOf('sprop-maxcapturerate'),
  }
}

export const module: Module = {
  name: 'mod_opus',
  async start(sw) {
    sw.codecs.add(opusWith(readOpusSettings(sw.configuration('opus.conf'))), 'mod_opus')
    return undefined
  },
}
