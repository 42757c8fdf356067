/**
 * Sound of a call in progress that leaves this server or comes back, by re-INVITEs (`uuid_media`, `uuid_media_3p`,
 * `bypass_media_after_bridge`): in the end both parties send to each other, or both to us.
 */
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { soundOf } from '../../core/media-variables.ts'
import type { SessionDescription } from '../../sdp/description.ts'
import { parseSdp } from '../../sdp/parse.ts'
import type { Call } from './call.ts'
import type { MediaWays } from './media-ways.ts'
import { isTaken, type Reply, reinvite, sendReinvite } from './re-invite-out.ts'
import { partnerOf } from './re-invite-pass.ts'

const log = logger('sofia/media')

/** Runs `move` while no other re-INVITE of either leg may; false when one is under way. */
async function alone(calls: readonly Call[], move: () => Promise<boolean>): Promise<boolean> {
  if (calls.some(({ media }) => media.isMoving)) {
    log.info('the sound of this call is on the move already', calls[0]?.channel.uuid)
    return false
  }
  for (const { media } of calls) media.isMoving = true
  try {
    return await move()
  } catch (thrown) {
    log.warning(`the sound stays where it is: ${reasonOf(thrown)}`, calls[0]?.channel.uuid)
    return false
  } finally {
    for (const { media } of calls) media.isMoving = false
  }
}

/** Why the sound of the two cannot pass us by. */
function obstacle(call: Call, other: Call): string | undefined {
  if (!call.channel.isAnswered || !other.channel.isAnswered) return 'not both are answered'
  for (const { media, channel } of [call, other]) {
    if (media.way === 'proxy') return 'its packets are proxied'
    if (media.fax) return 'it is a fax'
    if (media.remoteText === '' || !media.remote) return 'its description is not known'
    if (channel.secureType !== '') return 'it is encrypted between us and the party'
  }
  return undefined
}

/**
 * Has both parties send to each other. With `asksFirst` the party of `call` is asked for an offer, so that both may choose
 * their codecs anew; else the other one is offered what it said last. False: it stays as it was.
 */
export async function sendPast(call: Call, asksFirst: boolean): Promise<boolean> {
  const other = partnerOf(call)
  if (!other) {
    log.warning('there is no other party that the sound could go to', call.channel.uuid)
    return false
  }
  if (call.media.way === 'past' && call.media.other === other.media) return true
  const fault = obstacle(call, other)
  if (fault) {
    log.err(`the sound cannot go past this server: ${fault}`, call.channel.uuid)
    return false
  }
  return alone([call, other], () => movePast(call, other, asksFirst))
}

async function movePast(call: Call, other: Call, asksFirst: boolean): Promise<boolean> {
  const asked: Reply | undefined = asksFirst ? await reinvite(call, '') : undefined
  if (asked && (!isTaken(asked) || asked.body === '')) {
    if (isTaken(asked)) asked.acknowledge('')
    log.info(`the party makes no offer (${asked.status})`, call.channel.uuid)
    return false
  }
  const offer = asked?.body ?? call.media.directText()
  const reply = await reinvite(other, () => other.media.foreignOffer(offer))
  if (!isTaken(reply) || reply.body === '') {
    log.info(`the other party refuses (${reply.status}): the sound stays`, call.channel.uuid)
    if (asked) answerOurselves(call, asked)
    return false
  }
  if (asked) asked.acknowledge(call.media.foreignAnswer(reply.body, parseSdp(asked.body)))
  else {
    const taken = await reinvite(call, () => call.media.foreignOffer(reply.body))
    if (!isTaken(taken) || taken.body === '') {
      log.info(`the party refuses (${taken.status}): the sound comes back`, call.channel.uuid)
      await sendReinvite(other)
      return false
    }
    call.media.takePassed(parseSdp(taken.body), taken.body)
  }
  if (asked) call.media.takePassed(parseSdp(asked.body), asked.body)
  other.media.takePassed(parseSdp(reply.body), reply.body)
  call.media.follow(other.media, 'past')
  other.media.follow(call.media, 'past')
  log.info('the sound goes past this server', call.channel.uuid)
  return true
}

/** The party made an offer that came to nothing: it gets our own answer (RFC 3261 §13.2.2.4). */
function answerOurselves(call: Call, asked: Reply): void {
  call.media.takeOffer(asked.body)
  const body = call.media.answerNow()
  asked.acknowledge(body ?? '')
  if (body === undefined) call.channel.hangup('INCOMPATIBLE_DESTINATION')
}

/**
 * Has the party of `call` send to us again, and with `both` its partner too; then they are bridged here. False: it stays as it
 * was. `asksFirst` lets the parties make the offers.
 */
export async function resumeMedia(call: Call, both: boolean, asksFirst = false): Promise<boolean> {
  if (call.media.way === 'own') return false
  const partner = both ? partnerOf(call) : undefined
  const other = partner && partner.media.way !== 'own' ? partner : undefined
  const calls = other ? [call, other] : [call]
  return alone(calls, async () => {
    const before = call.media.other
    const way = call.media.way
    if (!(await comeBack(call, other, asksFirst))) return false
    if (!other || (await comeBack(other, call, asksFirst))) {
      log.info('the sound passes this server again', call.channel.uuid)
      return true
    }
    // One here and one there would hear nothing.
    if (before && way === 'past' && call.channel.isUp) await goBack(call, before)
    return false
  })
}

async function goBack(call: Call, other: MediaWays): Promise<void> {
  const reply = await reinvite(call, () => call.media.foreignOffer(other.remoteText))
  if (isTaken(reply)) call.media.follow(other, 'past')
  else log.warning('the two parties of this call do not hear each other', call.channel.uuid)
}

async function comeBack(call: Call, other: Call | undefined, asksFirst: boolean) {
  const { media } = call
  const undo = media.comeBack()
  try {
    await media.open((other ?? partnerOf(call))?.media.near)
    const isBack = asksFirst ? await answerTheirs(call) : await sendReinvite(call)
    if (isBack) media.cameBack()
    else undo()
    return isBack
  } catch (thrown) {
    undo()
    throw thrown
  }
}

/** Asks the party for an offer, and answers it with our sound. */
async function answerTheirs(call: Call): Promise<boolean> {
  const asked = await reinvite(call, '')
  if (!isTaken(asked)) return false
  call.media.takeOffer(asked.body)
  const body = call.media.answerNow()
  asked.acknowledge(body ?? '')
  if (body === undefined) call.channel.hangup('INCOMPATIBLE_DESTINATION')
  return body !== undefined
}

/** Whether the party is held by its own description. */
export function isHolding(description: SessionDescription): boolean {
  const sound = soundOf(description)
  return (
    sound !== undefined &&
    (sound.direction === 'sendonly' ||
      sound.direction === 'inactive' ||
      sound.address === '0.0.0.0')
  )
}
