/** Enterprise originate: the parts of `a:_:b` are dialled at the same time, each with its own failover; the first success wins. */
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { applyFailure } from '../bridge/bridge-failure.ts'
import type { Channel } from '../channel.ts'
import type { HangupCause } from '../hangup-cause.ts'
import { separate } from '../separate.ts'
import type { Switch } from '../switch.ts'
import { Variables } from '../variables.ts'
import { enterpriseParts, takeEnterpriseVariables } from './dial-string.ts'
import type { OriginateRequest, OriginateResult } from './originate.ts'
import { snapshot } from './originate-leg.ts'
import { Ringback } from './originate-ringback.ts'

const log = logger('core/originate')

type Originate = (sw: Switch, request: OriginateRequest) => Promise<OriginateResult>

const effective = [
  ['effective_ani', 'origination_ani'],
  ['effective_aniii', 'origination_aniii'],
  ['effective_caller_id_name', 'origination_caller_id_name'],
  ['effective_caller_id_number', 'origination_caller_id_number'],
] as const

/** The legs do not know the A-leg as their originator; it hears its ringback until one part has won. */
export async function originateEnterprise(
  sw: Switch,
  request: OriginateRequest,
  dial: Originate,
): Promise<OriginateResult> {
  const { originator } = request
  const shared = request.variables?.copy() ?? new Variables()
  if (originator) describeOriginator(originator, shared)
  const rest = takeEnterpriseVariables(request.dialString, shared)
  if (!rest) {
    log.err(`nothing to dial in ${request.dialString}`, originator?.uuid)
    return { cause: 'DESTINATION_OUT_OF_ORDER' }
  }
  shared.set('ignore_early_media', 'true')
  const cancel = new AbortController()
  const stop = () => cancel.abort()
  const handle = originator?.signals.on('state', stop)
  request.signal?.addEventListener('abort', stop, { once: true })
  if (request.signal?.aborted) stop()
  const ringback = originator && new Ringback(originator)
  if (ringback?.hasSound) ringback.ring(undefined)
  try {
    const parts = enterpriseParts(rest).map((dialString) =>
      dial(sw, {
        dialString,
        timeoutSeconds: request.timeoutSeconds,
        variables: shared,
        callerName: request.callerName,
        callerNumber: request.callerNumber,
        profile: request.profile ?? originator?.profile,
        signal: cancel.signal,
        distantOriginator: originator,
        near: originator?.media ?? request.near,
      }),
    )
    return await settle(parts, originator, cancel)
  } finally {
    ringback?.stop()
    handle?.[Symbol.dispose]()
    request.signal?.removeEventListener('abort', stop)
  }
}

/** What the parts must know of the A-leg, as they are dialled without it. */
function describeOriginator(originator: Channel, shared: Variables): void {
  const { variables } = originator
  shared.set('ent_originate_aleg_uuid', originator.uuid)
  for (const name of separate(variables.get('export_vars') ?? '', ',')) {
    const value = originator.text(name)
    if (value) shared.set(name.replace(/^(nolocal:|_nolocal_)/i, ''), value)
  }
  for (const [from, to] of effective) {
    const value = variables.get(from)
    if (value !== undefined) shared.set(to, value)
  }
}

/** Takes the first part that succeeds and ends the others; without one, the cause of the last that had its own. */
async function settle(
  parts: readonly Promise<OriginateResult>[],
  originator: Channel | undefined,
  cancel: AbortController,
): Promise<OriginateResult> {
  const winner = await new Promise<Channel | undefined>((resolve) => {
    let open = parts.length
    let won = false
    for (const part of parts) {
      void part
        .then((result) => {
          open--
          if (result.channel && (won || cancel.signal.aborted)) {
            result.channel.variables.set('group_dial_status', 'loser')
            result.channel.hangup(won ? 'LOSE_RACE' : 'ORIGINATOR_CANCEL')
          } else if (result.channel) {
            won = true
            resolve(result.channel)
          }
          if (open === 0) resolve(undefined)
        })
        .catch((thrown: unknown) => log.err(`a part failed: ${reasonOf(thrown)}`))
    }
  })
  if (winner) {
    cancel.abort('LOSE_RACE' satisfies HangupCause)
    if (originator) {
      winner.profile.meet('originator', snapshot(originator.profile))
      originator.profile.meet('originatee', snapshot(winner.profile))
      originator.otherLeg = 'originatee'
      originator.variables.set('originate_disposition', 'success')
    }
    return { channel: winner }
  }
  let cause: HangupCause | undefined
  for (const part of parts) {
    const result = await part
    if (result.cause === undefined) continue
    if (originator) applyFailure(originator, result.cause)
    if (result.cause !== 'LOSE_RACE' && result.cause !== 'NO_PICKUP') cause = result.cause
  }
  originator?.variables.set('originate_disposition', 'failure')
  originator?.variables.set('hangup_cause', cause ?? 'NO_ANSWER')
  return { cause: cause ?? 'NO_ANSWER' }
}
