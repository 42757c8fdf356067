/**
 * T.38 passed from one party to the other (`t38_passthru`): the sound of both legs gives way to fax over UDPTL on the same
 * ports, and comes back when a party offers sound again.
 */
import { logger } from '../../base/log.ts'
import { attachStream, dropStream } from '../../core/channel-streams.ts'
import { soundOf } from '../../core/media-variables.ts'
import { isFax } from '../../core/sides/side-formats.ts'
import { isFalse, isTrue } from '../../core/variables.ts'
import type { MediaStream } from '../../media/engine.ts'
import type { MediaSection, SessionDescription } from '../../sdp/description.ts'
import { linesOf } from '../../sdp/lines.ts'
import { parseSdp } from '../../sdp/parse.ts'
import { passedSection } from '../../sdp/pass.ts'
import type { AnySection } from '../../sdp/write.ts'
import type { Call } from './call.ts'
import { isTaken, reinvite, sendReinvite } from './re-invite-out.ts'
import { passedStatus, type Verdict } from './re-invite-pass.ts'

const log = logger('sofia/fax')

/** Whether the description asks for fax instead of sound. */
export function asksForFax(offer: SessionDescription): boolean {
  return soundOf(offer) === undefined && faxIndexOf(offer) >= 0
}

function faxIndexOf(description: SessionDescription): number {
  return description.media.findIndex(
    (section) => isFax(section) && section.port !== 0 && section.address !== undefined,
  )
}

/** Whether a wish of this party for fax is passed on: `t38_passthru` of either leg, else the profile's `t38-passthru`; `once` allows one. */
export function passesFax(call: Call): boolean {
  const { channel, profile } = call
  const word =
    channel.variables.get('t38_passthru') ??
    channel.partner?.variables.get('t38_passthru') ??
    profile.values.text('t38-passthru')
  if (word.toLowerCase() === 'once') return call.media.faxCount === 0
  return isTrue(word)
}

/** Asks the other party for fax; both streams run once it agrees. */
export async function beginFax(call: Call, other: Call, text: string): Promise<Verdict> {
  const offer = parseSdp(text)
  const at = faxIndexOf(offer)
  const theirs = offer.media[at]
  const lines = linesOf(text).sections[at]
  const otherLeg = other.media.near
  const leg = call.media.near
  if (!theirs || !lines || !otherLeg || !leg) return { status: 488 }
  const takesPlace = at === call.media.sides.soundIndex
  const otherAt = other.media.sides.lineFor('image', takesPlace)
  const reply = await reinvite(other, () =>
    other.media.describe(
      other.media.sides.only(otherAt, 'image', passedSection(lines, otherLeg.localPort)),
    ),
  )
  const answer = isTaken(reply) && reply.body !== '' ? parseSdp(reply.body) : undefined
  const answered = answer?.media[otherAt]
  const answeredLines = answer && linesOf(reply.body).sections[otherAt]
  if (!answer || !answered || !answeredLines || !isFax(answered) || answered.port === 0) {
    log.info(`the other party takes no fax (${reply.status})`, call.channel.uuid)
    // It said yes to something else: the sound again.
    if (answer) await sendReinvite(other)
    return { status: answer ? 488 : passedStatus(reply.status) }
  }
  other.media.takeFax(answer, reply.body)
  call.media.takeFax(offer, text)
  call.media.sides.dropAll()
  other.media.sides.dropAll()
  const one = start(call, theirs)
  const two = start(other, answered)
  if (!one || !two) return { status: 500 }
  one.join(two)
  log.notice(`fax (T.38) passes between ${call.channel.name} and ${other.channel.name}`)
  return { body: faxAnswer(call, offer, at, passedSection(answeredLines, leg.localPort)) }
}

function faxAnswer(call: Call, offer: SessionDescription, at: number, fax: AnySection): string {
  return call.media.describe(
    offer.media.map((section, index) =>
      index === at ? fax : { kind: section.kind, protocol: section.protocol, refused: true },
    ),
  )
}

/** Puts fax in the place of the leg's sound. Undefined when there is no leg any more. */
function start(call: Call, theirs: MediaSection): MediaStream | undefined {
  const { channel, media } = call
  const leg = media.near
  const present = media.fax
  const stream = present ?? (leg && channel.sw.media.lendStream(leg))
  if (!stream || (!present && !attachStream(channel, 'image', stream))) return undefined
  if (!present) media.faxCount++
  media.fax = stream
  media.rest()
  stream.configure({
    remoteAddress: theirs.address ?? '',
    remotePort: theirs.port,
    remoteRtcpPort: undefined,
    rtcpMux: false,
    latch:
      !call.profile.values.boolean('disable-rtp-auto-adjust') &&
      !isFalse(channel.variables.get('rtp_auto_adjust')),
    timeoutSeconds: 0,
    payloadTypes: undefined,
  })
  channel.variables.set('remote_image_ip', theirs.address)
  channel.variables.set('remote_image_port', String(theirs.port))
  return stream
}

/** Asks the other party for sound again; where it refuses, fax goes on. */
export async function endFax(call: Call, other: Call, text: string): Promise<Verdict> {
  if (!(await sendReinvite(other))) {
    log.info('the other party does not go back to sound: fax goes on', call.channel.uuid)
    return { status: 488 }
  }
  call.media.takeOffer(text)
  const body = call.media.answerNow()
  stop(other)
  stop(call)
  return body === undefined ? { status: 488 } : { body }
}

function stop(call: Call): void {
  const { media, channel } = call
  if (!media.fax) return
  dropStream(channel, media.fax)
  media.fax = undefined
}
