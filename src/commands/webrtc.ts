/** webrtc: why a browser's call does not work; the same as `media why`, under the name by which it is looked for. */
import { usage } from '../core/command-usage.ts'
import type { Command } from '../core/interfaces.ts'
import { whyJson, whyReports, whyText } from '../core/media-why.ts'
import { webRtcFailure } from '../core/webrtc-watch.ts'

export const webrtc: Command = {
  name: 'webrtc',
  syntax: 'why <uuid> [json]',
  about: 'Tell how far ICE, DTLS and the sound of a call have come, and what stands in the way',
  completions: ['why ::console::list_uuid'],
  async run(args, { sw }) {
    const [word = '', uuid = '', form = ''] = args.split(' ').filter((part) => part !== '')
    if (word.toLowerCase() !== 'why' || uuid === '') return usage(webrtc.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return webRtcFailure(uuid) ?? `-ERR no call has the uuid ${uuid}\n`
    const reports = await whyReports(channel)
    return form.toLowerCase() === 'json' ? whyJson(reports) : whyText(reports)
  },
}
