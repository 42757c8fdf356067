/** media: how the calls sound, the worst first; `media why` tells of one call what is wrong with its sound. */
import { usage } from '../core/command-usage.ts'
import type { Command } from '../core/interfaces.ts'
import { overview, overviewText } from '../core/media-overview.ts'
import { whyJson, whyReports, whyText } from '../core/media-why.ts'

/** So many legs are shown unless all are asked for. */
const shown = 20

export const media: Command = {
  name: 'media',
  syntax: '[all] [json]|why <uuid> [json]',
  about: 'Show how calls sound, the worst first, and why a party is not heard',
  completions: ['all', 'json', 'why ::console::list_uuid'],
  async run(args, { sw }) {
    const words = args.split(' ').filter((word) => word !== '')
    const isJson = words.at(-1)?.toLowerCase() === 'json'
    if (isJson) words.pop()
    const [word = '', uuid = ''] = words
    switch (word.toLowerCase()) {
      case 'why': {
        if (uuid === '') return usage(media.syntax)
        const channel = sw.channels.get(uuid)
        if (!channel) return `-ERR no call has the uuid ${uuid}\n`
        const reports = await whyReports(channel)
        return isJson ? whyJson(reports) : whyText(reports)
      }
      case '':
      case 'all': {
        const rows = await overview(sw)
        if (isJson) return `${JSON.stringify({ legs: rows })}\n`
        return overviewText(rows, word === '' ? shown : rows.length)
      }
      default:
        return usage(media.syntax)
    }
  },
}
