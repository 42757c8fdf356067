/** The profiles of conference.conf.xml. */
import { isAbsolute, join } from 'node:path'
import { logger } from '../../base/log.ts'
import type { Channel } from '../../core/channel.ts'
import { readSettings, type Setting, type Values } from '../../core/settings.ts'
import type { Switch } from '../../core/switch.ts'
import { isFalse, isTrue } from '../../core/variables.ts'
import { child, childWith } from '../../xml/query.ts'
import { flagsOf } from './data.ts'
import { type Flags, sortFlags } from './flags.ts'

const log = logger('applications/conference')

/** Comfort noise where a profile only says yes. */
const usualNoise = 1400
const rates: ReadonlySet<number> = new Set([8000, 12_000, 16_000, 24_000, 32_000, 48_000])
/** ms from digit to digit, and until the first, that a person can keep to. */
const leastDigitMs = 500
const usualInputMs = 5000
const pictures = 'sound alone is mixed'

const soundNames = [
  'member-enter-sound',
  'enter-sound',
  'exit-sound',
  'alone-sound',
  'perpetual-sound',
  'moh-sound',
  'muted-sound',
  'unmuted-sound',
  'mute-detect-sound',
  'deaf-sound',
  'undeaf-sound',
  'locked-sound',
  'is-locked-sound',
  'is-unlocked-sound',
  'kicked-sound',
  'pin-sound',
  'bad-pin-sound',
  'max-members-sound',
  'join-only-sound',
] as const

export type SoundName = (typeof soundNames)[number]

