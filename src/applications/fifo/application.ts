/** The application `fifo`. */
import { logger } from '../../base/log.ts'
import type { Application } from '../../core/interfaces.ts'
import { separate } from '../../core/separate.ts'
import { isTrue } from '../../core/variables.ts'
import { waitInFifo } from './caller.ts'
import { serveFifos } from './consumer.ts'
import type { Fifo } from './fifo.ts'
import { fifosOf } from './fifos.ts'

const log = logger('applications/fifo')

const syntax =
  '<fifo>[!<importance>] in [<announce>|undef] [<music>|undef] [early|noans] | <fifo>[,<fifo>] out [wait|nowait] [<announce>|undef] [<music>|undef]'

/** As many as a consumer may serve. */
const mostFifos = 25

export const fifo: Application = {
  name: 'fifo',
  syntax,
  about: 'Wait in a fifo (in), or take whoever waits there (out)',
  needs: 'media',
  ignoresBreak: true,
  async run(channel, data, { signal }) {
    const [names = '', way = '', ...rest] = separate(data, ' ')
    const isIn = way.toLowerCase() === 'in'
    const list = separate(names, ',').slice(0, mostFifos)
    const isWrong = (!isIn && way.toLowerCase() !== 'out') || list.length === 0
    const waitWord = isIn ? 'wait' : (rest[0] ?? 'wait').toLowerCase()
    if (isWrong || (isIn && list.length > 1) || !['wait', 'nowait'].includes(waitWord))
      return log.err(`fifo ${data}: ${syntax}`, channel.uuid)
    channel.variables.unset('fifo_hangup_check')
    const fifos = fifosOf(channel.sw)
    const served = list.map((text) => openFifo(channel.sw, text))
    const given = isIn ? rest : rest.slice(1)
    const announcement = soundOf(given[0] ?? channel.text('fifo_announce'))
    const music = soundOf(given[1] ?? channel.text('fifo_music'))
    try {
      const [first] = served
      if (!isIn)
        await serveFifos(
          channel,
          served,
          { name: names, announcement, music, waits: waitWord === 'wait' },
          signal,
        )
      else if (first) {
        const answers = !['noans', 'early'].includes(given[2]?.toLowerCase() ?? '')
        await waitInFifo(channel, first, { name: names, announcement, music, answers }, signal)
      }
    } finally {
      if (isTrue(channel.variables.get('fifo_destroy_after_use')))
        for (const one of served) if (!one.isStatic) fifos.dropIfUnused(one)
    }
  },
}

/** `name!importance`. The importance counts for a fifo that comes to be by this. */
function openFifo(sw: Parameters<typeof fifosOf>[0], text: string): Fifo {
  const mark = text.lastIndexOf('!')
  const importance = mark < 0 ? 0 : Number.parseInt(text.slice(mark + 1), 10) || 0
  return fifosOf(sw).open(mark < 0 ? text : text.slice(0, mark), Math.max(0, importance))
}

function soundOf(text: string | undefined): string | undefined {
  const word = text?.toLowerCase()
  return word === undefined || word === '' || word === 'undef' || word === 'silence'
    ? undefined
    : text
}
