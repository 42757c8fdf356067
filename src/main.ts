/** The server process: reads the command line, starts the switch, shows the console, and ends it all on a signal. */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { absentModule } from './absent-modules.ts'
import { readArguments, type ServerArguments, usage } from './arguments.ts'
import { banner } from './banner.ts'
import { reasonOf, SwitchError } from './base/errors.ts'
import {
  endEarlyLines,
  keepEarlyLines,
  logger,
  logLevelNumber,
  setLogThreshold,
} from './base/log.ts'
import { Switch } from './core/switch.ts'
import { lockData } from './data-lock.ts'
import type { MediaIo } from './media/engine.ts'
import { startMediaEngine } from './media/start.ts'
import { loadModule, moduleNames } from './modules.ts'
import { keptCertificate } from './net/certificate.ts'
import { stunBinding } from './net/stun-client.ts'
import { makeFolders, presetVariables } from './presets.ts'
import { openTerminal } from './terminal.ts'

const log = logger('main')

/** The checkout: this file runs as .build/server/main.js. */
const root = fileURLToPath(new URL('../..', import.meta.url))

/** Twice a lost BYE is sent again in this time (RFC 3261 §17.1.2.2), ms. */
const partingMs = 2000

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return (manifest as { version: string }).version
}

async function startSwitch(options: ServerArguments): Promise<Switch> {
  const level = options.logLevel === undefined ? undefined : logLevelNumber(options.logLevel)
  if (options.logLevel !== undefined && level === undefined) {
    throw new SwitchError(
      'ARGUMENTS_BAD',
      `--log-level ${options.logLevel}: there is no such level`,
    )
  }
  makeFolders(options.data)
  lockData(options.data)
  const folders = { base: root, conf: options.conf, data: options.data, sounds: options.sounds }
  const presets = await presetVariables(folders)
  const [{ sqliteStore }, { sqliteDatabase }] = await Promise.all([
    import('./stores/sqlite.ts'),
    import('./stores/sqlite-database.ts'),
  ])
  const sw = await Switch.start({
    confDir: options.conf,
    dataDir: options.data,
    soundsDir: options.sounds,
    overrides: options.overrides,
    presets,
    version: version(),
    partingMs,
    store: sqliteStore(join(options.data, 'db', 'strowger.db')),
    openDatabase: (name) => sqliteDatabase(join(options.data, 'db', `${name}.db`)),
    loadModule,
    absentModule,
    moduleNames,
    stunBinding,
    stunLookup: async (host, port) => (await stunBinding(host, port)).address,
    startMedia: (settings, globals) =>
      startMediaEngine({
        workers:
          settings.maybe('media-workers') === undefined
            ? Math.max(1, availableParallelism() - 1)
            : settings.number('media-workers'),
        rtpStartPort: settings.number('rtp-start-port'),
        rtpEndPort: settings.number('rtp-end-port'),
        io: settings.text('media-io') as MediaIo,
        dtlsCertificate: keptCertificate(
          join(globals.get('certs_dir') ?? join(options.data, 'certs'), 'dtls-srtp.pem'),
          { commonName: 'strowger' },
        ),
      }),
  })
  if (level !== undefined) setLogThreshold(level)
  return sw
}

/** Ends everything in order; a second signal ends the process at once. */
function watchSignals(sw: Switch, end: () => Promise<void>): void {
  let isEnding = false
  const onSignal = (signal: string) => {
    if (isEnding) process.exit(1)
    isEnding = true
    log.notice(`${signal}: ending, calls up: ${sw.channels.count}; again to end at once`)
    void end()
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  void sw.untilShutdown().then(() => (isEnding ? undefined : onSignal('asked to end')))
}

/** What the start has said of faults goes to stderr where no sink has taken it. */
function tellUntold(): void {
  for (const line of endEarlyLines()) {
    if (line.level <= 4) process.stderr.write(`strowger: ${line.text}\n`)
  }
}

async function main(): Promise<void> {
  const options = readArguments(process.argv.slice(2), root)
  if (options.help) return void process.stdout.write(usage)
  if (options.version) return void process.stdout.write(`${version()}\n`)
  keepEarlyLines()
  const sw = await startSwitch(options)
  tellUntold()
  const terminal =
    options.console && process.stdin.isTTY && process.stdout.isTTY
      ? openTerminal(sw, banner(sw, 'Control-D'))
      : undefined
  if (!terminal) process.stdout.write(banner(sw, 'Control-C'))
  watchSignals(sw, async () => {
    terminal?.[Symbol.dispose]()
    await sw[Symbol.asyncDispose]()
    process.exit(0)
  })
}

// A bug must not take every call with it: it is logged with its stack and the others go on.
process.on('uncaughtException', (thrown) => {
  log.crit(`uncaught: ${thrown.stack ?? thrown.message}`)
})
process.on('unhandledRejection', (thrown) => {
  log.crit(`unhandled: ${thrown instanceof Error ? thrown.stack : reasonOf(thrown)}`)
})

main().catch((thrown: unknown) => {
  tellUntold()
  const text =
    thrown instanceof SwitchError
      ? thrown.message
      : thrown instanceof Error
        ? thrown.stack
        : reasonOf(thrown)
  process.stderr.write(`strowger: ${text}\n`)
  process.exit(1)
})
