/**
 * Bridge: two channels hear each other until one leaves. The first one (the A-leg) runs this function; the other waits in
 * CS_EXCHANGE_MEDIA meanwhile. What follows for each is in bridge-after.ts.
 */
import { logger } from '../../base/log.ts'
import { answer } from '../answer.ts'
import { attend } from '../attend.ts'
import { copyToCaller } from '../cdr/copied-records.ts'
import type { Channel } from '../channel.ts'
import { runCommandHook, runHooks } from '../hooks.ts'
import { refreshJitterBuffer } from '../jitter-buffer.ts'
import { passCallee } from '../originate/originate-ringback.ts'
import { separate } from '../separate.ts'
import { nowMicros } from '../time/times.ts'
import { tellSpies } from '../user-spies.ts'
import { afterBridgeA, afterBridgeB } from './bridge-after.ts'
import { watchBridgeDigits } from './bridge-digits.ts'
import { makeBridgeNoise } from './bridge-noise.ts'
import { untilReached } from './bridge-wait.ts'
import { transcodingFault } from './transcoding.ts'

const log = logger('core/bridge')

const never = new AbortController().signal

/**
 * Bridges `a`, which calls this from what it executes, with `b`, which waits. Resolves when it is over and the variables of
 * both have had their say: either may have been hung up, parked or transferred.
 */
export async function bridgeChannels(a: Channel, b: Channel): Promise<void> {
  const state = a.state
  exchangeExports(a, b)
  if (b.isAnswered && !a.isAnswered) {
    passCallee(b, a)
    await answer(a)
  }
  if (!a.isUp) return b.hangup(a.hangupCause ?? 'ORIGINATOR_CANCEL')
  if (!(b.isAnswered || b.isEarly || b.isRinging)) {
    log.warning(`cannot bridge ${a.name} with ${b.name}: it has not been reached`, a.uuid)
    b.hangup('NO_ANSWER')
    afterBridgeA(a, b, state)
    return
  }
  announceBridge(a, b)
  const reached = await untilReached(a, b)
  if (reached && a.isUp && b.isUp && a.state === state) await talk(a, b)
  else if (!reached) b.hangup('ALLOTTED_TIMEOUT')
  else b.hangup(a.hangupCause ?? 'ORIGINATOR_CANCEL')
  noteCauses(a, b)
  const copying = copyToCaller(a, b)
  if (copying) await copying
  b.variables.set('call_uuid', b.uuid)
  a.announce('CHANNEL_UNBRIDGE', (event) => {
    event.add('Bridge-A-Unique-ID', a.uuid)
    event.add('Bridge-B-Unique-ID', b.uuid)
  })
  afterBridgeA(a, b, state)
}

/** The A-leg shows the callee; variables that `bridge_export_vars` names go over both ways. */
function exchangeExports(a: Channel, b: Channel): void {
  a.profile.set('callee_id_name', b.profile.get('callee_id_name'))
  a.profile.set('callee_id_number', b.profile.get('callee_id_number'))
  exportTo(b, a)
  exportTo(a, b)
}

function exportTo(from: Channel, to: Channel): void {
  const list = from.variables.get('bridge_export_vars')
  if (!list) return
  to.variables.set('bridge_export_vars', list)
  for (const name of separate(list, ',')) {
    const value = from.text(name)
    if (value) to.variables.set(name.replace(/^(nolocal:|_nolocal_)/i, ''), value)
  }
}

function announceBridge(a: Channel, b: Channel): void {
  b.variables.set('call_uuid', a.uuid)
  const now = nowMicros()
  a.profile.times.bridged = now
  b.profile.times.bridged = now
  a.announce('CHANNEL_BRIDGE', (event) => {
    event.add('Bridge-A-Unique-ID', a.uuid)
    event.add('Bridge-B-Unique-ID', b.uuid)
  })
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const { variables } = one
    variables.set('bridge_to', other.uuid)
    variables.set('last_bridge_to', other.uuid)
    variables.set('bridge_channel', other.name)
    variables.set('bridge_uuid', other.uuid)
    variables.set('signal_bond', other.uuid)
  }
}

/** The bridge itself: from joining the sound until one of them leaves. */
async function talk(a: Channel, b: Channel): Promise<void> {
  a.partner = b
  b.partner = a
  const left = untilOneLeaves(a, b)
  b.moveTo('exchange_media')
  left.arm()
  if (b.isAnswered && !a.isAnswered) await answer(a)
  joinSound(a, b)
  tellSpies(a, b)
  const watches = [
    watchAnswer(a, b),
    watchBridgeDigits(a, b),
    watchHangups(a, b),
    makeBridgeNoise(a, b),
  ]
  a.driver.bridged?.(b)
  b.driver.bridged?.(a)
  a.signals.emit('bridged', b)
  b.signals.emit('bridged', a)
  for (const one of [a, b]) {
    runHooks(one, 'pre_bridge')
    runCommands(one, 'api_before_bridge')
  }
  startPreExecute(a, a, 'a')
  startPreExecute(b, a, 'b')
  await attend(a, left.over, never)
  for (const watch of watches) watch[Symbol.dispose]()
  // Who consults a third party belongs to that one by now.
  if (a.partner === b) a.partner = undefined
  if (b.partner === a) {
    b.partner = undefined
    a.media?.unbridge()
  }
  a.driver.bridged?.(undefined)
  b.driver.bridged?.(undefined)
  a.signals.emit('bridged', undefined)
  b.signals.emit('bridged', undefined)
  for (const one of [a, b]) {
    runHooks(one, 'post_bridge')
    runCommands(one, 'api_after_bridge')
    one.variables.unset('bridge_to')
  }
  const { consultation } = b
  if (consultation) void consultation.then(() => afterBridgeB(b))
  else afterBridgeB(b)
}

