/** The profiles of conference.conf.xml. */
import { logger } from '../../base/log.ts'
import { readSettings, type Setting } from '../../core/settings.ts'
import type { Switch } from '../../core/switch.ts'
import { isFalse, isTrue } from '../../core/variables.ts'
import { child, childWith } from '../../xml/query.ts'
import { flagsOf } from './data.ts'

const log = logger('applications/conference')

/** Comfort noise where a profile only says yes. */
const usualNoise = 1400
const rates: ReadonlySet<number> = new Set([8000, 12_000, 16_000, 24_000, 32_000, 48_000])
const later = 'nothing of it is there yet'
const video = 'sound alone is mixed'

// biome-ignore format: a table keeps its columns
const settings: readonly Setting[] = [
  { name: 'rate', type: 'text', default: '8000', about: 'Hz of the mix' },
  { name: 'interval', type: 'number', default: '20', about: 'ms of a frame; the mix is made every 20 ms' },
  { name: 'domain', type: 'text', about: 'the domain in events' },
  { name: 'energy-level', type: 'number', default: '0', about: 'mean amplitude that counts as speech' },
  { name: 'comfort-noise', type: 'text', default: 'false', about: 'noise while nobody speaks: yes, no or its level' },
  { name: 'caller-id-name', type: 'text', default: 'Conference', about: 'name of calls that the conference makes' },
  { name: 'caller-id-number', type: 'text', default: '0000000000', about: 'number of calls that the conference makes' },
  { name: 'max-members', type: 'number', default: '0', about: 'how many may be in; 0 no limit' },
  { name: 'pin', type: 'text', about: 'digits that let a member in' },
  { name: 'pin-retries', type: 'number', default: '3', about: 'how often it may be entered' },
  { name: 'pin-sound', type: 'text', about: 'asks for the pin' },
  { name: 'bad-pin-sound', type: 'text', about: 'the pin was wrong' },
  { name: 'locked-sound', type: 'text', about: 'the conference is locked' },
  { name: 'max-members-sound', type: 'text', about: 'the conference is full' },
  { name: 'kicked-sound', type: 'text', about: 'to a member that is sent out' },
  { name: 'enter-sound', type: 'text', about: 'to all when a member comes' },
  { name: 'exit-sound', type: 'text', about: 'to all when a member goes' },
  { name: 'alone-sound', type: 'text', about: 'to a member that is alone' },
  { name: 'moh-sound', type: 'text', about: 'music for a member that is alone' },
  { name: 'sound-prefix', type: 'text', about: 'folder of these sounds' },
  { name: 'member-flags', type: 'text', about: 'flags of every member' },
  { name: 'conference-flags', type: 'text', about: 'flags of the conference' },
  ...['description', 'timer-name', 'suppress-events', 'verbose-events', 'cdr-log-dir', 'cdr-event-mode', 'heartbeat-period-sec',
    'caller-controls', 'moderator-controls', 'moderator-pin', 'ivr-dtmf-timeout', 'ivr-input-timeout',
    'tts-engine', 'tts-voice', 'outcall-templ', 'broadcast-chat-messages', 'announce-count', 'channels', 'member-enter-sound',
    'perpetual-sound', 'muted-sound', 'unmuted-sound', 'mute-detect-sound', 'deaf-sound', 'undeaf-sound', 'blind-sound',
    'unblind-sound', 'is-locked-sound', 'is-unlocked-sound', 'auto-energy-level', 'auto-energy-seconds', 'max-energy-level',
    'max-energy-hit-trigger', 'max-energy-level-mute-ms', 'auto-gain-level', 'auto-record', 'auto-record-canvas-id',
    'recording-metadata', 'min-required-recording-participants', 'terminate-on-silence', 'endconf-grace-time',
    'agc-level', 'agc-low-energy-level', 'agc-margin', 'agc-change-factor', 'agc-period-len',
  ].map((name) => ({ name, type: 'text', ignored: true, about: later }) as const),
  ...['video-mode', 'video-layout-name', 'video-layout-conf', 'video-canvas-size', 'video-canvas-bgcolor', 'video-canvas-bgimg',
    'video-codec-bandwidth', 'video-fps', 'video-quality', 'video-auto-floor-msec', 'video-no-video-avatar',
    'video-letterbox-bgcolor', 'video-border-color', 'video-border-size', 'video-mute-banner', 'video-mute-image',
    'video-canvas-count', 'video-second-screen-only', 'min-bandwidth', 'force-bandwidth', 'max-bandwidth',
  ].map((name) => ({ name, type: 'text', ignored: true, about: video }) as const),
]

export interface ConferenceProfile {
  /** `none` when there is no such profile and built-in values are used. */
  readonly name: string
  readonly rate: number
  readonly domain: string
  readonly energyLevel: number
  /** On the scale of 8 kHz; 0 none. */
  readonly comfortNoise: number
  readonly callerIdName: string
  readonly callerIdNumber: string
  readonly maxMembers: number
  readonly pin: string
  readonly pinRetries: number
  readonly memberFlags: readonly string[]
  readonly flags: readonly string[]
  readonly soundPrefix: string
  /** A sound by its param; undefined where there is none. */
  sound(name: SoundName): string | undefined
}

export type SoundName =
  | 'pin-sound'
  | 'bad-pin-sound'
  | 'locked-sound'
  | 'max-members-sound'
  | 'kicked-sound'
  | 'enter-sound'
  | 'exit-sound'
  | 'alone-sound'
  | 'moh-sound'

/** A profile as the file that is loaded now has it. */
export function readProfile(sw: Switch, name: string): ConferenceProfile {
  const profiles = child(sw.configuration('conference.conf'), 'profiles')
  const node = childWith(profiles, 'profile', 'name', name)
  if (!node) log.warning(`there is no conference profile ${name}: built-in values are used`)
  const values = readSettings(node, settings)
  const noise = values.text('comfort-noise')
  const level = Number.parseInt(noise, 10)
  if (values.number('interval') !== 20)
    log.info(`profile ${name}: the mix is made every 20 ms, not every ${values.text('interval')}`)
  return {
    name: node ? name : 'none',
    rate: rateOf(values.text('rate'), name),
    domain: values.maybe('domain') ?? sw.globals.get('domain') ?? '',
    energyLevel: Math.max(0, values.number('energy-level')),
    comfortNoise:
      isFalse(noise) || noise === '' ? 0 : level > 1 ? level : isTrue(noise) ? usualNoise : 0,
    callerIdName: values.text('caller-id-name'),
    callerIdNumber: values.text('caller-id-number'),
    maxMembers: values.number('max-members'),
    pin: values.text('pin'),
    pinRetries: values.number('pin-retries'),
    memberFlags: flagsOf(values.maybe('member-flags')),
    flags: flagsOf(values.maybe('conference-flags')),
    soundPrefix: values.text('sound-prefix'),
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
