/** Re-INVITEs of ours: hold, and the refresh of a session. */
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { OutgoingInvite } from '../../sip/invite-client.ts'
import type { SipResponse } from '../../sip/message.ts'
import type { Call } from './call.ts'
import { bodyHeaders, headerSets } from './headers.ts'
import { acceptedTerms, offerHeaders } from './session-timer.ts'

const log = logger('sofia/re-invite')

/** How often a re-INVITE is tried again that met another one (491), and after how many ms at most (RFC 3261 §14.1). */
const tries = 3
const longestPauseMs = 4000

/** Sends the offer that the call's media makes now. Resolves whether the far end took it. */
export function sendReinvite(call: Call, tryNumber = 1): Promise<boolean> {
  const { dialog, channel, media, profile } = call
  if (dialog?.state !== 'confirmed' || !channel.isUp) return Promise.resolve(false)
  if (dialog.isInvitePending) return again(call, tryNumber)
  let body: string
  try {
    body = media.offerNow()
  } catch (thrown) {
    log.info(`no re-INVITE: ${reasonOf(thrown)}`, channel.uuid)
    return Promise.resolve(false)
  }
  const request = dialog.createRequest(
    'INVITE',
    [
      ['Contact', call.contact],
      ...headerSets(profile).events,
      ...offerHeaders(profile, channel),
      ...bodyHeaders(body),
    ],
    body,
  )
  return new Promise((resolve) => {
    new OutgoingInvite(
      profile.agent,
      request,
      {
        answered: (response) => {
          resolve(takeAnswer(call, response))
          call.timer.start(acceptedTerms(profile, channel, response))
        },
        refused: (response) => {
          media.withdrawOffer()
          if (response.status === 491) resolve(again(call, tryNumber))
          else {
            // §14.1: the session stays as it was; only a lost dialog ends the call.
            if (response.status === 408 || response.status === 481) {
              channel.hangup('RECOVERY_ON_TIMER_EXPIRE')
            }
            resolve(false)
          }
        },
      },
      { dialog },
    )
  })
}

function takeAnswer(call: Call, response: SipResponse): boolean {
  try {
    return response.hasBody && call.media.readAnswer(response.body) === 'agreed'
  } catch (thrown) {
    log.info(`the answer to a re-INVITE cannot be used: ${reasonOf(thrown)}`, call.channel.uuid)
    return false
  }
}

/** Tries again after a random pause, which is longer for whoever began the call (§14.1). */
function again(call: Call, tryNumber: number): Promise<boolean> {
  if (tryNumber >= tries) return Promise.resolve(false)
  const base = call.dialog?.isCaller ? 2100 : 0
  const ms = base + Math.random() * (longestPauseMs - 2000)
  return new Promise((resolve) => {
    call.profile.agent.clock.after(ms, () => {
      resolve(call.channel.isUp ? sendReinvite(call, tryNumber + 1) : false)
    })
  })
}

/** Puts the far end on hold (`sendonly`) or takes it off. */
export async function holdFarEnd(call: Call, on: boolean): Promise<boolean> {
  if (!call.channel.isAnswered) return false
  call.media.setDirection(on ? 'sendonly' : 'sendrecv')
  return sendReinvite(call)
}

/** RFC 4028 §10: the same session again. */
export function refreshSession(call: Call): void {
  void sendReinvite(call)
}
