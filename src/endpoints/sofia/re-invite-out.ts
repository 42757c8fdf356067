/** Re-INVITEs of ours: hold, the refresh of a session, another description for the far end. */
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { Direction } from '../../sdp/description.ts'
import { OutgoingInvite } from '../../sip/invite-client.ts'
import type { SipResponse } from '../../sip/message.ts'
import type { Call } from './call.ts'
import { bodyHeaders, headerSets } from './headers.ts'
import { acceptedTerms, offerHeaders } from './session-timer.ts'

const log = logger('sofia/re-invite')

/** How often a re-INVITE is tried again that met another one (491), and after how many ms at most (RFC 3261 §14.1). */
const tries = 3
const longestPauseMs = 4000

/** What became of a re-INVITE. */
export interface Reply {
  /** The final status; 0: it was not sent. */
  readonly status: number
  readonly body: string
  /** Sends the ACK, where it was to wait for our answer. */
  acknowledge(body: string): void
}

const unsent: Reply = { status: 0, body: '', acknowledge: () => {} }

export function isTaken(reply: Reply): boolean {
  return reply.status >= 200 && reply.status < 300
}

/** What is to go out: made anew for each try. An empty text asks the far end for an offer; then the ACK waits for ours. */
type Body = string | (() => string)

/** Sends a re-INVITE and resolves with its outcome; one that meets another is tried again. */
export async function reinvite(call: Call, body: Body): Promise<Reply> {
  for (let tryNumber = 1; ; tryNumber++) {
    const { dialog, channel } = call
    if (dialog?.state !== 'confirmed' || !channel.isUp) return unsent
    const reply = dialog.isInvitePending ? undefined : await send(call, body)
    if (reply && reply.status !== 491) return reply
    if (tryNumber >= tries) return reply ?? unsent
    await pause(call)
  }
}

function send(call: Call, makeBody: Body): Promise<Reply> {
  const { dialog, channel, profile } = call
  if (!dialog) return Promise.resolve(unsent)
  let body: string
  try {
    body = typeof makeBody === 'string' ? makeBody : makeBody()
  } catch (thrown) {
    log.info(`no re-INVITE: ${reasonOf(thrown)}`, channel.uuid)
    return Promise.resolve(unsent)
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
    const invite: OutgoingInvite = new OutgoingInvite(
      profile.agent,
      request,
      {
        answered: (response) => {
          resolve({
            status: response.status,
            body: bodyOf(response),
            acknowledge: (text) => {
              if (body === '') invite.acknowledge(bodyHeaders(text), text)
            },
          })
          call.timer.start(acceptedTerms(profile, channel, response))
        },
        refused: ({ status }) => {
          // §14.1: the session stays as it was; only a lost dialog ends the call.
          if (status === 408 || status === 481) channel.hangup('RECOVERY_ON_TIMER_EXPIRE')
          resolve({ ...unsent, status })
        },
      },
      { dialog, delayAck: body === '' },
    )
  })
}

function bodyOf(response: SipResponse): string {
  return response.hasBody && response.contentType === 'application/sdp' ? response.body : ''
}

/** A random pause, which is longer for whoever began the call (§14.1). */
function pause(call: Call): Promise<void> {
  const base = call.dialog?.isCaller ? 2100 : 0
  const ms = base + Math.random() * (longestPauseMs - 2000)
  return new Promise((resolve) => {
    call.profile.agent.clock.after(ms, () => resolve())
  })
}

/** Sends the offer that the call's media makes now. Resolves whether the far end took it. */
export async function sendReinvite(call: Call): Promise<boolean> {
  const { media } = call
  const reply = await reinvite(call, () => media.offerNow())
  if (!isTaken(reply)) {
    media.withdrawOffer()
    return false
  }
  return takeAnswer(call, reply.body)
}

function takeAnswer(call: Call, body: string): boolean {
  try {
    return body !== '' && call.media.readAnswer(body) === 'agreed'
  } catch (thrown) {
    log.info(`the answer to a re-INVITE cannot be used: ${reasonOf(thrown)}`, call.channel.uuid)
    return false
  }
}

/** `uuid_media_reneg`: offers our codecs anew, those of `codecs` where given. */
export async function renegotiate(call: Call, codecs: string | undefined): Promise<boolean> {
  const { channel, media } = call
  if (!channel.isAnswered || media.way !== 'own' || media.fax) return false
  if (codecs) channel.variables.set('absolute_codec_string', codecs)
  return sendReinvite(call)
}

/** Puts the far end on hold (`sendonly`) or takes it off. */
export async function holdFarEnd(call: Call, on: boolean): Promise<boolean> {
  if (!call.channel.isAnswered) return false
  const direction: Direction = on ? 'sendonly' : 'sendrecv'
  const before = call.media.direction
  call.media.setDirection(direction)
  const isHeld = await sendReinvite(call)
  if (!isHeld) call.media.setDirection(before)
  return isHeld
}

function sameAgain({ media }: Call): string {
  return media.fax ? media.localText : media.offerNow()
}

/** RFC 4028 §10: the same session again. */
export function refreshSession(call: Call): void {
  if (call.media.isMoving) return
  if (call.media.fax || call.media.way !== 'own') void reinvite(call, () => sameAgain(call))
  else void sendReinvite(call)
}