// biome-ignore format: a table keeps its columns
const settings: readonly Setting[] = [
  { name: 'rate', type: 'text', default: '8000', about: 'Hz of the mix' },
  { name: 'interval', type: 'number', default: '20', about: 'ms of a frame; the mix is made every 20 ms' },
  { name: 'channels', type: 'text', default: '1', about: 'one: what all hear has one channel' },
  { name: 'domain', type: 'text', about: 'the domain in events' },
  { name: 'description', type: 'text', about: 'what the conference is called in what it tells of itself' },
  { name: 'timer-name', type: 'text', about: 'every conference runs on the clock of its media worker' },
  { name: 'tts-engine', type: 'text', about: 'speaks what is to be said in words' },
  { name: 'tts-voice', type: 'text', about: 'its voice' },
  { name: 'energy-level', type: 'number', default: '0', about: 'mean amplitude that counts as speech' },
  { name: 'auto-energy-level', type: 'number', default: '0', about: 'how high it may follow a voice; 0 it stays' },
  { name: 'auto-energy-seconds', type: 'number', default: '5', about: 'seconds of quiet until it goes down' },
  { name: 'max-energy-level', type: 'number', default: '0', about: 'mean amplitude above which a member is muted; 0 none' },
  { name: 'max-energy-level-mute-ms', type: 'number', default: '0', about: 'for how long' },
  { name: 'max-energy-hit-trigger', type: 'number', default: '5', about: 'after how many frames' },
  { name: 'auto-gain-level', type: 'number', about: 'mean amplitude that the gain follows; 0 none' },
  { name: 'auto-gain-low-energy-level', type: 'number', about: 'what is softer is raised at once' },
  { name: 'auto-gain-margin', type: 'number', about: 'how far from the level nothing is done' },
  { name: 'auto-gain-change-factor', type: 'number', about: 'periods on one side until the gain moves' },
  { name: 'auto-gain-period-len', type: 'number', about: 'frames of a period' },
  { name: 'comfort-noise', type: 'text', default: 'false', about: 'noise while nobody speaks: yes, no or its level' },
  { name: 'caller-id-name', type: 'text', default: 'conference', about: 'name of calls that the conference makes' },
  { name: 'caller-id-number', type: 'text', default: '0000000000', about: 'number of calls that the conference makes' },
  { name: 'caller-controls', type: 'text', about: 'group of keys of a member' },
  { name: 'moderator-controls', type: 'text', about: 'group of keys of a moderator' },
  { name: 'ivr-dtmf-timeout', type: 'number', default: '500', about: 'ms from digit to digit of a control' },
  { name: 'ivr-input-timeout', type: 'number', default: '0', about: 'ms until the first; 0 for ever' },
  { name: 'max-members', type: 'number', default: '0', about: 'how many may be in; 0 no limit' },
  { name: 'announce-count', type: 'number', default: '0', about: 'from so many members on, how many there are is said to who comes' },
  { name: 'pin', type: 'text', about: 'digits that let a member in' },
  { name: 'moderator-pin', type: 'text', about: 'digits that make a moderator' },
  { name: 'pin-retries', type: 'number', default: '3', about: 'how often it may be entered' },
  { name: 'sound-prefix', type: 'text', about: 'folder of these sounds' },
  { name: 'member-flags', type: 'text', about: 'flags of every member' },
  { name: 'conference-flags', type: 'text', about: 'flags of the conference' },
  { name: 'suppress-events', type: 'text', about: 'actions that are not told' },
  { name: 'verbose-events', type: 'boolean', default: 'false', about: 'events have the variables of the channel' },
  { name: 'auto-record', type: 'text', about: 'file of a recording that begins by itself' },
  { name: 'recording-metadata', type: 'text', about: 'title of the recordings, where the format has one' },
  { name: 'min-required-recording-participants', type: 'number', default: '1', about: 'members needed for something to be recorded' },
  { name: 'terminate-on-silence', type: 'number', default: '0', about: 'seconds without a word that end it; 0 never' },
  { name: 'endconf-grace-time', type: 'number', default: '0', about: 'seconds from the leaving of who ends it to the end' },
  { name: 'heartbeat-period-sec', type: 'number', default: '0', about: 'seconds between events that it is there; 0 none' },
  { name: 'broadcast-chat-messages', type: 'boolean', default: 'false', about: 'messages to the conference go to all members' },
  { name: 'cdr-log-dir', type: 'text', about: 'folder of its records; auto: conference_cdr below the logs' },
  { name: 'cdr-event-mode', type: 'text', default: 'none', oneOf: ['none', 'content', 'file'], about: 'an event with the record, or with its path' },
  ...soundNames.map((name) => ({ name, type: 'text', about: 'a sound' }) as const),
  ...['agc-level', 'agc-low-energy-level', 'agc-margin', 'agc-change-factor', 'agc-period-len',
  ].map((name) => ({ name, type: 'number', about: 'the older name of auto-gain-…' }) as const),
  ...['outcall-templ', 'ack-sound', 'nack-sound',
  ].map((name) => ({ name, type: 'text', ignored: true, about: 'nothing asks for it' }) as const),
  ...['blind-sound', 'unblind-sound', 'auto-record-canvas-id', 'video-mode', 'video-layout-name', 'video-layout-conf', 'video-canvas-size',
    'video-canvas-bgcolor', 'video-canvas-bgimg', 'video-codec-bandwidth', 'video-fps', 'video-quality', 'video-auto-floor-msec',
    'video-no-video-avatar', 'video-letterbox-bgcolor', 'video-border-color', 'video-border-size', 'video-mute-banner',
    'video-mute-image', 'video-canvas-count', 'video-second-screen-only', 'video-layout-bgcolor', 'video-super-canvas-bgcolor',
    'video-super-canvas-label-layers', 'video-super-canvas-show-all-layers', 'video-kps-debounce', 'scale-h264-canvas-size',
    'scale-h264-canvas-fps-divisor', 'scale-h264-canvas-bandwidth', 'video-codec-config-profile-name', 'min-bandwidth',
    'force-bandwidth', 'max-bandwidth',
  ].map((name) => ({ name, type: 'text', ignored: true, about: pictures }) as const),
]

