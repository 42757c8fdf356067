/** Features by two keys during a call (`bind_meta_app`): the meta key, usually `*`, and one more. */
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import { broadcastOn, parseBroadcast } from './broadcast.ts'
import type { Channel } from './channel.ts'
import type { DigitWay } from './digit-filters.ts'
import { executeApplication } from './execute.ts'

const log = logger('core/meta-keys')

/** After the meta key the second one has to come within so many whole seconds, as FreeSWITCH counts them. */
const patienceSeconds = 5

/** In the order of their numbers; FreeSWITCH has room for 14 of them. */
const bindable = '0123456789*#AB'
const everyDigit = '0123456789*#ABCD'

export interface MetaBinding {
  /** `application::data`, or a sound. */
  readonly what: string
  /** Whose leg runs it, seen from the channel where it is bound and from who pressed the keys. */
  readonly runs: 'a' | 'b' | 'opposite' | 'same'
  /** At once, without interrupting what the leg does. */
  readonly isInline: boolean
  readonly isOnce: boolean
}

/** The keys of one side: of the channel's own party, or of whoever it is bridged with. */
class KeySide {
  meta = '*'
  readonly bindings = new Map<string, MetaBinding>()
  filter: Disposable | undefined
  /** The meta key was pressed and the second one is awaited. */
  isMeta = false
  lastSecond = 0
}

type Sides = Readonly<Record<DigitWay, KeySide>>

const bound = new WeakMap<Channel, Sides>()

/** The meta key that the channel's variables want. */
function metaOf(channel: Channel): string {
  const wish = channel.variables.get('bind_meta_key')?.[0]?.toUpperCase()
  if (wish === undefined) return '*'
  if (everyDigit.includes(wish)) return wish
  log.warning(`bind_meta_key=${wish} is no key; * it is`, channel.uuid)
  return '*'
}

/**
 * Binds a key to something that the channel's own party (`received`), whoever it talks with (`sent`) or both may start.
 * Returns what is wrong, or undefined.
 */
export function bindMetaKey(
  channel: Channel,
  key: string,
  ways: readonly DigitWay[],
  binding: MetaBinding,
): string | undefined {
  const digit = key[0]?.toUpperCase() ?? ''
  if (digit === '' || !bindable.includes(digit)) return `${key} is no key that can be bound`
  const meta = metaOf(channel)
  if (digit === meta && meta !== '*' && meta !== '#') return `${digit} is the meta key itself`
  const sides = bound.get(channel) ?? { received: new KeySide(), sent: new KeySide() }
  bound.set(channel, sides)
  for (const way of ways) {
    const side = sides[way]
    side.meta = meta
    side.bindings.set(digit, binding)
    side.filter ??= channel.keys.add(way, (pressed) => press(channel, way, side, pressed))
    log.info(`${way === 'received' ? 'A' : 'B'}-leg: ${meta}${digit} ${binding.what}`, channel.uuid)
  }
  return undefined
}

/** Takes one key back, or all. False when nothing was bound. */
export function unbindMetaKeys(channel: Channel, key: string | undefined): boolean {
  const sides = bound.get(channel)
  if (!sides) return false
  if (key !== undefined) {
    const digit = key.toUpperCase()
    const taken = [sides.received, sides.sent].map((side) => side.bindings.delete(digit))
    return taken.includes(true)
  }
  bound.delete(channel)
  for (const side of [sides.received, sides.sent]) side.filter?.[Symbol.dispose]()
  return true
}

/** A key on one side; true lets it through. */
function press(channel: Channel, way: DigitWay, side: KeySide, digit: string): boolean {
  // During a consultation keys are those of the transfer.
  if (channel.consultation) return true
  const second = Math.trunc(Date.now() / 1000)
  if (side.isMeta && second - side.lastSecond > patienceSeconds) {
    side.isMeta = false
    log.info(`${digit} came too late behind ${side.meta}; it is no feature`, channel.uuid)
    return true
  }
  side.lastSecond = second
  if (digit === side.meta) {
    // Twice it is meant for the other party, once.
    side.isMeta = !side.isMeta
    return !side.isMeta
  }
  if (!side.isMeta) return true
  side.isMeta = false
  const binding = side.bindings.get(digit)
  if (!binding) {
    log.warning(`${side.meta}${digit} is bound to nothing`, channel.uuid)
    return false
  }
  if (binding.isOnce) side.bindings.delete(digit)
  run(channel, way, binding)
  return false
}

function run(channel: Channel, way: DigitWay, binding: MetaBinding): void {
  const presses = way === 'received' ? 'a' : 'b'
  const leg =
    binding.runs === 'same'
      ? presses
      : binding.runs === 'opposite'
        ? presses === 'a'
          ? 'b'
          : 'a'
        : binding.runs
  const runner = leg === 'a' ? channel : channel.partner
  if (!runner) return log.warning(`${binding.what}: there is no other leg to run it`, channel.uuid)
  log.debug(`keys start ${binding.what} on ${runner.name}`, channel.uuid)
  if (!binding.isInline) return broadcastOn(runner, binding.what, true)
  const { application, data } = parseBroadcast(binding.what)
  void executeApplication(runner, application, data, { persists: true }).catch((thrown: unknown) =>
    log.err(`${binding.what} failed: ${reasonOf(thrown)}`, runner.uuid),
  )
}
