/** eavesdrop, native_eavesdrop and three_way: hearing the call of another channel, and speaking into it. */
import { logger } from '../base/log.ts'
import type { Channel } from '../core/channel.ts'
import { collectDigits } from '../core/collect.ts'
import { type EavesdropOptions, eavesdrop as eavesdropOn } from '../core/eavesdrop.ts'
import type { Application } from '../core/interfaces.ts'
import { play } from '../core/play.ts'
import { separate } from '../core/separate.ts'
import { isTrue } from '../core/variables.ts'

const log = logger('applications/eavesdrop')

/** How long `all` waits for a key after a failure, and when nobody is there, ms. */
const failedMs = 5000
const idleMs = 2000

function optionsOf(channel: Channel): EavesdropOptions {
  const says = (name: string) => isTrue(channel.variables.get(name))
  const hears = { read: says('eavesdrop_bridge_aleg'), write: says('eavesdrop_bridge_bleg') }
  return {
    requiredGroup: channel.variables.get('eavesdrop_require_group'),
    takesKeys: isTrue(channel.variables.get('eavesdrop_enable_dtmf') ?? 'true'),
    // Without either, both.
    hears: hears.read || hears.write ? hears : { read: true, write: true },
    whispers: { read: says('eavesdrop_whisper_aleg'), write: says('eavesdrop_whisper_bleg') },
  }
}

export const eavesdrop: Application = {
  name: 'eavesdrop',
  syntax: '<uuid>|all',
  about: 'Listen to a channel; 2 speaks to it, 1 to its partner, 3 to both, 0 to nobody, * ends it',
  needs: 'media',
  async run(channel, data, { signal }) {
    const uuid = data.trim()
    if (uuid === '') return log.err(`eavesdrop: ${eavesdrop.syntax}`, channel.uuid)
    const options = optionsOf(channel)
    if (uuid.toLowerCase() === 'all') return eavesdropOnAll(channel, options, signal)
    const target = channel.sw.channels.get(uuid)
    if (!target) return log.warning(`eavesdrop: there is no channel ${uuid}`, channel.uuid)
    const end = await eavesdropOn(channel, target, options, signal)
    if (end === 'refused') {
      const group = options.requiredGroup
      log.warning(`eavesdrop: ${target.name} is not of the group ${group}`, channel.uuid)
    }
  },
}

/** One channel after the other; `*` goes on to the next. */
async function eavesdropOnAll(
  channel: Channel,
  options: EavesdropOptions,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted && channel.isUp) {
    let hasHeard = false
    for (const target of channel.sw.channels.list()) {
      if (signal.aborted || !channel.isUp) return
      if (target === channel || !target.isUp) continue
      if (!options.requiredGroup || target.variables.has('eavesdrop_group'))
        await indicate(channel, 'new', signal)
      const end = await eavesdropOn(channel, target, options, signal)
      if (end === 'refused') continue
      hasHeard = true
      if (end === 'over') continue
      await indicate(channel, 'failed', signal)
      await waitForStar(channel, failedMs, signal)
    }
    if (hasHeard || signal.aborted) continue
    await indicate(channel, 'idle', signal)
    await waitForStar(channel, idleMs, signal)
  }
}

/** Plays `eavesdrop_indicate_new`, `…_failed` or `…_idle`. */
async function indicate(
  channel: Channel,
  what: 'new' | 'failed' | 'idle',
  signal: AbortSignal,
): Promise<void> {
  const path = channel.text(`eavesdrop_indicate_${what}`)
  if (path && !signal.aborted) await play(channel, path, { signal })
}

async function waitForStar(channel: Channel, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const options = { signal, min: 0, max: 1, prompt: '', timeoutMs: ms, terminators: '*' }
  await collectDigits(channel, options)
}

/** Listens to `<uuid>` without keys; `sides` are those that it hears and speaks into. */
async function listen(
  channel: Channel,
  uuid: string,
  options: EavesdropOptions,
  signal: AbortSignal,
): Promise<void> {
  const target = channel.sw.channels.get(uuid)
  if (!target) return log.warning(`there is no channel ${uuid}`, channel.uuid)
  await eavesdropOn(channel, target, options, signal)
}

export const threeWay: Application = {
  name: 'three_way',
  syntax: '<uuid>',
  about: 'Talk with both parties of the call of a channel',
  needs: 'media',
  async run(channel, data, { signal }) {
    const uuid = data.trim()
    if (uuid === '') return log.err(`three_way: ${threeWay.syntax}`, channel.uuid)
    const both = { read: true, write: true }
    await listen(channel, uuid, { takesKeys: false, hears: both, whispers: both }, signal)
  },
}

export const nativeEavesdrop: Application = {
  name: 'native_eavesdrop',
  syntax: '<uuid> [read|write]',
  about: 'Listen to what the party of a channel says (read), or to what it hears (write)',
  needs: 'media',
  async run(channel, data, { signal }) {
    const [uuid = '', side = 'read'] = separate(data, ' ')
    if (uuid === '') return log.err(`native_eavesdrop: ${nativeEavesdrop.syntax}`, channel.uuid)
    const isWrite = side.toLowerCase() === 'write'
    const none = { read: false, write: false }
    const hears = { read: !isWrite, write: isWrite }
    await listen(channel, uuid, { takesKeys: false, hears, whispers: none }, signal)
  },
}
