/** Call progress of mod_spandsp: tones by frequency and rhythm (`spandsp_start_tone_detect`), described in spandsp.conf.xml. */
import { placeText } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { Channel } from '../core/channel.ts'
import { runHooks } from '../core/hooks.ts'
import type { Application, Command } from '../core/interfaces.ts'
import { type BugRequest, startBug } from '../core/listen.ts'
import { separate } from '../core/separate.ts'
import type { Switch } from '../core/switch.ts'
import { announceTone } from '../core/tone-detect.ts'
import { isTrue } from '../core/variables.ts'
import type { XmlNode } from '../xml/node.ts'
import { child, children } from '../xml/query.ts'

const log = logger('applications/spandsp')

type Tones = Extract<BugRequest, { kind: 'cadence' }>['tones']

/** What stops the detection of a channel. */
const running = new WeakMap<Channel, () => void>()

/** The tones of a descriptor; undefined when the file names none such. What is wrong in it is logged with its line. */
function readDescriptor(conf: XmlNode | undefined, name: string): Tones | undefined {
  const descriptors = children(child(conf, 'descriptors'), 'descriptor')
  const descriptor = descriptors.find((one) => one.attributes.get('name') === name)
  if (!descriptor) return undefined
  const tones = children(descriptor, 'tone').map((tone) => ({
    name: tone.attributes.get('name') ?? '',
    elements: children(tone, 'element').flatMap((element) => elementOf(element) ?? []),
  }))
  return tones.filter(({ name: tone, elements }) => tone !== '' && elements.length > 0)
}

function elementOf(node: XmlNode): Tones[number]['elements'][number] | undefined {
  const number = (name: string) => Number(node.attributes.get(name) ?? '0')
  const values = ['freq1', 'freq2', 'min', 'max'].map(number)
  const [first = 0, second = 0, minMs = 0, maxMs = 0] = values
  const isUsable =
    values.every((value) => Number.isFinite(value) && value >= 0) && first < 4000 && second < 4000
  if (!isUsable) {
    log.err(`${placeText(node.place)}: freq1, freq2 (below 4000), min and max must be numbers`)
    return undefined
  }
  return { frequencies: [first, second].filter((frequency) => frequency > 0), minMs, maxMs }
}

/** Begins to listen for the tones of a descriptor; what is wrong, or undefined. */
function start(sw: Switch, channel: Channel, name: string): string | undefined {
  if (running.has(channel)) return 'it listens already'
  if (!channel.hasMedia) return 'the channel has no sound'
  const tones = readDescriptor(sw.configuration('spandsp.conf'), name)
  if (!tones || tones.length === 0) return `spandsp.conf.xml has no descriptor ${name}`
  const bug = startBug(
    channel,
    'spandsp_tone_detect',
    { kind: 'cadence', direction: 'read', tones },
    (report) => {
      if (report.heard !== 'cadence') return
      log.info(`heard ${report.name}`, channel.uuid)
      runHooks(channel, `spandsp_tone_detect_${report.name.toLowerCase()}`)
      announceTone(channel, report.name)
      if (isTrue(channel.variables.get('spandsp_tone_detect_stop_on_tone'))) bug.stop()
    },
  )
  const end = () => bug.stop()
  running.set(channel, end)
  void bug.ended.then(() => {
    if (running.get(channel) === end) running.delete(channel)
  })
  return undefined
}

function stop(channel: Channel): boolean {
  const end = running.get(channel)
  running.delete(channel)
  end?.()
  return end !== undefined
}

const spandspStartToneDetect: Application = {
  name: 'spandsp_start_tone_detect',
  syntax: '<name>',
  about: 'Begin to listen for the tones of a descriptor of spandsp.conf.xml: DETECTED_TONE',
  needs: 'media',
  run(channel, data) {
    const fault = start(channel.sw, channel, data.trim())
    if (fault) log.err(`spandsp_start_tone_detect ${data}: ${fault}`, channel.uuid)
  },
}

const spandspStopToneDetect: Application = {
  name: 'spandsp_stop_tone_detect',
  syntax: '',
  about: 'End listening for the tones of a descriptor',
  needs: 'nothing',
  run: (channel) => void stop(channel),
}

const startCommand: Command = {
  name: 'spandsp_start_tone_detect',
  syntax: '<uuid> <name>',
  about: 'Start background tone detection with cadence',
  run(args, { sw }) {
    const [uuid = '', name = ''] = separate(args, ' ')
    if (name === '') return '-USAGE: <uuid> <name>\n'
    const channel = sw.channels.get(uuid)
    if (!channel) return '-ERR Cannot locate session!\n'
    const fault = start(sw, channel, name)
    if (!fault) return '+OK\n'
    log.err(`spandsp_start_tone_detect ${args}: ${fault}`, uuid)
    return '-ERR failed to start tone detector\n'
  },
}

const stopCommand: Command = {
  name: 'spandsp_stop_tone_detect',
  syntax: '<uuid>',
  about: 'Stop background tone detection with cadence',
  run(args, { sw }) {
    const uuid = args.trim()
    if (uuid === '') return '-USAGE: <uuid>\n'
    const channel = sw.channels.get(uuid)
    if (!channel) return '-ERR Cannot locate session!\n'
    stop(channel)
    return '+OK\n'
  },
}

export const toneApplications = [spandspStartToneDetect, spandspStopToneDetect]
export const toneCommands = [startCommand, stopCommand]
