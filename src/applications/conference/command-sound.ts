/** Sub-commands of `conference` about what is played and said in it. */
import type { Conference } from './conference.ts'
import type { PlayedFile, PlayedFiles } from './files.ts'
import { announceConference, announceMember } from './maintenance.ts'
import type { Member } from './member.ts'
import { canSpeak } from './speech.ts'
import { numberOf, oneOf, type SubCommand } from './sub-commands.ts'

async function play(conference: Conference, words: readonly string[]): Promise<string | undefined> {
  const isAside = words.at(-1)?.toLowerCase() === 'async' && words.length > 1
  const [path, id, mux] = isAside ? words.slice(0, -1) : words
  if (path === undefined) return undefined
  if (id !== undefined) return playTo(conference, path, id, mux?.toLowerCase() !== 'nomux')
  const Async = String(isAside)
  if (!(await conference.files.play(path, { isAside }))) {
    announceConference(conference, 'play-file', {
      File: path,
      Async,
      Error: 'File could not be played',
    })
    return `-ERR (play) File: ${path} not found.\n`
  }
  announceConference(conference, 'play-file', { File: path, Async })
  return `+OK (play) Playing file ${path}\n`
}

async function playTo(
  conference: Conference,
  path: string,
  id: string,
  isMixed: boolean,
): Promise<string> {
  const member = oneOf(conference, id)
  if (!member) return notFound(id)
  const whole = path.includes('$') ? await conference.sw.expand(path, member.channel) : path
  if (!(await member.files.play(whole, { isMixed })))
    return `-ERR (play) File: ${path} not found.\n`
  announceMember(member, 'play-file-member', { File: path })
  return `+OK (play) Playing file ${path} to member ${member.id}\n`
}

function notFound(id: string): string {
  return `-ERR Member: ${id} not found.\n`
}

/** What plays to all, or to the member whom a word names; a complaint when there is none. */
function filesOf(conference: Conference, id: string | undefined): PlayedFiles | string {
  if (id === undefined) return conference.files
  return oneOf(conference, id)?.files ?? notFound(id)
}

function stop(conference: Conference, [which = 'all', id]: readonly string[]): string | undefined {
  const word = which.toLowerCase()
  if (word !== 'current' && word !== 'all' && word !== 'async') return undefined
  const files = filesOf(conference, id)
  return typeof files === 'string' ? files : `+OK Stopped ${files.stop(word)} files.\n`
}

/** Does something with what plays now. */
function withCurrent(
  conference: Conference,
  id: string | undefined,
  act: (file: PlayedFile) => string,
): string {
  const files = filesOf(conference, id)
  if (typeof files === 'string') return files
  return files.current ? act(files.current) : '-ERR Nothing is playing\n'
}

function togglePause(file: PlayedFile): string {
  file.pause(!file.isPaused)
  return file.isPaused ? '+OK Pause\n' : '+OK Resume\n'
}

/** `+500`, `-500`: from where it is; `3000`: there; all ms. */
function seek(conference: Conference, [to, id]: readonly string[]): string | undefined {
  if (to === undefined) return undefined
  return withCurrent(conference, id, (file) => {
    const isStep = /^[-+]/.test(to)
    const ms = isStep ? file.position + (numberOf(to) || 1000) : numberOf(to)
    file.seek(ms)
    const position = Math.round((Math.max(0, ms) * conference.profile.rate) / 1000)
    return `+OK seek to position ${position}\n`
  })
}

/** The position in samples at the conference's rate; how long a sound is only its file knows. */
function status(conference: Conference, id: string | undefined): string {
  return withCurrent(conference, id, ({ path, position }) => {
    const samples = Math.round((position * conference.profile.rate) / 1000)
    return `+OK ${samples}/0 ${path}\n`
  })
}

/** Louder or softer by so many dB; -50 is silence. */
function fileVolume(conference: Conference, [level, which]: readonly string[]): string {
  const usage = 'file-vol <vol#>'
  if (level === undefined) return `-ERR missing args\n${usage}`
  const { aside, current } = conference.files
  const file = which?.toLowerCase() === 'async' ? aside : current
  if (!file) return `-ERR File not playing\n${usage}`
  const db = Math.max(-50, Math.min(50, numberOf(level)))
  file.playback.adjust({ factor: db === -50 ? 0 : 10 ** (db / 20) })
  return '+OK volume changed\n'
}

function moh(conference: Conference, [what]: readonly string[]): string {
  if (what === undefined) return '-ERR invalid moh param\n'
  conference.music.set(what)
  return '+OK moh\n'
}

async function say(conference: Conference, text: string): Promise<string> {
  const usage = 'say <text>'
  if (text === '') return `-ERR (say) Error! No text.\n${usage}`
  if (!(await conference.files.play(`say:${text}`))) return `-ERR (say) Error!\n${usage}`
  announceConference(conference, 'speak-text', { Text: text })
  return '+OK (say) OK\n'
}

async function sayTo(conference: Conference, rest: string): Promise<string> {
  const usage = 'saymember <member_id> <text>'
  const [, id = '', text = ''] = /^(\S+)\s+(.*)$/s.exec(rest) ?? []
  if (text === '') return `-ERR (saymember) No Text!\n${usage}`
  const member = oneOf(conference, id)
  if (!member) return `-ERR (saymember) Unknown Member ${id}!\n${usage}`
  const words = await conference.sw.expand(text, member.channel)
  // Where nobody can say it, it is said to have been, as scripts expect; the log has it.
  if (!(await sayToMember(member, words)) && canSpeak(conference))
    return `-ERR (saymember) Error!\n${usage}`
  announceMember(member, 'speak-text-member', { Text: words })
  return '+OK (saymember) OK\n'
}

function sayToMember(member: Member, words: string): Promise<boolean> {
  return member.files.play(`say:${words}`, { isMixed: member.canHear && !member.isHeld })
}

export const soundCommands: readonly SubCommand[] = [
  { name: 'play', syntax: '<file_path> [async|<member_id> [nomux]]', run: play },
  { name: 'moh', syntax: '<file_path>|toggle|[on|off]', run: moh },
  {
    name: 'pause_play',
    shown: 'pause',
    syntax: '[<member_id>]',
    run: (conference, [id]) => withCurrent(conference, id, togglePause),
  },
  {
    name: 'play_status',
    syntax: '[<member_id>]',
    run: (conference, [id]) => status(conference, id),
  },
  { name: 'file_seek', syntax: '[+-]<val> [<member_id>]', run: seek },
  { name: 'say', syntax: '<text>', run: (conference, _words, rest) => say(conference, rest) },
  {
    name: 'saymember',
    syntax: '<member_id> <text>',
    run: (conference, _words, rest) => sayTo(conference, rest),
  },
  { name: 'stop', syntax: '<[current|all|async|last]> [<member_id>]', run: stop },
  { name: 'file-vol', syntax: '<vol#>', run: fileVolume },
]
