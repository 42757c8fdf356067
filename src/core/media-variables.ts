/** The variables of a leg that tell what was agreed for its sound. */
import { findCodec } from '../codecs/index.ts'
import type { MediaSection, SessionDescription } from '../sdp/description.ts'
import type { AgreedCodec, MediaTerms } from '../sdp/terms.ts'
import type { Channel } from './channel.ts'

/** The codec of a leg; nothing where it is the one shown already. */
export function showCodec(channel: Channel, codec: AgreedCodec): void {
  const known = findCodec(codec.name, codec.clockRate, codec.channels)
  const face = {
    name: codec.name,
    rate: known?.sampleRate ?? codec.clockRate,
    bitRate: known?.bitRate ?? 0,
  }
  if (channel.readCodec?.name === face.name && channel.readCodec.rate === face.rate) return
  channel.readCodec = face
  channel.writeCodec = face
  const { variables } = channel
  const rate = String(face.rate)
  variables.set('rtp_audio_recv_pt', String(codec.payloadType))
  variables.set('rtp_use_codec_name', codec.name)
  variables.set('rtp_use_codec_rate', String(codec.clockRate))
  variables.set('rtp_use_codec_ptime', String(codec.ptime))
  variables.set('rtp_use_codec_channels', String(codec.channels))
  if (codec.fmtp) variables.setForeign('rtp_use_codec_fmtp', codec.fmtp)
  variables.set(
    'rtp_last_audio_codec_string',
    `${codec.name}@${codec.clockRate}h@${codec.ptime}i@${codec.channels}c`,
  )
  if (!variables.has('original_read_codec')) {
    variables.set('original_read_codec', codec.name)
    variables.set('original_read_rate', rate)
  }
  variables.set('read_codec', codec.name)
  variables.set('read_rate', rate)
  variables.set('write_codec', codec.name)
  variables.set('write_rate', rate)
}

/** How the sound runs. */
export function showTerms({ variables }: Channel, terms: MediaTerms, ssrc: number): void {
  variables.set('audio_media_flow', terms.direction)
  variables.set('rtp_use_pt', String(terms.send.payloadType))
  variables.set('rtp_use_ssrc', String(ssrc))
  variables.set('rtp_use_timer_name', 'soft')
  const { eventSend, eventReceive } = terms
  if (eventSend !== undefined) variables.set('rtp_2833_send_payload', String(eventSend))
  if (eventReceive !== undefined) variables.set('rtp_2833_recv_payload', String(eventReceive))
}

/** Proxied sound has no codec here: FreeSWITCH calls it so. */
export function showProxy(channel: Channel): void {
  const face = { name: 'PROXY', rate: 8000, bitRate: 0 }
  channel.readCodec = face
  channel.writeCodec = face
  const { variables } = channel
  variables.set('read_codec', face.name)
  variables.set('read_rate', '8000')
  variables.set('write_codec', face.name)
  variables.set('write_rate', '8000')
  variables.set('rtp_use_codec_name', face.name)
}

/** Where their sound is, by the first audio section in use. */
export function showRemote(channel: Channel, section: MediaSection | undefined): void {
  if (!section) return
  const { variables } = channel
  variables.set('remote_audio_media_flow', section.direction)
  variables.setForeign('remote_media_ip', section.address)
  variables.set('remote_media_port', String(section.port))
}

/** The first section of sound that is in use. */
export function soundOf(description: SessionDescription): MediaSection | undefined {
  return description.media.find(({ kind, port }) => kind === 'audio' && port !== 0)
}

/** What became of video or text beside the sound. Without `port` there is none of the kind. */
export function showSide(
  channel: Channel,
  kind: string,
  theirs: MediaSection | undefined,
  here?: { readonly direction: string; readonly address: string; readonly port: number },
): void {
  if (kind !== 'video' && kind !== 'text') return
  const { variables } = channel
  variables.set(`remote_${kind}_media_flow`, here ? theirs?.direction : 'inactive')
  if (here || variables.get(`${kind}_media_flow`) !== 'disabled')
    variables.set(`${kind}_media_flow`, here?.direction ?? 'inactive')
  if (!here || !theirs) return
  variables.setForeign(`remote_${kind}_ip`, theirs.address)
  variables.set(`remote_${kind}_port`, String(theirs.port))
  variables.set(`local_${kind}_ip`, here.address)
  variables.set(`local_${kind}_port`, String(here.port))
  variables.set(`${kind}_possible`, 'true')
  const codec = theirs.codecs[0]
  if (kind === 'text' || !codec) return
  variables.setForeign('rtp_use_video_codec_name', codec.name)
  variables.set('rtp_use_video_codec_rate', String(codec.clockRate))
  variables.set('rtp_use_video_codec_ptime', '0')
  if (codec.fmtp) variables.setForeign('rtp_use_video_codec_fmtp', codec.fmtp)
  variables.setForeign('rtp_last_video_codec_string', `${codec.name}@${codec.clockRate}h`)
  variables.set('rtp_use_video_pt', String(codec.payloadType))
  variables.set('rtp_video_pt', String(codec.payloadType))
  variables.set('rtp_video_recv_pt', String(codec.payloadType))
  if (codec.fmtp) variables.setForeign('rtp_video_fmtp', codec.fmtp)
  for (const way of ['read', 'write']) {
    variables.setForeign(`video_${way}_codec`, codec.name)
    variables.set(`video_${way}_rate`, String(codec.clockRate))
  }
}
