/**
 * What operators do in conferences, as the console's command `conference` does it: who is heard and hears, who is in, who comes in,
 * what is recorded. Rooms and members are those of the live tables, so that nothing can be named that is not there.
 */
import type { LiveFields } from '../../core/live-tables.ts'
import type { Connection } from './connection.ts'
import { type Json, textOf } from './json-rpc.ts'
import type { MethodResult } from './methods.ts'
import { byRight, note, type OperatorAction, outcomeOf, refuse, run } from './operator-action.ts'
import type { OperatorRight } from './operator-rights.ts'

/** A name that the command takes as one word. */
const plainName = /^(?!\^\^)[^\s'"\\]+$/

const over = () => refuse('That conference is over.')

function roomOf({ verto }: Connection, params: Json | undefined): LiveFields | undefined {
  return verto.sw.liveTables.row('conferences', textOf(params, 'conference') ?? '')
}

/** What is said of an action: in the log as in "1000 mutes …", and to the operator when it is done. */
interface Telling {
  readonly does: string
  readonly done: string
}

/** Does `conference <name> <words>`. */
async function steer(
  connection: Connection,
  name: string,
  words: string,
  { does, done }: Telling,
  member?: LiveFields,
): Promise<MethodResult> {
  if (!plainName.test(name)) return refuse('A conference of that name cannot be steered.')
  note(connection, `${does} conference ${name}`, member ? String(member['uuid']) : undefined)
  return outcomeOf(await run(connection, 'conference', `${name} ${words}`), done)
}

/** An action on one member. */
function ofMember(
  word: string,
  right: OperatorRight,
  what: string,
  { does, done }: Telling,
): readonly [string, OperatorAction] {
  return [
    word,
    byRight(right, what, (connection, params) => {
      const id = textOf(params, 'member') ?? ''
      const member = connection.verto.sw.liveTables.row('members', id)
      if (!member) return refuse('That member has left.')
      const words = `${word} ${String(member['id'])}`
      const told = { does: `${does} member ${id} (${String(member['number'])}) of`, done }
      return steer(connection, String(member['conference']), words, told, member)
    }),
  ]
}

/** An action on a whole room. */
function ofRoom(
  word: string,
  right: OperatorRight,
  what: string,
  act: (connection: Connection, room: LiveFields) => MethodResult | Promise<MethodResult>,
): readonly [string, OperatorAction] {
  return [
    word,
    byRight(right, what, (connection, params) => {
      const room = roomOf(connection, params)
      return room ? act(connection, room) : over()
    }),
  ]
}

const nameOf = (room: LiveFields) => String(room['name'])

/** A file of its own below recordings_dir. */
function record(connection: Connection, room: LiveFields): MethodResult | Promise<MethodResult> {
  if (room['isRecorded'] === true) return refuse('That conference is recorded already.')
  const name = nameOf(room)
  const moment = new Date().toISOString().slice(0, 19).replace(/\D/g, '-')
  const file = `conference-${name.replace(/[^\w.-]/g, '_').slice(0, 64)}-${moment}.wav`
  return steer(connection, name, `recording start ${file}`, {
    does: `records (${file})`,
    done: `Recorded to ${file}.`,
  })
}

async function hangUpAll(connection: Connection, room: LiveFields): Promise<MethodResult> {
  const name = nameOf(room)
  note(connection, `hangs up all of conference ${name}`)
  const { liveTables } = connection.verto.sw
  const uuids = [...liveTables.rows('members')]
    .filter(([, { conference }]) => conference === name)
    .map(([, { uuid }]) => String(uuid))
  const replies = await Promise.all(uuids.map((uuid) => run(connection, 'uuid_kill', uuid)))
  const count = replies.filter((reply) => reply.startsWith('+OK')).length
  // Whoever went meanwhile needed no hangup.
  if (count > 0 || uuids.length === 0) return { result: { message: `Hung up: ${count}.` } }
  return outcomeOf(replies[0] ?? '')
}

export const conferenceActions: readonly (readonly [string, OperatorAction])[] = [
  ofMember('mute', 'mute', 'mute members', { does: 'mutes', done: 'Muted.' }),
  ofMember('unmute', 'mute', 'unmute members', { does: 'unmutes', done: 'No longer muted.' }),
  ofMember('deaf', 'mute', 'make members deaf', { does: 'makes deaf', done: 'Hears nothing now.' }),
  ofMember('undeaf', 'mute', 'let members hear', { does: 'lets hear', done: 'Hears again.' }),
  ofMember('kick', 'kick', 'remove members', { does: 'removes', done: 'Removed.' }),
  ofRoom('lock', 'lock', 'lock conferences', (connection, room) =>
    steer(connection, nameOf(room), 'lock', { does: 'locks', done: 'Locked.' }),
  ),
  ofRoom('unlock', 'lock', 'unlock conferences', (connection, room) =>
    steer(connection, nameOf(room), 'unlock', { does: 'unlocks', done: 'No longer locked.' }),
  ),
  ofRoom('record', 'record', 'record conferences', record),
  ofRoom('norecord', 'record', 'end recordings of conferences', (connection, room) =>
    steer(connection, nameOf(room), 'recording stop all', {
      does: 'ends the recordings of',
      done: 'No longer recorded.',
    }),
  ),
  ofRoom('hangup-all', 'hangup', 'hang up calls', hangUpAll),
]
