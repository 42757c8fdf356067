/** Sub-commands of `conference` about the whole: sounds, recordings, lock, pin, who hears whom. */
import type { Conference } from './conference.ts'
import { announceConference, announceMember } from './maintenance.ts'
import type { Member } from './member.ts'
import { membersOf, numberOf, type SubCommand } from './sub-commands.ts'

async function play(conference: Conference, words: readonly string[]): Promise<string | undefined> {
  const isAside = words.at(-1)?.toLowerCase() === 'async' && words.length > 1
  const [path, id, mux] = isAside ? words.slice(0, -1) : words
  if (path === undefined) return undefined
  if (id !== undefined) return playTo(conference, path, id, mux?.toLowerCase() !== 'nomux')
  if (!(await conference.files.play(path, isAside))) return `-ERR (play) File: ${path} not found.\n`
  announceConference(conference, 'play-file', { File: path, Async: String(isAside) })
  return `+OK (play) Playing file ${path}\n`
}

async function playTo(
  conference: Conference,
  path: string,
  id: string,
  isMixed: boolean,
): Promise<string> {
  const member = oneOf(conference, id)
  if (!member) return `-ERR Member: ${id} not found.\n`
  if (!(await member.files.play(path, false, 1, isMixed)))
    return `-ERR (play) File: ${path} not found.\n`
  announceMember(member, 'play-file-member', { File: path })
  return `+OK (play) Playing file ${path} to member ${member.id}\n`
}

function stop(conference: Conference, [which = 'all', id]: readonly string[]): string | undefined {
  const word = which.toLowerCase()
  if (word !== 'current' && word !== 'all' && word !== 'async') return undefined
  const member = id === undefined ? undefined : oneOf(conference, id)
  if (id !== undefined && !member) return `-ERR Member: ${id} not found.\n`
  return `+OK Stopped ${(member ?? conference).files.stop(word)} files.\n`
}

function oneOf(conference: Conference, id: string): Member | undefined {
  const found = membersOf(conference, id)
  return typeof found === 'string' ? undefined : found?.[0]
}

const relations = ['nospeak', 'nohear'] as const

/** `relate 1,2 3 nospeak`: 1 and 2 are not heard by 3; `nohear`: they do not hear him. */
function relate(conference: Conference, words: readonly string[]): string | undefined {
  const [ones = '', others = '', action = ''] = words
  if (words.length < 2) return shown(conference, ones)
  const isClear = action.toLowerCase() === 'clear'
  const wanted = relations.filter((relation) => action.includes(relation))
  if (!isClear && wanted.length === 0) return undefined
  const replies: string[] = []
  for (const one of ones.split(','))
    for (const other of others.split(','))
      replies.push(relateTwo(conference, numberOf(one), numberOf(other), wanted, action))
  return replies.join('')
}

function relateTwo(
  conference: Conference,
  one: number,
  other: number,
  wanted: readonly (typeof relations)[number][],
  action: string,
): string {
  const member = conference.find(one)
  const otherMember = conference.find(other)
  if (wanted.length === 0) {
    const isRelated = member && (member.silentTo.has(other) || member.deafTo.has(other))
    if (!isRelated) return `-ERR relationship ${one}->${other} not found.\n`
    setRelation(member, otherMember, other, [])
    return `+OK relationship ${one}->${other} cleared.\n`
  }
  if (!member) return `-ERR Member ${one} not found.\n`
  if (!otherMember) return `-ERR Member ${other} not found.\n`
  setRelation(member, otherMember, other, wanted)
  return `+OK ${one}->${other} ${action} set\n`
}

function setRelation(
  member: Member,
  otherMember: Member | undefined,
  other: number,
  wanted: readonly string[],
): void {
  const mark = (set: Set<number>, on: boolean) => (on ? set.add(other) : set.delete(other))
  mark(member.silentTo, wanted.includes('nospeak'))
  mark(member.deafTo, wanted.includes('nohear'))
  if (!otherMember) return
  // The other side may have a relation of its own to this one, which stays.
  otherMember.place.relate(
    member.place,
    !member.silentTo.has(other) && !otherMember.deafTo.has(member.id),
  )
  member.place.relate(
    otherMember.place,
    !member.deafTo.has(other) && !otherMember.silentTo.has(member.id),
  )
}

