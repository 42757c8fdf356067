/** A new PIN, chosen by keys. */
import { logger } from '../../base/log.ts'
import { announceMaintenance } from './events.ts'
import type { Mailbox } from './mailbox.ts'
import { askDigits, hasPhrase, isOver, say, type Talk } from './talk.ts'

const log = logger('applications/voicemail')

/** Asks until there is one that may be; false when the caller gives up. */
export async function choosePin(talk: Talk, box: Mailbox): Promise<boolean> {
  const { channel, profile } = talk
  const tries = Math.max(1, profile.values.number('max-retries'))
  for (let left = tries; left > 0 && !isOver(talk); left--) {
    const isOwn = hasPhrase(talk, 'enter_new_pass')
    const { digits, isLate } = await askDigits(talk, isOwn ? 'enter_new_pass' : 'enter_pass')
    if (isOver(talk) || isLate) return false
    const fault = faultOf(box, digits)
    if (fault === undefined) {
      profile.store.setPreference(box, 'password', digits)
      log.notice(`${box.user}@${box.domain} has a new PIN`, channel.uuid)
      announceMaintenance(profile.sw, 'change-password', box, [], channel)
      await say(talk, 'change_pass_success')
      return true
    }
    log.info(`a PIN of ${box.user}@${box.domain} is not taken: ${fault.why}`, channel.uuid)
    const [own, data = ''] = fault.phrase
    if (hasPhrase(talk, own)) await say(talk, own, data)
    else await say(talk, 'change_pass_fail')
  }
  return false
}

export interface PinFault {
  readonly why: string
  /** The phrase that says so, and its data. */
  readonly phrase: readonly [macro: string, data?: string]
}

/** Why a PIN cannot be one; undefined when it can. */
function faultOf(box: Mailbox, digits: string): PinFault | undefined {
  const least = box.profile.values.number('min-pin-length')
  if (digits.length < least)
    return { why: `fewer than ${least} digits`, phrase: ['pass_too_short', String(least)] }
  const guessed = digits === box.user ? 'the number of the mailbox' : 'one digit alone'
  const isGuessed = digits === box.user || /^(.)\1*$/.test(digits)
  return isGuessed ? { why: guessed, phrase: ['pass_not_secure'] } : undefined
}
