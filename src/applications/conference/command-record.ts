/** Sub-commands of `conference` about recordings. */
import type { Conference } from './conference.ts'
import type { SubCommand } from './sub-commands.ts'

function record(conference: Conference, path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  const running = conference.recordings.find(path)
  if (running && !running.isEnding)
    return `-ERR file [${running.path}] is already being used for recording.\n`
  conference.recordings.start(path)
  return `+OK Record file ${path}\n`
}

function check({ recordings }: Conference): string {
  const running = recordings.list()
  if (running.length === 0) return '-ERR Conference is not being recorded.\n'
  return running
    .map(({ isAutomatic, path }) => `+OK Record file ${path}${isAutomatic ? ' (Auto)' : ''}\n`)
    .join('')
}

/** The count is that of files that are closed by then, which takes longer than the reply. */
function stop({ flags, recordings }: Conference, path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  const endsForGood = !flags.has('restart-auto-record')
  const automatic = new Set(
    recordings
      .list()
      .filter(({ isAutomatic }) => isAutomatic && endsForGood)
      .map((one) => one.path),
  )
  const stopped = recordings.stop(path)
  const lines = stopped.map((one) =>
    automatic.has(one)
      ? `Stopped AUTO recording file ${one} (Auto Recording Now Disabled)\n`
      : `Stopped recording file ${one}\n`,
  )
  const isMissing = stopped.length === 0 && path.toLowerCase() !== 'all'
  const complaint = isMissing ? `-ERR non-existant recording '${path}'\n` : ''
  return `${complaint}${lines.join('')}+OK Stopped recording 0 files\n`
}

function pause({ recordings }: Conference, path: string | undefined, on: boolean) {
  if (path === undefined) return undefined
  const reply = `+OK ${on ? 'Pause' : 'Resume'} recording file ${path}\n`
  return recordings.pause(path, on) ? reply : `${reply}-ERR non-existant recording '${path}'\n`
}

function recording(conference: Conference, [word, path]: readonly string[]): string | undefined {
  switch (word?.toLowerCase()) {
    case 'start':
      return record(conference, path)
    case 'stop':
      return stop(conference, path ?? 'all')
    case 'check':
      return check(conference)
    case 'pause':
    case 'resume':
      return pause(conference, path, word.toLowerCase() === 'pause')
    default:
      // The older form: a file alone.
      return path === undefined ? record(conference, word) : undefined
  }
}

export const recordCommands: readonly SubCommand[] = [
  { name: 'record', syntax: '<filename>', run: (conference, [path]) => record(conference, path) },
  { name: 'chkrecord', syntax: '<confname>', run: check },
  {
    name: 'norecord',
    syntax: '<[filename|all]>',
    run: (conference, [path]) => stop(conference, path),
  },
  {
    name: 'pause',
    syntax: '<filename>',
    run: (conference, [path]) => pause(conference, path, true),
  },
  {
    name: 'resume',
    syntax: '<filename>',
    run: (conference, [path]) => pause(conference, path, false),
  },
  {
    name: 'recording',
    syntax: '[start|stop|check|pause|resume] [<filename>|all]',
    run: recording,
  },
]
