/** `conference list`, of one or of all. */
import type { Conference } from './conference.ts'
import { marksOf } from './list-xml.ts'
import type { Member } from './member.ts'

export interface ListOptions {
  readonly form: 'rows' | 'summary' | 'count' | 'pretty'
  readonly delimiter: string
}

export function listOptions(words: readonly string[]): ListOptions {
  const [word = '', value] = words
  const form = word.toLowerCase()
  if (form === 'delim' && value !== undefined)
    return { form: 'rows', delimiter: value.replace(/^"([^"]*)"?.*$/s, '$1') || ';' }
  if (form === 'summary' || form === 'count' || form === 'pretty') return { form, delimiter: ';' }
  return { form: 'rows', delimiter: ';' }
}

/** The members of one conference. */
export function listOne(conference: Conference, options: ListOptions): string {
  if (options.form === 'count') return String(conference.size)
  if (options.form === 'pretty') return conference.members.map(prettyRow).join('')
  return conference.members.map((member) => rowOf(member, options.delimiter)).join('')
}

/** All conferences, each with a head. */
export function listAll(conferences: readonly Conference[], options: ListOptions): string {
  if (conferences.length === 0) return '+OK No active conferences.\n'
  const rows = options.form === 'summary' ? () => '' : listOne
  const form = options.form === 'count' ? 'rows' : options.form
  return conferences.map((one) => headOf(one) + rows(one, { ...options, form })).join('')
}

function headOf(conference: Conference): string {
  const count = conference.size
  const members = `${count} member${count === 1 ? '' : 's'}`
  const locked = conference.isLocked ? ' locked' : ''
  const flags = [...marksOf(conference), 'json_status'].join('|')
  return `+OK Conference ${conference.name} (${members} rate: ${conference.profile.rate}${locked} flags: ${flags})\n`
}

function rowOf(member: Member, delimiter: string): string {
  const { channel } = member
  const fields = channel.profile.fields
  return [
    String(member.id),
    channel.name,
    channel.uuid,
    fields.caller_id_name ?? '',
    fields.caller_id_number ?? '',
    memberFlags(member).join('|'),
    String(member.volumeIn),
    String(member.volumeOut),
    `${member.energyLevel}\n`,
  ].join(delimiter)
}

function prettyRow(member: Member): string {
  const { caller_id_name: name = '', caller_id_number: number = '' } = member.channel.profile.fields
  return `${member.id}) ${name} (${number})\n`
}

function memberFlags(member: Member): string[] {
  const isHere = !member.isHeld
  return [
    ...(isHere && member.canHear ? ['hear'] : []),
    ...(isHere && member.canSpeak ? ['speak'] : []),
    ...(isHere && member.isTalking ? ['talking'] : []),
    ...(member.isHeld ? ['hold'] : []),
    ...(member.conference.floor === member ? ['floor'] : []),
    ...(member.isModerator ? ['moderator'] : []),
    ...(member.isGhost ? ['ghost'] : []),
  ]
}
