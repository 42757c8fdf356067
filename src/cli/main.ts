/** fs_cli: the command line around the console. */
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { reasonOf, SwitchError } from '../base/errors.ts'
import { connectPatiently, patientAttempts } from './connection.ts'
import { startConsole } from './console.ts'
import { FunctionKeys, remoteKeys } from './function-keys.ts'
import { historyFileName } from './history.ts'
import { readLocalServer } from './local-server.ts'
import { type CommandLine, parseCommandLine, usage } from './options.ts'
import { chooseProfile, type Profile, parseProfiles } from './profile.ts'
import { chooseColour, chooseTarget, chooseUuidLength, type Target } from './settings.ts'

/** What the process ends with; scripts rely on these. */
const exitCodes = { done: 0, wrong: 1, timedOut: 254, noConnection: 255 }

/** The folder of package.json, above the sources and above the build alike. */
function programFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  for (;;) {
    try {
      readFileSync(join(folder, 'package.json'))
      return folder
    } catch {
      if (dirname(folder) === folder) return process.cwd()
      folder = dirname(folder)
    }
  }
}

function version(): string {
  const text = readFileSync(join(programFolder(), 'package.json'), 'utf8')
  const { version: number } = JSON.parse(text) as { version: string }
  return `Strowger ${number}`
}

/** The person's own file, else the machine's. */
function readProfile(commandLine: CommandLine): Profile | undefined {
  for (const file of [join(homedir(), '.fs_cli_conf'), '/etc/fs_cli.conf']) {
    let text: string
    try {
      text = readFileSync(file, 'utf8')
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') continue
      throw new SwitchError('CLI_BAD_PROFILE', `${file} cannot be read: ${reasonOf(thrown)}`)
    }
    const { profiles, warnings } = parseProfiles(text, file)
    for (const warning of warnings) process.stderr.write(`${warning}\n`)
    return chooseProfile(profiles, commandLine.profile)
  }
  return chooseProfile([], commandLine.profile)
}

async function main(): Promise<number> {
  const commandLine = parseCommandLine(process.argv.slice(2))
  if (commandLine.wants === 'help') return say(usage('fs_cli'))
  if (commandLine.wants === 'version') return say(version())
  const profile = readProfile(commandLine)
  const data = commandLine.data ?? (process.env['STROWGER_DATA'] || join(programFolder(), 'data'))
  const target = () => chooseTarget(commandLine, profile, () => readLocalServer(data))
  target() // what is wrong with the local server's file is told before anything else
  if (commandLine.execute !== undefined) {
    return execute(commandLine.execute, commandLine, profile, target)
  }
  return converse(commandLine, profile, target)
}

function say(text: string): number {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
  return exitCodes.done
}

/** -x: one command, its answer, the end. */
async function execute(
  command: string,
  commandLine: CommandLine,
  profile: Profile | undefined,
  target: () => Target,
): Promise<number> {
  const debug = commandLine.debug ?? profile?.debug ?? 0
  const client = await connectPatiently({
    target,
    attempts: commandLine.retries ? patientAttempts : 1,
    connectTimeout: commandLine.connectTimeout ?? profile?.connectTimeout ?? 0,
    trace: debug >= 7 ? (way, text) => process.stderr.write(`${way}: ${text}\n`) : undefined,
    signal: new AbortController().signal,
    onRetry: (why) => debug >= 4 && process.stderr.write(`${why.message}\n`),
  })
  try {
    const answer = await client.api(command, {
      headers: { console_execute: 'true' },
      timeout: commandLine.timeout ?? profile?.timeout ?? 0,
    })
    return say(`${answer}\n`)
  } catch (thrown) {
    if (!(thrown instanceof SwitchError)) throw thrown
    if (thrown.code === 'EVENT_SOCKET_REFUSED') return say(`Error: ${thrown.message}!`)
    if (thrown.code !== 'EVENT_SOCKET_TIMEOUT') throw thrown
    say('Request timed out.')
    return exitCodes.timedOut
  } finally {
    client.close()
  }
}

async function converse(
  commandLine: CommandLine,
  profile: Profile | undefined,
  target: () => Target,
): Promise<number> {
  const isBatch = commandLine.isBatch ?? profile?.isBatch ?? false
  const keepsNoHistory = commandLine.keepsNoHistory ?? profile?.keepsNoHistory ?? false
  const isTerminal = process.stdout.isTTY === true && !isBatch
  const { finished } = startConsole({
    ...target(),
    target,
    input: process.stdin,
    output: process.stdout,
    isBatch,
    isQuiet: commandLine.isQuiet ?? (commandLine.logLevel ? false : (profile?.isQuiet ?? false)),
    logLevel: commandLine.logLevel ?? profile?.logLevel,
    uuidLength: chooseUuidLength(commandLine, profile),
    uuidFilter: commandLine.uuidFilter,
    hasColour: !isBatch && chooseColour(commandLine, process.env, isTerminal),
    isInterruptible: commandLine.isInterruptible ?? false,
    attempts: commandLine.retries ? patientAttempts : 1,
    reconnects: commandLine.reconnects ?? false,
    timeout: commandLine.timeout ?? profile?.timeout ?? 0,
    connectTimeout: commandLine.connectTimeout ?? profile?.connectTimeout ?? 0,
    historyFile: keepsNoHistory ? undefined : join(homedir(), historyFileName),
    functionKeys: new FunctionKeys(
      new Map([...remoteKeys, ...(profile?.functionKeys ?? [])]),
      profile?.toggledKeys,
    ),
    showsBanner: isTerminal && process.stdin.isTTY === true,
    promptString: profile?.promptString,
    profileName: profile?.name,
    promptColour: profile?.promptColour,
    inputColour: profile?.inputColour,
    outputColour: profile?.outputColour,
    debug: commandLine.debug ?? profile?.debug ?? 6,
  })
  const end = await finished
  if (end.error) throw end.error
  return end.reason === 'interrupted' ? exitCodes.wrong : exitCodes.done
}

/** What to tell the person, and with which code to end, when it did not work. */
function explain(thrown: unknown): number {
  if (!(thrown instanceof SwitchError)) throw thrown
  process.stderr.write(`fs_cli: ${thrown.message}\n`)
  if (thrown.code === 'CLI_BAD_OPTION') process.stderr.write(`\n${usage('fs_cli')}`)
  if (thrown.code === 'EVENT_SOCKET_UNREACHABLE') {
    process.stderr.write('Is the switch running? -r waits for it; -H and -P say where it is.\n')
  }
  if (thrown.code === 'EVENT_SOCKET_BAD_PASSWORD') {
    process.stderr.write(
      'A server on this machine keeps it in its data folder (--data names that one); -p gives another.\n',
    )
  }
  return thrown.code.startsWith('EVENT_SOCKET_') ? exitCodes.noConnection : exitCodes.wrong
}

// `fs_cli -x … | head` closes the pipe early; that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.done)
  throw error
})
process.exitCode = await main().catch(explain)
