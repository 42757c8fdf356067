/** A program that makes speech: a child process of low priority, with bounds, of which nothing is left when it is over. */
import { type ChildProcess, spawn } from 'node:child_process'
import { setPriority } from 'node:os'
import { SwitchError } from '../../base/errors.ts'

export interface ProgramRun {
  readonly command: string
  readonly args: readonly string[]
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>
  /** The Debian package that has it, for the complaint when it is not there. */
  readonly debianPackage: string
  readonly signal: AbortSignal
}

/** Characters of what a program complains that are kept. */
const mostComplaint = 500
/** So that speech waits for calls and not calls for speech. */
const niceness = 10

/**
 * Runs it to its end. Throws SwitchError TTS_NO_PROGRAM (with the package that has it), TTS_FAILED, or TTS_TIMEOUT when the
 * signal aborted: then it and all that it started are killed.
 */
export function runProgram(run: ProgramRun): Promise<void> {
  const { command, args, signal } = run
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(timedOut(command))
    // A group of its own, so that what a shell starts ends with it.
    const child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...run.env },
    })
    let complaint = ''
    child.stderr.setEncoding('utf8')
    child.stderr.on('data', (text: string) => {
      if (complaint.length < mostComplaint) complaint += text
    })
    const kill = () => killGroup(child)
    signal.addEventListener('abort', kill, { once: true })
    const finish = (fault?: SwitchError) => {
      signal.removeEventListener('abort', kill)
      if (fault) reject(fault)
      else resolve()
    }
    child.once('spawn', () => lowerPriority(child))
    child.once('error', (fault: NodeJS.ErrnoException) => {
      if (fault.code === 'ENOENT') finish(notInstalled(command, run.debianPackage))
      else finish(new SwitchError('TTS_FAILED', `${command}: ${fault.message}`))
    })
    child.once('close', (code, killedBy) => {
      if (signal.aborted) return finish(timedOut(command))
      if (code === 0) return finish()
      const words = complaint.trim().slice(0, mostComplaint).replace(/\s+/g, ' ')
      const how = killedBy === null ? `ended with ${code}` : `was ended by ${killedBy}`
      finish(new SwitchError('TTS_FAILED', `${command} ${how}${words && `: ${words}`}`))
    })
  })
}

/** What to say where an engine's program is missing. */
function notInstalled(command: string, debianPackage: string): SwitchError {
  return new SwitchError(
    'TTS_NO_PROGRAM',
    `the program ${command} is not installed (Debian and Ubuntu: apt-get install ${debianPackage})`,
  )
}

function timedOut(command: string): SwitchError {
  return new SwitchError('TTS_TIMEOUT', `${command} was not done in time`)
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It is over.
  }
}

function lowerPriority(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) setPriority(child.pid, niceness)
  } catch {
    // It is over already, or may not be: then it runs as it is.
  }
}
