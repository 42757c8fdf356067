/** Sub-commands of `conference` about calls: dialled into it, and sent from it to another one. */
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { newUuid } from '../../core/events.ts'
import type { Switch } from '../../core/switch.ts'
import { transfer as transferChannel } from '../../core/transfer.ts'
import type { Conference } from './conference.ts'
import { announceConference, announceMember } from './maintenance.ts'
import { callInto, callToBegin, type Outcall, type OutcallResult } from './outcall.ts'
import { oneOf, type SubCommand } from './sub-commands.ts'

const log = logger('applications/conference')

const dialSyntax = '<endpoint_module_name>/<destination> <callerid number> <callerid name>'

function outcallOf([dialString = '', callerNumber, callerName]: readonly string[]): Outcall {
  return { dialString, callerNumber, callerName }
}

/** Calls somebody and replies with what came of it. */
async function dial(
  call: (outcall: Outcall) => Promise<OutcallResult>,
  words: readonly string[],
): Promise<string> {
  if (words.length === 0) return `-ERR Bad Args\ndial ${dialSyntax}`
  const { cause } = await call(outcallOf(words))
  return `+OK Call Requested: result: [${cause}]\n`
}

/** Calls somebody and replies at once. `done` is told what came of it. */
function dialBeside(
  call: (outcall: Outcall) => Promise<OutcallResult>,
  words: readonly string[],
  done?: (job: string, result: OutcallResult) => void,
): string {
  if (words.length === 0) return `-ERR Bad Args\nbgdial ${dialSyntax}`
  const job = newUuid()
  void call(outcallOf(words)).then(
    (result) => done?.(job, result),
    (thrown: unknown) => log.err(`bgdial failed: ${reasonOf(thrown)}`),
  )
  return `+OK Job-UUID: ${job}\n`
}

/** `conference <name> dial|bgdial …` where there is none of that name: who answers begins it. */
export function dialToBegin(
  sw: Switch,
  name: string,
  word: string,
  words: readonly string[],
): Promise<string> | string {
  const call = (outcall: Outcall) => callToBegin(sw, name, outcall)
  return word === 'dial' ? dial(call, words) : dialBeside(call, words)
}

function announceResult(conference: Conference) {
  return (job: string, { cause, uuid }: OutcallResult) =>
    announceConference(conference, 'bgdial-result', {
      Result: cause,
      'Job-UUID': job,
      ...(uuid === undefined ? {} : { 'Peer-UUID': uuid }),
    })
}

function transfer(conference: Conference, words: readonly string[]): string | undefined {
  const [target, ...ids] = words
  if (target === undefined || ids.length === 0) return undefined
  const at = target.indexOf('@')
  const name = at < 0 ? target : target.slice(0, at)
  const profile = at < 0 ? 'default' : target.slice(at + 1)
  return ids
    .map((id) => {
      const member = oneOf(conference, id)
      if (!member) return `-ERR No Member ${id} in conference ${conference.name}.\n`
      announceMember(member, 'transfer', {
        'Old-Conference-Name': conference.name,
        'New-Conference-Name': target,
      })
      const extension = `conference:${name}@${profile}`
      transferChannel(member.channel, { extension, dialplan: 'inline' })
      member.channel.variables.set('last_transfered_conference', name)
      return `+OK Member '${member.id}' sent to conference ${target}.\n`
    })
    .join('')
}

export const callCommands: readonly SubCommand[] = [
  {
    name: 'dial',
    syntax: dialSyntax,
    run: (conference, words) => dial((outcall) => callInto(conference, outcall), words),
  },
  {
    name: 'bgdial',
    syntax: dialSyntax,
    run: (conference, words) =>
      dialBeside((outcall) => callInto(conference, outcall), words, announceResult(conference)),
  },
  {
    name: 'transfer',
    syntax: '<conference_name> <member id> [...<member id>]',
    run: transfer,
  },
]
