/** What a moderator's browser asks of a conference: `{"command":"mute","id":5}`, done as the console command of that name. */
import { logger } from '../../base/log.ts'
import { transfer } from '../../core/transfer.ts'
import { conferenceCommand } from './command.ts'
import type { Conference } from './conference.ts'

const log = logger('conference/live')

/** How the words of a command are put together from the member's id and the values; undefined: something is missing. */
type Words = (id: string, values: readonly string[]) => readonly (string | undefined)[]

const ofMember: Words = (id) => [id]
const ofMemberWith: Words = (id, [value]) => (value === undefined ? [id] : [id, value])
const ofMemberAnd: Words = (id, [value]) => [id, value]
const ofRoom: Words = (_id, [value]) => [value]
const ofRoomAnd: Words = (_id, [value, more = 'all']) => [value, more]

const commands: ReadonlyMap<string, Words> = new Map<string, Words>([
  ['kick', ofMember],
  ...['mute', 'unmute', 'tmute', 'deaf', 'undeaf', 'vmute', 'unvmute', 'tvmute'].map(
    (name) => [name, ofMemberWith] as const,
  ),
  ...`volume_in volume_out vid-res-id vid-floor vid-layer vid-canvas vid-watching-canvas vid-banner`
    .split(' ')
    .map((name) => [name, ofMemberAnd] as const),
  ['play', ofRoom],
  ['stop', ofRoom],
  ...['recording', 'vid-layout', 'vid-write-png'].map((name) => [name, ofRoomAnd] as const),
])

/** Asked about pictures, of which there are none. */
const emptyLists: ReadonlySet<string> = new Set(['canvasinfo', 'list-videolayouts'])

/** Does it, and says how it went. */
export async function runControl(
  conference: Conference,
  data: unknown,
): Promise<Readonly<Record<string, unknown>>> {
  const asked = (data ?? {}) as Readonly<Record<string, unknown>>
  const command = typeof asked['command'] === 'string' ? asked['command'] : ''
  const word = command.toLowerCase()
  const id = String(asked['id'] ?? '')
  const values = valuesOf(asked['value'])
  const invalid = { action: 'response', error: 'Invalid Command' }
  if (emptyLists.has(word))
    return { action: 'response', 'conf-command': command, response: 'OK', responseData: [] }
  if (word === 'transfer') return transferMember(conference, id, values)
  const parts = commands.get(word)?.(id, values)
  if (!parts || parts.some((part) => part === undefined || part === '')) return invalid
  const line = [conference.name, word, ...parts].join(' ')
  log.info(`conference ${line}, by a moderator's browser`)
  const response = await conferenceCommand.run(line, { sw: conference.sw })
  return { action: 'response', 'conf-command': line, response }
}

/** One text, or up to ten; nothing of them may end the line. */
function valuesOf(value: unknown): string[] {
  const all: readonly unknown[] = Array.isArray(value) ? value.slice(0, 10) : [value]
  return all
    .filter((each) => typeof each === 'string' || typeof each === 'number')
    .map((each) => String(each).replace(/[\r\n\0]/g, ' '))
}

function transferMember(
  { name, members }: Conference,
  id: string,
  [extension, dialplan, context]: readonly string[],
): Readonly<Record<string, unknown>> {
  const member = members.find((each) => String(each.id) === id)
  const line = [extension, dialplan, context].filter((word) => word).join(' ')
  const answer = (response: string) => ({ action: 'response', 'conf-command': line, response })
  if (!extension || !member) return answer('-ERR Call transfer requires id')
  log.info(`conference ${name}: member ${id} goes to ${line}, by a moderator's browser`)
  transfer(member.channel, { extension, dialplan, context })
  return answer(`+OK Call transferred to ${extension}`)
}
