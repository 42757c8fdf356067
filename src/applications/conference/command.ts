/** The command `conference`: `conference <name> <sub-command> …`, or a list over all. */
import type { Command } from '../../core/interfaces.ts'
import { separate } from '../../core/separate.ts'
import { callCommands, dialToBegin } from './command-call.ts'
import { levelCommands } from './command-level.ts'
import { listAll, listOne, listOptions } from './command-list.ts'
import { memberCommands } from './command-member.ts'
import { recordCommands } from './command-record.ts'
import { roomCommands } from './command-room.ts'
import { soundCommands } from './command-sound.ts'
import { videoCommands } from './command-video.ts'
import type { Conference } from './conference.ts'
import { conferencesOf } from './conferences.ts'
import { jsonList } from './list-json.ts'
import { xmlList } from './list-xml.ts'
import type { SubCommand } from './sub-commands.ts'

const listCommands: readonly SubCommand[] = [
  { name: 'count', syntax: '', run: ({ size }) => String(size) },
  {
    name: 'list',
    syntax: '[delim <string>]|[count]',
    run: (conference, words) => listOne(conference, listOptions(words)),
  },
  { name: 'xml_list', syntax: '', run: (conference) => xmlList([conference]) },
  {
    name: 'json_list',
    syntax: '[compact]',
    run: (conference, [word]) => jsonList([conference], word === 'compact'),
  },
]

const all: readonly SubCommand[] = [
  ...listCommands,
  ...levelCommands,
  ...memberCommands,
  ...soundCommands,
  ...roomCommands,
  ...callCommands,
  ...recordCommands,
  ...videoCommands,
]

/** In the order in which scripts see them. */
const order =
  `canvas-auto-clear count list xml_list json_list energy auto-energy max-energy agc vid-canvas vid-watching-canvas
  vid-layer volume_in volume_out position auto-3d-position play moh pause_play play_status file_seek say saymember cam stop dtmf
  kick vid-flip vid-border hup hold unhold mute tmute unmute vmute tvmute vmute-snap unvmute vblind tvblind unvblind deaf undeaf
  vid-filter relate getvar setvar lock unlock dial bgdial transfer record chkrecord norecord pause resume recording exit_sound
  enter_sound pin nopin get set file-vol floor vid-floor vid-banner vid-mute-img vid-logo-img vid-codec-group vid-res-id
  vid-role-id get-uuid clear-vid-floor vid-layout vid-write-png vid-fps vid-res vid-fgimg vid-bgimg vid-bandwidth vid-personal`
    .trim()
    .split(/\s+/)

const byName = new Map(all.map((sub) => [sub.name, sub]))

/** Every sub-command. */
export const subCommands: readonly SubCommand[] = order.flatMap((name) => byName.get(name) ?? [])

function usage({ name, shown = name, syntax }: SubCommand): string {
  return `${shown} ${syntax}`
}

export const conferenceCommand: Command = {
  name: 'conference',
  syntax: `list [delim <string>|pretty|summary|count] | xml_list | json_list [compact] | <name> ${order.join('|')} …`,
  about: 'Show and steer conferences',
  completions: ['list', 'xml_list', 'json_list', 'count'],
  run(args, { sw }) {
    const conferences = conferencesOf(sw)
    if (args === '') return subCommands.map((sub) => `<conf name> ${usage(sub)}\n`).join('')
    const [name = '', word = '', ...words] = separate(args, ' ')
    const conference = conferences.get(name)
    if (conference) {
      if (word === '') return "Conference command, not specified.\nTry 'help'\n"
      // As it was written: behind the second word.
      const rest = /^\S+\s+\S+\s*(.*)$/s.exec(args)?.[1] ?? ''
      return run(conference, word, words, rest)
    }
    switch (name.toLowerCase()) {
      case 'list':
        return listAll(conferences.list(), listOptions(word === '' ? [] : [word, ...words]))
      case 'count':
        return String(conferences.count)
      case 'xml_list':
        return xmlList(conferences.list())
      case 'json_list':
        return jsonList(conferences.list(), word === 'compact')
      case 'help':
      case 'commands':
        return `${subCommands.map((sub) => `<conf name> ${usage(sub)}\n`).join('')}\n`
    }
    const call = word.toLowerCase()
    if (call === 'dial' || call === 'bgdial') return dialToBegin(sw, name, call, words)
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
  if (!sub) return `-ERR Conference command '${word}' not found.\n`
  return (await sub.run(conference, words, rest)) ?? usage(sub)
}