export interface ConferenceProfile {
  /** `none` when there is no such profile and built-in values are used. */
  readonly name: string
  readonly rate: number
  readonly domain: string
  readonly description: string
  readonly ttsEngine: string | undefined
  readonly ttsVoice: string | undefined
  readonly energyLevel: number
  /** How high the threshold may follow a voice; 0 it stays. */
  readonly autoEnergyLevel: number
  readonly autoEnergySeconds: number
  readonly maxEnergyLevel: number
  readonly maxEnergyMuteMs: number
  readonly maxEnergyHits: number
  readonly autoGain: AutoGainSettings
  /** On the scale of 8 kHz; 0 none. */
  readonly comfortNoise: number
  readonly callerIdName: string
  readonly callerIdNumber: string
  readonly callerControls: string | undefined
  readonly moderatorControls: string | undefined
  readonly digitMs: number
  readonly inputMs: number
  readonly maxMembers: number
  readonly announceCount: number
  readonly pin: string
  readonly moderatorPin: string
  readonly pinRetries: number
  readonly memberFlags: Flags['member']
  readonly flags: Flags['conference']
  readonly soundPrefix: string
  /** Actions that are not told, in lower case. */
  readonly suppressedEvents: ReadonlySet<string>
  readonly hasVerboseEvents: boolean
  readonly autoRecord: string | undefined
  readonly recordingTitle: string | undefined
  readonly leastRecorded: number
  readonly silenceSeconds: number
  readonly graceSeconds: number
  readonly heartbeatSeconds: number
  readonly broadcastsChat: boolean
  /** Folder of its records; undefined: none is written. */
  readonly cdrFolder: string | undefined
  readonly cdrEvents: 'none' | 'content' | 'file'
  /** A sound by its param; undefined where there is none. */
  sound(name: SoundName): string | undefined
}

export interface AutoGainSettings {
  readonly level: number
  readonly low: number
  readonly margin: number
  readonly patience: number
  readonly frames: number
}

