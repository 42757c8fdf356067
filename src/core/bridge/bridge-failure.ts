/** What follows a failed bridge: `continue_on_fail`, `failure_causes`, `transfer_on_fail`, or the hangup of the A-leg. */
import { logger } from '../../base/log.ts'
import type { Channel } from '../channel.ts'
import type { HangupCause } from '../hangup-cause.ts'
import { causeNumber } from '../hangup-cause.ts'
import { separate } from '../separate.ts'
import type { TransferTarget } from '../transfer.ts'
import { transfer } from '../transfer.ts'
import { isTrue } from '../variables.ts'

const log = logger('core/bridge')

export type FailureStep = 'continue' | 'hangup' | TransferTarget

/** Causes after which a dialplan that says nothing goes on. */
const mild: readonly HangupCause[] = ['NO_ANSWER', 'NO_USER_RESPONSE', 'ORIGINATOR_CANCEL']

/** Decides by the three variables. Lists hold names (any case) or numbers, with commas between. */
export function failureStep(
  cause: HangupCause,
  get: (name: string) => string | undefined,
): FailureStep {
  const continueOn = get('continue_on_fail')
  const failures = get('failure_causes')
  // A transferred caller is somebody else's by now: never go on.
  if (cause !== 'ATTENDED_TRANSFER') {
    if (continueOn !== undefined || failures !== undefined) {
      if (failures !== undefined && !lists(failures, cause)) return 'continue'
      if (continueOn !== undefined && (isTrue(continueOn) || lists(continueOn, cause))) {
        return 'continue'
      }
    } else if (mild.includes(cause)) return 'continue'
    const [causes, extension, dialplan, context] = (get('transfer_on_fail') ?? '').split(' ')
    if (causes && isTrue(causes)) return 'continue'
    if (causes && lists(causes, cause)) {
      const isAutomatic = !extension || extension.toLowerCase() === 'auto_cause'
      return { extension: isAutomatic ? cause : extension, dialplan, context }
    }
  }
  return 'hangup'
}

function lists(list: string, cause: HangupCause): boolean {
  const number = String(causeNumber(cause))
  return separate(list, ',').some((item) => item.toUpperCase() === cause || item === number)
}

/** Does to the A-leg what its variables say of this cause. */
export function applyFailure(channel: Channel, cause: HangupCause): void {
  if (!channel.isUp) return
  const step = failureStep(cause, (name) => channel.text(name))
  if (step === 'continue') return
  if (step === 'hangup') {
    // A transfer under way keeps the call.
    if (channel.state !== 'routing') channel.hangup(cause)
    return
  }
  log.info(`transfer_on_fail: ${cause} leads to ${step.extension}`, channel.uuid)
  transfer(channel, step)
}
