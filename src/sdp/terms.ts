/** What offer and answer settle, in the words of whoever has to send and receive. */
import type { LocalCodec } from './codec-string.ts'
import type { Direction, MediaSection, SdpCodec } from './description.ts'
import type { PassedSection, RefusedSection, SdpOrigin } from './write.ts'

/** A codec as both sides agreed on it; its fields are those that a media leg asks for. */
export interface AgreedCodec {
  readonly name: string
  readonly payloadType: number
  readonly clockRate: number
  readonly channels: 1 | 2
  /** The other side's format parameters. */
  readonly fmtp: string
  /** Ours, with the settings that our coder takes; undefined where it takes none. */
  readonly ours?: string
  /** ms of sound in the packets that we send. */
  readonly ptime: number
}

/** How the audio runs after an offer and its answer. */
export interface MediaTerms {
  readonly send: AgreedCodec
  /** What may arrive, by the numbers that it arrives with; the one in use first. */
  readonly receive: readonly AgreedCodec[]
  /** Payload types of RFC 4733 events; undefined where none was agreed. Their clock in Hz. */
  readonly eventSend: number | undefined
  readonly eventReceive: number | undefined
  readonly eventClock: number
  /** Payload type of comfort noise (RFC 3389), undefined where none was agreed. */
  readonly comfortNoise: number | undefined
  readonly remoteAddress: string
  readonly remotePort: number
  /** Undefined when RTCP shares the port. */
  readonly remoteRtcpPort: number | undefined
  readonly rtcpMux: boolean
  /** Whether the other side says where its RTCP goes, which is asking for reports. */
  readonly rtcpAsked: boolean
  /** Our side of the stream, and the same as two questions. */
  readonly direction: Direction
  readonly sends: boolean
  readonly receives: boolean
  /** The other side put us on hold: it sends only, or nothing, or gave the address 0.0.0.0 (RFC 2543). */
  readonly isHeld: boolean
  /** Index of the agreed m= line and the section itself. */
  readonly sectionIndex: number
  readonly section: MediaSection
  /** The section that says how the sound is reached and secured: its own, or the first of the group that it shares a port with. */
  readonly transport: MediaSection
  /** The places of the sections that share its port. */
  readonly bundled: readonly number[]
}

/** What both offers and answers are told about our side. */
export interface LocalSide {
  /** The o= line of the call: one for its whole life. */
  readonly origin: SdpOrigin
  readonly address: string
  readonly port: number
  /** Payload type of RFC 4733 events; undefined: digits go another way. */
  readonly telephoneEvent: number | undefined
  /** Highest event number that we take: 15 digits, 16 flash too. Default 15. */
  readonly highestEvent?: number
  /** Payload type of comfort noise, 13; undefined: none. */
  readonly comfortNoise: number | undefined
  /** Default sendrecv. */
  readonly direction?: Direction
  /** Writes an a=rtcp line even when the other side did not ask for reports. */
  readonly rtcp?: boolean
  /** Default `RTP/AVP`. */
  readonly protocol?: string
  /** Shows `a=sendrecv` too. */
  readonly isDirectionShown?: boolean
  /** Further attributes of the session and of the audio section, without `a=` (ICE, DTLS, crypto, silenceSupp). */
  readonly sessionAttributes?: readonly string[]
  readonly attributes?: readonly string[]
}

export interface OfferSettings extends LocalSide {
  /** In order of preference; at least one. */
  readonly codecs: readonly LocalCodec[]
  /** Default: that of the first codec. */
  readonly ptime?: number
  readonly rtcpMux?: boolean
  /** What numbers mean in this session by now, which they go on to mean (RFC 3264 section 8.3.2). */
  readonly known?: readonly SdpCodec[] | undefined
  /** The name of the sound's section; with it, sections of the layout that may share its port are in a group with it. */
  readonly mid?: string | undefined
  /** Our m= lines in their order, which stays for the whole call (RFC 3264 section 8). Default: the sound alone. */
  readonly layout?: readonly ('sound' | PassedSection | RefusedSection)[]
  /** Attributes of a secure stream (`crypto:…`), and its `protocol`. */
  readonly crypto?: readonly string[]
  /** The same stream in the clear, as a last m= line of the same port that the other side may take instead. */
  readonly plainBeside?: boolean
}

export interface Offer {
  readonly text: string
  /** Our codecs with the numbers that they were offered under. */
  readonly codecs: readonly (LocalCodec & { readonly payloadType: number })[]
  readonly settings: OfferSettings
  /** The events' payload type for each clock rate. */
  readonly events: ReadonlyMap<number, number>
}

/** Whose order counts: theirs, ours, or ours with our packet time whatever they say. */
export type Negotiation = 'generous' | 'greedy' | 'scrooge'

export interface AnswerSettings extends LocalSide {
  readonly codecs: readonly LocalCodec[]
  readonly negotiation: Negotiation
  /** Whether to share one port with RTCP when they offer it. Default true. */
  readonly rtcpMux?: boolean
  /**
   * Asked about each audio section: gives the attributes that accept it (crypto, fingerprint, ICE), or undefined to
   * refuse. Without it plain RTP/AVP is accepted and all else refused.
   */
  readonly accept?: (section: MediaSection) => readonly string[] | undefined
  /** What a section beside the sound is answered with; undefined refuses it. Only one of the sound's group can share its port. */
  readonly beside?: (section: MediaSection, index: number) => PassedSection | undefined
}

export interface Answer {
  readonly text: string
  readonly terms: MediaTerms
}
