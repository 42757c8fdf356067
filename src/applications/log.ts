/** log, info, event: what an operator or a program is told of a call. */
import { logger, logLevelNumber } from '../base/log.ts'
import { addChannelHeaders, addChannelVariables } from '../core/channel-event.ts'
import { parseEventName, SwitchEvent } from '../core/events.ts'
import type { Application } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'

const channelLog = logger('applications/log')

export const log: Application = {
  name: 'log',
  syntax: '[<level>] <text>',
  about: 'Write a line to the log; without a level: DEBUG',
  needs: 'nothing',
  inline: true,
  zombie: true,
  run(channel, data) {
    const [word = '', ...rest] = data.split(' ')
    const level = rest.length > 0 ? logLevelNumber(word) : undefined
    channelLog.at(level ?? 7, level === undefined ? data : rest.join(' '), channel.uuid)
  },
}

export const info: Application = {
  name: 'info',
  syntax: '[<level>]',
  about: "Write all the channel's data to the log",
  needs: 'nothing',
  inline: true,
  zombie: true,
  run(channel, data) {
    const level = logLevelNumber(data || 'info') ?? 6
    const event = new SwitchEvent('CHANNEL_DATA')
    addChannelHeaders(event, channel)
    addChannelVariables(event, channel)
    const lines = event.headers.map(
      ([name, value]) => `${name}: [${typeof value === 'string' ? value : value.join('|:')}]`,
    )
    channelLog.at(level, `CHANNEL_DATA:\n${lines.join('\n')}\n`, channel.uuid)
  },
}

export const event: Application = {
  name: 'event',
  syntax: '<name>=<value>,<name>=<value>…',
  about: 'Fire an event (CHANNEL_APPLICATION; Event-Name and Event-Subclass choose another)',
  needs: 'nothing',
  inline: true,
  zombie: true,
  run(channel, data) {
    const pairs = separate(data, ',').map((part): [string, string] => {
      const equals = part.indexOf('=')
      return equals < 0 ? [part, ''] : [part.slice(0, equals).trim(), part.slice(equals + 1)]
    })
    const given = (wanted: string) => pairs.find(([name]) => name.toLowerCase() === wanted)?.[1]
    const name =
      parseEventName(given('event-name') ?? 'CHANNEL_APPLICATION') ?? 'CHANNEL_APPLICATION'
    const subclass = name === 'CUSTOM' ? given('event-subclass') : undefined
    const own = pairs.filter(([key]) => !/^event-(name|subclass)$/i.test(key))
    channel.sw.events.announce(
      name,
      (made) => {
        for (const [key, value] of own) made.add(key, value)
        addChannelHeaders(made, channel)
        addChannelVariables(made, channel)
      },
      subclass,
    )
  },
}