/** Joins the sound of both; ends the call where no way exists to turn the one's into the other's. */
export function joinSound(a: Channel, b: Channel): void {
  // While one of them consults a third party they do not hear each other.
  if (a.partner !== b || b.partner !== a) return
  const fault = transcodingFault(a, b)
  if (fault) {
    log.err(`cannot bridge ${a.name} with ${b.name}: ${fault}`, a.uuid)
    b.hangup('INCOMPATIBLE_DESTINATION')
    a.hangup('INCOMPATIBLE_DESTINATION')
  } else if (a.media && b.media) {
    refreshJitterBuffer(a)
    refreshJitterBuffer(b)
    a.media.bridge(b.media)
  }
}

/** `bridge_pre_execute_aleg_app` and `…_bleg_app`: runs beside the bridge when it begins. */
function startPreExecute(channel: Channel, a: Channel, side: 'a' | 'b'): void {
  const application = a.variables.get(`bridge_pre_execute_${side}leg_app`)
  if (!application) return
  const data = a.variables.get(`bridge_pre_execute_${side}leg_data`) ?? ''
  channel.queue.add({ application, data })
}

function runCommands(channel: Channel, prefix: string): void {
  if (!channel.variables.hasHooks) return
  for (const [name, value] of [...channel.variables.entries()]) {
    if (!name.startsWith(prefix)) continue
    for (const line of typeof value === 'string' ? [value] : value) runCommandHook(channel, line)
  }
}

/** Resolves when either asks for another state: hangup, transfer, park. A break does not end a bridge. */
function untilOneLeaves(a: Channel, b: Channel): { readonly over: Promise<void>; arm(): void } {
  let handles: Disposable[] = []
  let resolveOver = () => {}
  const over = new Promise<void>((resolve) => {
    resolveOver = resolve
  })
  const end = () => {
    for (const handle of handles) handle[Symbol.dispose]()
    handles = []
    resolveOver()
  }
  handles.push(a.signals.on('state', end))
  return {
    over,
    arm() {
      if (!a.isUp || b.state !== 'exchange_media') end()
      else handles.push(b.signals.on('state', end))
    },
  }
}

/** When the called party answers a bridge that began with early sound, the caller is answered too. */
function watchAnswer(a: Channel, b: Channel): Disposable {
  const answered = b.signals.on('answered', () => {
    if (a.isAnswered) return
    passCallee(b, a)
    void answer(a).then(() => joinSound(a, b))
  })
  const media = [a, b].map((one) => one.signals.on('media', () => joinSound(a, b)))
  const seconds = a.isAnswered ? undefined : a.variables.get('bridge_answer_timeout')
  const limit = seconds === undefined ? Number.NaN : Number.parseInt(seconds, 10)
  const timer =
    limit >= 0
      ? setTimeout(() => {
          if (!b.isAnswered) a.hangup('ALLOTTED_TIMEOUT')
        }, limit * 1000)
      : undefined
  return {
    [Symbol.dispose]: () => {
      clearTimeout(timer)
      answered[Symbol.dispose]()
      for (const handle of media) handle[Symbol.dispose]()
    },
  }
}

/**
 * Each remembers why the other went, and the one that goes which side it was. The role is set when the state changes, so that
 * CHANNEL_HANGUP shows it already.
 */
function watchHangups(a: Channel, b: Channel): Disposable {
  const handles = (
    [
      [a, b, 'originator'],
      [b, a, 'originatee'],
    ] as const
  ).flatMap(([one, other, role]) => [
    one.signals.on('state', () => {
      if (!one.isUp && other.isUp) one.variables.set('last_bridge_role', role)
    }),
    one.signals.on('hangup', (cause) => other.variables.set('last_bridge_hangup_cause', cause)),
  ])
  return {
    [Symbol.dispose]: () => {
      for (const handle of handles) handle[Symbol.dispose]()
    },
  }
}

function noteCauses(a: Channel, b: Channel): void {
  if (a.hangupCause) b.variables.set('bridge_hangup_cause', a.hangupCause)
  if (b.hangupCause) a.variables.set('bridge_hangup_cause', b.hangupCause)
}
