/** `proxy_media`: the ports of one leg whose description and packets pass untouched but for addresses; one for each m= line. */
import type { Channel } from '../../core/channel.ts'
import { attachStream, dropStream, type StreamKind } from '../../core/channel-streams.ts'
import { isFalse } from '../../core/variables.ts'
import type { MediaLeg, MediaStream } from '../../media/engine.ts'
import { type MediaSection, type SessionDescription, sends } from '../../sdp/description.ts'
import type { Profile } from './profile.ts'

export class ProxyPorts {
  readonly #profile: Profile
  readonly #channel: Channel
  /** By m= line. */
  readonly #ends: (MediaStream | undefined)[] = []
  #isLegLent = false

  constructor(profile: Profile, channel: Channel) {
    this.#profile = profile
    this.#channel = channel
  }

  /** Sees that each section in use has a port, the first one that of `leg`; gives them in order. */
  async open(remote: SessionDescription, leg: MediaLeg): Promise<(number | undefined)[]> {
    const ports: (number | undefined)[] = []
    for (const [index, section] of remote.media.entries()) {
      if (section.port !== 0) this.#ends[index] ??= await this.#open(section, leg)
      ports[index] = this.#ends[index]?.localPort
    }
    return ports
  }

  /** Sends to where the party's description says. */
  configure(remote: SessionDescription): void {
    for (const [index, section] of remote.media.entries())
      if (section.port !== 0) this.#ends[index]?.configure(this.#settings(section))
  }

  /** What arrives at one leg leaves at the other, m= line by m= line. */
  join(other: ProxyPorts): void {
    for (const [index, end] of this.#ends.entries()) {
      const match = other.#ends[index]
      if (end && match) end.join(match)
      else end?.part()
    }
  }

  /** Gives all ports back. */
  close(): void {
    for (const end of this.#ends) if (end) dropStream(this.#channel, end)
    this.#ends.length = 0
    this.#isLegLent = false
  }

  async #open(section: MediaSection, leg: MediaLeg): Promise<MediaStream | undefined> {
    const { sw } = this.#channel
    const lent = this.#isLegLent ? undefined : sw.media.lendStream(leg)
    this.#isLegLent = true
    const address = this.#profile.rtpIp
    const stream =
      lent ?? (await sw.media.openStream({ uuid: this.#channel.uuid, address, near: leg }))
    // The leg's ports count as its sound whatever the section is called.
    const kind = lent ? 'audio' : kindOf(section.kind)
    return attachStream(this.#channel, kind, stream) ? stream : undefined
  }

  #settings(section: MediaSection) {
    const { values } = this.#profile
    const { variables } = this.#channel
    const seconds = (variable: string, param: string) =>
      Number(variables.get(variable) ?? values.number(param))
    const timeoutSeconds =
      section.kind !== 'audio'
        ? 0
        : sends(section.direction) && section.address !== '0.0.0.0'
          ? seconds('rtp_timeout_sec', 'rtp-timeout-sec')
          : seconds('rtp_hold_timeout_sec', 'rtp-hold-timeout-sec')
    return {
      remoteAddress: section.address ?? '',
      remotePort: section.port,
      remoteRtcpPort: section.rtcpPort,
      rtcpMux: section.rtcpMux,
      latch:
        !values.boolean('disable-rtp-auto-adjust') && !isFalse(variables.get('rtp_auto_adjust')),
      timeoutSeconds,
      payloadTypes: undefined,
    }
  }
}

function kindOf(word: string): StreamKind {
  return word === 'video' || word === 'text' || word === 'image' ? word : 'audio'
}
