/** The commands that reach outside the switch: programs, files, the environment. */
import { existsSync } from 'node:fs'
import { logger } from '../base/log.ts'
import { runProgram, runShell } from '../base/run-program.ts'
import { usage } from '../core/command-usage.ts'
import type { Command, CommandContext } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'
import { isTrue } from '../core/variables.ts'

const log = logger('commands/system')

/** Runs a line in a shell, or a program with its arguments; resolves with what it printed, whatever became of it. */
function output(line: string, shell: boolean): Promise<string> {
  if (shell) return runShell(line)
  const [program = '', ...words] = separate(line, ' ')
  return runProgram(program, words)
}

type How = 'reply' | 'wait' | 'background'

/** A command that runs a program. They can all be switched off with the variable `disable_system_api_commands`. */
function runner(name: string, about: string, shell: boolean, how: How): Command {
  const command: Command = {
    name,
    syntax: '<command>',
    about,
    async run(args: string, { sw }: CommandContext) {
      if (isTrue(sw.globals.get('disable_system_api_commands'))) {
        return `-ERR ${name} Command not found!\n`
      }
      if (args === '') return usage(command.syntax)
      log.notice(`${name} ${args}`)
      const running = output(args, shell)
      if (how === 'reply') return running
      if (how === 'wait') await running
      return '+OK\n'
    },
  }
  return command
}

export const system = runner('system', 'Execute a system command', true, 'reply')
export const bgSystem = runner(
  'bg_system',
  'Execute a system command in the background',
  true,
  'background',
)
export const spawnStream = runner(
  'spawn_stream',
  "Execute a spawn command and capture it's output",
  false,
  'reply',
)
export const spawn = runner(
  'spawn',
  "Execute a spawn command without capturing it's output",
  false,
  'wait',
)
export const bgSpawn = runner(
  'bg_spawn',
  'Execute a spawn command in the background',
  false,
  'background',
)

export const getenv: Command = {
  name: 'getenv',
  syntax: '<name>',
  about: 'getenv',
  run: (args) => process.env[args] ?? '_undef_',
}

export const fileExists: Command = {
  name: 'file_exists',
  syntax: '<file>',
  about: 'Check if a file exists on server',
  run: (args) => String(args !== '' && existsSync(args)),
}

/** What `getcputime reset` takes as zero, in µs. */
let start = { user: 0, system: 0 }

export const getcputime: Command = {
  name: 'getcputime',
  syntax: '[reset]',
  about: 'Gets CPU time in milliseconds (user,kernel)',
  run(args) {
    const now = process.cpuUsage()
    const ms = (micros: number) => Math.trunc(micros / 1000)
    const text = `${ms(now.user - start.user)}, ${ms(now.system - start.system)}`
    if (args.startsWith('reset')) start = now
    return text
  },
}
