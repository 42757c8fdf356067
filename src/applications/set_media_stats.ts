/** set_media_stats: the figures of the channel's sound up to now as variables. */
import type { Application } from '../core/interfaces.ts'
import { refreshAudioVariables } from '../core/media-figures.ts'

export const setMediaStats: Application = {
  name: 'set_media_stats',
  syntax: '',
  about: 'Set the rtp_audio_… variables to what was measured up to now',
  needs: 'nothing',
  inline: true,
  zombie: true,
  run: async (channel) => void (await refreshAudioVariables(channel)),
}