/** A profile as the file that is loaded now has it, for a conference that `first` begins. */
export function readProfile(sw: Switch, name: string, first: Channel): ConferenceProfile {
  const profiles = child(sw.configuration('conference.conf'), 'profiles')
  const node = childWith(profiles, 'profile', 'name', name)
  if (!node) log.warning(`there is no conference profile ${name}: built-in values are used`)
  const values = readSettings(node, settings)
  if (values.number('interval') !== 20)
    log.info(`profile ${name}: the mix is made every 20 ms, not every ${values.text('interval')}`)
  if (values.text('channels') !== '1')
    log.info(`profile ${name}: what all hear has one channel, not ${values.text('channels')}`)
  for (const variable of ['conference_force_interval', 'conference_force_channels'])
    if (first.text(variable))
      log.info(`${variable} has no effect: the mix has one channel and frames of 20 ms`, first.uuid)
  const positive = (setting: string) => Math.max(0, values.number(setting))
  const energyLevel = positive('energy-level')
  const gain = (setting: string, usual: number) =>
    Math.max(
      0,
      Number(values.maybe(`auto-gain-${setting}`) ?? values.maybe(`agc-${setting}`) ?? usual),
    )
  const autoEnergyLevel = positive('auto-energy-level')
  const maxEnergyLevel = positive('max-energy-level')
  const flags = sortFlags([
    ...flagsOf(values.maybe('member-flags')),
    ...flagsOf(values.maybe('conference-flags')),
  ])
  return {
    name: node ? name : 'none',
    rate: rateOf(first.text('conference_force_rate') ?? values.text('rate'), name),
    domain: values.maybe('domain') ?? sw.globals.get('domain') ?? '',
    description: values.text('description') || 'Conference',
    ttsEngine: values.maybe('tts-engine') || undefined,
    ttsVoice: values.maybe('tts-voice') || undefined,
    energyLevel: energyLevel || Math.trunc(autoEnergyLevel / 2),
    autoEnergyLevel,
    autoEnergySeconds: positive('auto-energy-seconds') || 5,
    maxEnergyLevel: maxEnergyLevel < energyLevel ? 0 : maxEnergyLevel,
    maxEnergyMuteMs: positive('max-energy-level-mute-ms'),
    maxEnergyHits: positive('max-energy-hit-trigger'),
    autoGain: {
      level: gain('level', 0),
      low: gain('low-energy-level', 0),
      margin: gain('margin', 100),
      patience: gain('change-factor', 2),
      frames: Math.max(1, gain('period-len', 25)),
    },
    comfortNoise: noiseOf(values.text('comfort-noise')),
    callerIdName: values.text('caller-id-name'),
    callerIdNumber: values.text('caller-id-number'),
    callerControls: values.maybe('caller-controls') || undefined,
    moderatorControls: values.maybe('moderator-controls') || undefined,
    digitMs: Math.max(leastDigitMs, values.number('ivr-dtmf-timeout')),
    inputMs: inputMsOf(values.number('ivr-input-timeout')),
    maxMembers: limitOf(values.text('max-members'), `profile ${name}: max-members`),
    announceCount: positive('announce-count'),
    pin: values.text('pin'),
    moderatorPin: values.text('moderator-pin'),
    pinRetries: positive('pin-retries'),
    memberFlags: flags.member,
    flags: flags.conference,
    soundPrefix: values.text('sound-prefix'),
    suppressedEvents: new Set(flagsOf(values.maybe('suppress-events')?.toLowerCase())),
    hasVerboseEvents: values.boolean('verbose-events'),
    autoRecord: values.maybe('auto-record') || undefined,
    recordingTitle: values.maybe('recording-metadata') || undefined,
    leastRecorded: leastRecordedOf(values.number('min-required-recording-participants'), name),
    silenceSeconds: positive('terminate-on-silence'),
    graceSeconds: positive('endconf-grace-time'),
    heartbeatSeconds: positive('heartbeat-period-sec'),
    broadcastsChat: values.boolean('broadcast-chat-messages'),
    cdrFolder: cdrFolderOf(sw, values.maybe('cdr-log-dir')),
    cdrEvents: cdrEventsOf(values),
    sound: (sound) => values.maybe(sound) || undefined,
  }
}

function rateOf(text: string, profile: string): number {
  const rate = Number(text)
  if (rates.has(rate)) return rate
  // `auto`, and what no wideband codec has.
  log.warning(`profile ${profile}: a conference cannot run at rate ${text}; 8000 is used`)
  return 8000
}

function noiseOf(text: string): number {
  const level = Number.parseInt(text, 10)
  if (isFalse(text) || text === '') return 0
  if (level > 1) return Math.min(level, 10_000)
  return isTrue(text) ? usualNoise : 0
}

function inputMsOf(ms: number): number {
  if (ms <= 0) return 0
  return ms < leastDigitMs ? usualInputMs : ms
}

/** How many may be in. One alone is no conference: such a limit is none. */
export function limitOf(text: string, what: string): number {
  const limit = Number(text)
  if (Number.isInteger(limit) && limit >= 0 && limit !== 1) return limit
  log.err(`${what} cannot be ${text}; there is no limit`)
  return 0
}

function leastRecordedOf(count: number, profile: string): number {
  if (count === 1 || count === 2) return count
  log.err(
    `profile ${profile}: min-required-recording-participants is 1 or 2, not ${count}; 1 is used`,
  )
  return 1
}

function cdrFolderOf(sw: Switch, written: string | undefined): string | undefined {
  if (!written) return undefined
  const logs = sw.globals.get('log_dir') ?? join(sw.options.dataDir, 'log')
  if (written === 'auto') return join(logs, 'conference_cdr')
  return isAbsolute(written) ? written : join(logs, written)
}

function cdrEventsOf(values: Values): 'none' | 'content' | 'file' {
  const mode = values.text('cdr-event-mode')
  return mode === 'content' || mode === 'file' ? mode : 'none'
}
