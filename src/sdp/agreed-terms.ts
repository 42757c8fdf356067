/** What the two ends of a stream are once offer and answer are there, whichever side made the offer. */
import { bundleWith } from './bundle.ts'
import {
  type Direction,
  directionOf,
  type MediaSection,
  receives,
  reversed,
  type SessionDescription,
  sends,
} from './description.ts'
import type { MediaTerms } from './terms.ts'

/** The terms of `section`, but for the codecs. `bundled`: the sections that share its port. */
export function termsOf(
  session: SessionDescription,
  section: MediaSection,
  sectionIndex: number,
  bundled: readonly number[],
  direction: Direction,
  rtcpMux: boolean,
): Omit<
  MediaTerms,
  'send' | 'receive' | 'eventSend' | 'eventReceive' | 'eventClock' | 'comfortNoise'
> {
  const tagged = bundleWith(session, sectionIndex).find(
    (index) => index === sectionIndex || bundled.includes(index),
  )
  const transport = session.media[tagged ?? sectionIndex] ?? section
  const nowhere = isNowhere(section)
  return {
    remoteAddress: transport.address ?? '',
    remotePort: transport.port,
    remoteRtcpPort: rtcpMux ? undefined : (section.rtcpPort ?? section.port + 1),
    rtcpMux,
    rtcpAsked: section.rtcpPort !== undefined,
    direction,
    sends: sends(direction) && !nowhere,
    receives: receives(direction),
    isHeld: nowhere || section.direction === 'sendonly' || section.direction === 'inactive',
    sectionIndex,
    section,
    transport,
    bundled,
  }
}

/** Our direction, as far as theirs allows it (RFC 3264 section 6.1). */
export function commonDirection(ours: Direction | undefined, theirs: Direction): Direction {
  const wanted = ours ?? 'sendrecv'
  const allowed = reversed(theirs)
  return directionOf(sends(wanted) && sends(allowed), receives(wanted) && receives(allowed))
}

/** RFC 2543's way to hold: nothing may be sent there. ICE writes it before it knows better. */
function isNowhere(section: MediaSection): boolean {
  return (
    (section.address === '0.0.0.0' || section.address === '::') && section.iceUfrag === undefined
  )
}
