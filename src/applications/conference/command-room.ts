/** Sub-commands of `conference` about the whole: lock, pins, sounds of coming and going, values, who hears whom. */
import type { Conference } from './conference.ts'
import { announceConference } from './maintenance.ts'
import { type Relation, setRelation } from './relations.ts'
import { numberOf, type SubCommand } from './sub-commands.ts'

const relations: readonly Relation[] = ['nospeak', 'nohear']

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
  wanted: readonly Relation[],
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

/** `enter_sound` and `exit_sound`. */
function soundSwitch(which: 'enter' | 'exit'): SubCommand {
  const name = `${which}_sound`
  const syntax = 'on|off|none|file <filename>'
  return {
    name,
    syntax,
    run(conference, [word, path]) {
      if (word === undefined) return `-ERR Not enough args\n${name} ${syntax}`
      const isEnter = which === 'enter'
      const sound = () => (isEnter ? conference.enterSound : conference.exitSound) ?? ''
      switch (word.toLowerCase()) {
        case 'on':
        case 'off':
        case 'none': {
          const isOn = word.toLowerCase() === 'on'
          if (isEnter) conference.playsEnterSound = isOn
          else conference.playsExitSound = isOn
          const state = isOn ? 'on' : 'off'
          announceConference(conference, `${which}-sounds-${state}`)
          return `+OK ${conference.name} ${which} sounds ${state} (${sound()})\n`
        }
        case 'file': {
          if (path === undefined) return '-ERR No filename specified\n'
          const old = isEnter ? '' : `+OK Old exit sound: [${sound()}]\n`
          if (isEnter) conference.enterSound = path
          else conference.exitSound = path
          announceConference(conference, `${which}-sound-file-changed`)
          return `${old}+OK ${conference.name} ${which} sound file set to ${path}\n`
        }
        default:
          return `-ERR Bad args\n${name} ${syntax}`
      }
    },
  }
}

/** What `get` tells. */
const values: Readonly<Record<string, (conference: Conference) => string>> = {
  run_time: ({ age }) => String(Math.trunc(age / 1000)),
  count: ({ size }) => String(size),
  count_ghosts: ({ ghosts }) => String(ghosts),
  max_members: ({ maxMembers }) => String(maxMembers),
  rate: ({ profile }) => String(profile.rate),
  profile_name: ({ profile }) => profile.name,
  sound_prefix: ({ soundPrefix }) => soundPrefix,
  caller_id_name: ({ callerIdName }) => callerIdName,
  caller_id_number: ({ callerIdNumber }) => callerIdNumber,
  is_locked: ({ isLocked }) => (isLocked ? 'locked' : ''),
  endconference_grace_time: ({ graceSeconds }) => String(graceSeconds),
  uuid: ({ uuid }) => uuid,
  wait_mod: ({ isWaiting }) => (isWaiting ? 'true' : ''),
}

/** What `set` changes; false when the value makes no sense. */
const changes: Readonly<Record<string, (conference: Conference, value: string) => boolean>> = {
  max_members: (conference, value) => {
    const most = numberOf(value)
    if (most >= 0) conference.maxMembers = most
    return most >= 0
  },
  sound_prefix: (conference, value) => {
    conference.soundPrefix = value
    return true
  },
  caller_id_name: (conference, value) => {
    conference.callerIdName = value
    return true
  },
  caller_id_number: (conference, value) => {
    conference.callerIdNumber = value
    return true
  },
  endconference_grace_time: (conference, value) => {
    const seconds = numberOf(value)
    if (seconds >= 0) conference.graceSeconds = seconds
    return seconds >= 0
  },
}

function get(conference: Conference, words: readonly string[]): string | undefined {
  const name = words[0]?.toLowerCase() ?? ''
  return words.length === 1 && Object.hasOwn(values, name) ? values[name]?.(conference) : undefined
}

/** Replies with the value that was. */
function set(conference: Conference, words: readonly string[]): string | undefined {
  const [name = '', value = ''] = words
  const word = name.toLowerCase()
  if (words.length !== 2 || value === '' || !Object.hasOwn(changes, word)) return undefined
  const old = values[word]?.(conference)
  if (!changes[word]?.(conference, value)) return undefined
  announceConference(conference, 'parameter-changed', { Name: word, Value: value })
  return old
}

function pin(conference: Conference, words: readonly string[]): string {
  const [first, second] = words
  const isModerator = words.length === 2 && first === 'mod'
  const digits = isModerator ? second : first
  if (digits === undefined || words.length > 2 || (words.length === 2 && !isModerator))
    return '-ERR Invalid parameters:\npin <pin#>'
  if (!/^\d+$/.test(digits))
    return `-ERR The pin ${digits} consists of more than digits and cannot be entered\n`
  if (isModerator) conference.moderatorPin = digits
  else conference.pin = digits
  const what = isModerator ? 'Moderator Pin' : 'Pin'
  return `+OK ${what} for conference ${conference.name} set: ${digits}\n`
}

export const roomCommands: readonly SubCommand[] = [
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
      if (name === undefined) return undefined
      // Without a value there is no such variable any more.
      if (value === undefined) variables.delete(name)
      else variables.set(name, value)
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
  soundSwitch('exit'),
  soundSwitch('enter'),
  { name: 'pin', syntax: '<pin#>', run: pin },
  {
    name: 'nopin',
    syntax: '',
    run(conference) {
      conference.pin = ''
      return `+OK Pin for conference ${conference.name} deleted\n`
    },
  },
  { name: 'get', syntax: '<parameter-name>', run: get },
  {
    name: 'set',
    syntax:
      '<max_members|sound_prefix|caller_id_name|caller_id_number|endconference_grace_time> <value>',
    run: set,
  },
]