function shown(conference: Conference, ids: string): string {
  const wanted = ids === '' ? undefined : new Set(ids.split(',').map(numberOf))
  const lines: string[] = []
  let total = 0
  for (const member of conference.members) {
    for (const other of new Set([...member.silentTo, ...member.deafTo])) {
      total++
      if (!wanted?.has(member.id)) continue
      const flags = [
        ...(member.deafTo.has(other) ? ['NOHEAR'] : []),
        ...(member.silentTo.has(other) ? ['NOSPEAK'] : []),
      ]
      lines.push(`${member.id} -> ${other} ${flags.join('|')}\n`)
    }
  }
  return total === 0 ? '+OK No relationships\n' : lines.join('')
}

function record(conference: Conference, path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  conference.recordings.start(path)
  return `+OK Record file ${path}\n`
}

function checkRecord({ recordings }: Conference): string {
  const { paths } = recordings
  if (paths.length === 0) return '-ERR Conference is not being recorded.\n'
  return paths.map((path) => `+OK Record file ${path}\n`).join('')
}

function stopRecord({ recordings }: Conference, path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  const stopped = recordings.stop(path)
  const complaint =
    stopped.length === 0 && path !== 'all' ? `-ERR non-existant recording '${path}'\n` : ''
  const lines = stopped.map((one) => `Stopped recording file ${one}\n`).join('')
  return `${complaint}${lines}+OK Stopped recording ${stopped.length} file${stopped.length === 1 ? '' : 's'}\n`
}

function pauseRecord(
  { recordings }: Conference,
  path: string | undefined,
  on: boolean,
): string | undefined {
  if (path === undefined) return undefined
  const word = on ? 'Pause' : 'Resume'
  return recordings.pause(path, on)
    ? `+OK ${word} recording file ${path}\n`
    : `-ERR non-existant recording '${path}'\n`
}

function recording(conference: Conference, [word = '', path]: readonly string[]) {
  switch (word.toLowerCase()) {
    case 'start':
      return record(conference, path)
    case 'stop':
      return stopRecord(conference, path ?? 'all')
    case 'check':
      return checkRecord(conference)
    case 'pause':
    case 'resume':
      return pauseRecord(conference, path, word.toLowerCase() === 'pause')
    default:
      return undefined
  }
}

export const roomCommands: readonly SubCommand[] = [
  { name: 'play', syntax: '<file_path> [async|<member_id> [nomux]]', run: play },
  { name: 'stop', syntax: '<[current|all|async|last]> [<member_id>]', run: stop },
  {
    name: 'relate',
    syntax:
      '<member_id>[,<member_id>] <other_member_id>[,<other_member_id>] [nospeak|nohear|clear]',
    run: relate,
  },
  {
    name: 'getvar',
    syntax: '<varname>',
    run: ({ variables }, [name]) => (name === undefined ? undefined : (variables.get(name) ?? '')),
  },
  {
    name: 'setvar',
    syntax: '<varname> <value>',
    run({ variables }, [name, value]) {
      if (name === undefined || value === undefined) return undefined
      variables.set(name, value)
      return '+OK\n'
    },
  },
  {
    name: 'lock',
    syntax: '',
    run(conference) {
      conference.lock(true)
      return `+OK ${conference.name} locked\n`
    },
  },
  {
    name: 'unlock',
    syntax: '',
    run(conference) {
      conference.lock(false)
      return `+OK ${conference.name} unlocked\n`
    },
  },
  { name: 'record', syntax: '<filename>', run: (conference, [path]) => record(conference, path) },
  { name: 'chkrecord', syntax: '<confname>', run: checkRecord },
  {
    name: 'norecord',
    syntax: '<[filename|all]>',
    run: (conference, [path]) => stopRecord(conference, path),
  },
  {
    name: 'pause',
    syntax: '<filename>',
    run: (conference, [path]) => pauseRecord(conference, path, true),
  },
  {
    name: 'resume',
    syntax: '<filename>',
    run: (conference, [path]) => pauseRecord(conference, path, false),
  },
  {
    name: 'recording',
    syntax: '[start|stop|check|pause|resume] [<filename>|all]',
    run: recording,
  },
  {
    name: 'pin',
    syntax: '<pin#>',
    run(conference, [pin]) {
      if (pin === undefined) return '-ERR Invalid parameters:\npin <pin#>'
      if (!/^\d+$/.test(pin))
        return `-ERR The pin ${pin} consists of more than digits and cannot be entered\n`
      conference.pin = pin
      return `+OK Pin for conference ${conference.name} set: ${pin}\n`
    },
  },
  {
    name: 'nopin',
    syntax: '',
    run(conference) {
      conference.pin = ''
      return `+OK Pin for conference ${conference.name} deleted\n`
    },
  },
]
