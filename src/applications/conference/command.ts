/** The command `conference`: `conference <name> <sub-command> …`, or `list` over all. */
import type { Command } from '../../core/interfaces.ts'
import { separate } from '../../core/separate.ts'
import { listAll, listOne, listOptions } from './command-list.ts'
import { memberCommands } from './command-member.ts'
import { roomCommands } from './command-room.ts'
import type { Conference } from './conference.ts'
import { conferencesOf } from './conferences.ts'
import type { SubCommand } from './sub-commands.ts'

const subCommands: readonly SubCommand[] = [
  { name: 'count', syntax: '', run: ({ members }) => String(members.length) },
  {
    name: 'list',
    syntax: '[delim <string>]|[count]',
    run: (conference, words) => listOne(conference, listOptions(words)),
  },
  ...memberCommands,
  ...roomCommands,
]

const byName = new Map(subCommands.map((sub) => [sub.name, sub]))

/** Sub-commands of the field that are not there yet. */
const missing: ReadonlySet<string> = new Set(
  `xml_list json_list auto-energy max-energy agc position auto-3d-position moh pause_play play_status file_seek
  say saymember cam hold unhold vmute tvmute vmute-snap unvmute vblind tvblind unvblind dial bgdial transfer exit_sound
  enter_sound get set file-vol vid-floor vid-banner vid-mute-img vid-logo-img vid-codec-group vid-res-id vid-role-id
  clear-vid-floor vid-layout vid-write-png vid-fps vid-res vid-fgimg vid-bgimg vid-bandwidth vid-personal vid-flip
  vid-border vid-filter vid-canvas vid-watching-canvas vid-layer canvas-auto-clear`.split(/\s+/),
)

export const conferenceCommand: Command = {
  name: 'conference',
  syntax: `list [delim <string>|pretty|summary|count] | <name> ${subCommands.map(({ name }) => name).join('|')} …`,
  about: 'Show and steer conferences',
  completions: ['list'],
  run(args, { sw }) {
    const conferences = conferencesOf(sw)
    if (args === '')
      return subCommands.map(({ name, syntax }) => `<conf name> ${name} ${syntax}\n`).join('')
    const [name = '', word = '', ...words] = separate(args, ' ')
    const conference = conferences.get(name)
    if (conference) {
      if (word === '') return `-ERR Conference command not specified.\n`
      // As it was written: behind the second word.
      const rest = /^\S+\s+\S+\s*(.*)$/s.exec(args)?.[1] ?? ''
      return run(conference, word, words, rest)
    }
    if (name.toLowerCase() === 'list')
      return listAll(conferences.list(), listOptions(word === '' ? [] : [word, ...words]))
    if (name.toLowerCase() === 'count') return String(conferences.count)
    return `-ERR Conference ${name} not found\n`
  },
}

async function run(
  conference: Conference,
  word: string,
  words: readonly string[],
  rest: string,
): Promise<string> {
  const sub = byName.get(word.toLowerCase())
  if (!sub) {
    return missing.has(word.toLowerCase())
      ? `-ERR Conference command '${word}' is not available.\n`
      : `-ERR Conference command '${word}' not found.\n`
  }
  return (await sub.run(conference, words, rest)) ?? `${sub.name} ${sub.syntax}`
}
