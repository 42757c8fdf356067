/** The live table `legs`: every channel with who calls whom, what it does now, its codecs, and how it sounds. */
import type { Channel } from './channel.ts'
import type { EventName, SwitchEvent } from './events.ts'
import type { LiveEntry, LiveFields, LiveSource } from './live-tables.ts'
import { flawPercent } from './media-figures.ts'
import type { Switch } from './switch.ts'

/** A leg's sound is measured so often, ms, as long as somebody watches; in so many turns, so that no moment has them all. */
const measureMs = 5000
const turns = 10

/** After these something of a row is another one. */
const telling: ReadonlySet<EventName> = new Set<EventName>([
  'CALL_UPDATE',
  'CHANNEL_BRIDGE',
  'CHANNEL_CALLSTATE',
  'CHANNEL_CREATE',
  'CHANNEL_DESTROY',
  'CHANNEL_EXECUTE',
  'CHANNEL_UNBRIDGE',
  'CODEC',
])

/** Who is named beside the channel that an event is of. */
const otherHeaders = ['Bridge-A-Unique-ID', 'Bridge-B-Unique-ID', 'Other-Leg-Unique-ID']

interface Sound {
  /** null: not measured. */
  readonly mos: number | null
  readonly loss: number | null
  readonly jitter: number | null
}

const silence: Sound = { mos: null, loss: null, jitter: null }

export function liveLegs(sw: Switch): LiveSource {
  const sounds = new Map<string, Sound>()
  const rowOf = (channel: Channel): LiveFields => fieldsOf(channel, sounds.get(channel.uuid))
  return {
    name: 'legs',
    *rows(): Iterable<LiveEntry> {
      for (const channel of sw.channels.list()) yield [channel.uuid, rowOf(channel)]
    },
    row(uuid) {
      const channel = sw.channels.get(uuid)
      return channel && rowOf(channel)
    },
    listen(touch) {
      const events = sw.events.attach({
        name: 'live legs',
        wants: (name) => telling.has(name),
        receive: (event) => touchNamed(event, touch),
      })
      const meter = startMeter(sw, sounds, touch)
      return {
        [Symbol.dispose]() {
          events[Symbol.dispose]()
          meter[Symbol.dispose]()
          sounds.clear()
        },
      }
    },
  }
}

function touchNamed(event: SwitchEvent, touch: (key: string) => void): void {
  const uuid = event.get('Unique-ID')
  if (uuid) touch(uuid)
  // Only these change what stands in another row.
  if (event.name !== 'CHANNEL_BRIDGE' && event.name !== 'CHANNEL_UNBRIDGE') return
  for (const header of otherHeaders) {
    const other = event.get(header)
    if (other && other !== uuid) touch(other)
  }
}

const millis = (micros: number) => Math.trunc(micros / 1000)

function codecText(face: { readonly name: string; readonly rate: number } | undefined): string {
  return face ? `${face.name} ${face.rate / 1000}k` : ''
}

function fieldsOf(channel: Channel, sound: Sound = silence): LiveFields {
  const { profile, variables } = channel
  // Of a dialled party that runs applications itself, the caller id has become its own (dialplan/give-actions.ts).
  const caller = (part: 'name' | 'number') =>
    (channel.direction === 'outbound' && variables.get(`pre_transfer_caller_id_${part}`)) ||
    profile.get(`caller_id_${part}`)
  const [read, write] = [codecText(channel.readCodec), codecText(channel.writeCodec)]
  return {
    name: channel.name,
    direction: channel.direction,
    state: channel.callState,
    from: caller('number'),
    fromName: caller('name'),
    to: profile.get('destination_number') ?? '',
    toName: profile.get('callee_id_name') ?? '',
    address: profile.get('network_addr') ?? '',
    context: profile.get('context') ?? '',
    /** ms since the epoch; 0: not yet. */
    since: channel.createdAt,
    answered: millis(profile.times.answered),
    partner: channel.partner?.uuid ?? '',
    call: variables.get('call_uuid') ?? '',
    application: variables.get('current_application') ?? '',
    codec: read === write || write === '' ? read : `${read} / ${write}`,
    secure: channel.secureType,
    ...sound,
  }
}

/** Asks the legs for their figures, a part of them at each turn. */
function startMeter(
  sw: Switch,
  sounds: Map<string, Sound>,
  touch: (key: string) => void,
): Disposable {
  let isOver = false
  let waiting: Channel[] = []
  let aTurn = 1
  const measure = async (channel: Channel) => {
    const stats = await channel.media?.stats()
    if (isOver || !stats || sw.channels.get(channel.uuid) !== channel) return
    const isMeasured = stats.jitterMs !== null
    sounds.set(channel.uuid, {
      mos: rounded(stats.mos, 2),
      loss: isMeasured ? rounded(flawPercent(stats), 1) : null,
      jitter: rounded(stats.jitterMs, 0),
    })
    touch(channel.uuid)
  }
  const timer = setInterval(() => {
    if (waiting.length === 0) {
      waiting = sw.channels.list().filter(({ hasMedia }) => hasMedia)
      aTurn = Math.max(1, Math.ceil(waiting.length / turns))
      for (const uuid of sounds.keys()) if (!sw.channels.get(uuid)) sounds.delete(uuid)
    }
    // A leg that goes meanwhile has no figures.
    for (const channel of waiting.splice(0, aTurn)) measure(channel).catch(() => undefined)
  }, measureMs / turns)
  return {
    [Symbol.dispose]() {
      isOver = true
      clearInterval(timer)
    },
  }
}

function rounded(value: number | null, places: number): number | null {
  return value === null ? null : Number(value.toFixed(places))
}
