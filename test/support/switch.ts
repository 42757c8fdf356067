/** A whole switch inside the test: configuration from a few strings, everything in memory or a temporary folder. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { absentModule } from '../../src/absent-modules.ts'
import type { Channel } from '../../src/core/channel.ts'
import type { SwitchEvent } from '../../src/core/events.ts'
import type { Store } from '../../src/core/interfaces.ts'
import { Switch } from '../../src/core/switch.ts'
import type { MediaEngine } from '../../src/media/engine.ts'
import { startMediaEngine } from '../../src/media/start.ts'
import { loadModule } from '../../src/modules.ts'
import { stunBinding } from '../../src/net/stun-client.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { sqliteDatabase } from '../../src/stores/sqlite-database.ts'
import { FakeMedia } from './fake-media.ts'
import { ownPorts } from './ports.ts'
import { patienceMs } from './until.ts'
import { lastLines, witness } from './witness.ts'

export interface TestSwitchOptions {
  /** Contexts of the dialplan: the inside of `<section name="dialplan">`. */
  readonly dialplan?: string
  /** Contexts of the plan for messages. */
  readonly chatplan?: string
  /** Domains of the directory. */
  readonly directory?: string
  /** The inside of `<section name="languages">`. */
  readonly languages?: string
  /** Further `<configuration>` elements. */
  readonly configuration?: string
  readonly modules?: readonly string[]
  /** Default: in memory. The switch disposes of it. */
  readonly store?: Store
  /** Further params of switch.conf. */
  readonly switchParams?: Readonly<Record<string, string>>
  /** Global variables. */
  readonly globals?: Readonly<Record<string, string>>
  /** Where the databases of modules lie, so that they outlive the switch. Default: a folder that goes with it. */
  readonly databaseDir?: string
  /** A folder with a freeswitch.xml of its own, instead of all the above. */
  readonly confDir?: string
  /** Global variables that the files of that folder cannot change. */
  readonly overrides?: Readonly<Record<string, string>>
  /** Modules of that folder's configuration that are not wanted. */
  readonly without?: readonly string[]
  /** `real` runs the media engine in this thread. Default: one without sound. */
  readonly media?: 'fake' | 'real'
  /** How many ports real media may have. */
  readonly rtpPorts?: number
  /** How long the end waits for phones to confirm the ends of their calls, ms. Default: not at all. */
  readonly partingMs?: number
}

export interface TestSwitch extends AsyncDisposable {
  readonly sw: Switch
  readonly media: FakeMedia
  /** Everything announced so far. */
  readonly events: SwitchEvent[]
  /** Runs a console line. */
  api(line: string): Promise<string>
  /** Resolves with the first event of that name (from now on, or already seen) that passes. */
  event(name: string, passes?: (event: SwitchEvent) => boolean, ms?: number): Promise<SwitchEvent>
  /** Resolves when a condition holds; looked at whenever something is announced. */
  until(holds: () => boolean): Promise<void>
  /** The living channel whose name ends so. */
  channel(nameEnd: string): Channel
  /** Application and data of every CHANNEL_EXECUTE of a channel, by the end of its name. */
  executed(nameEnd: string): string[]
}

const usualModules = ['mod_dialplan_xml', 'mod_dptools', 'mod_commands', 'mod_loopback']

function tree(options: TestSwitchOptions): string {
  const modules = (options.modules ?? usualModules).map((name) => `<load module="${name}"/>`)
  return `<document type="freeswitch/xml">
<section name="configuration">
<configuration name="switch.conf"><settings>
<param name="loglevel" value="warning"/>
<param name="sessions-per-second" value="10000"/>
${Object.entries(options.switchParams ?? {})
  .map(([name, value]) => `<param name="${name}" value="${value}"/>\n`)
  .join('')}</settings></configuration>
<configuration name="modules.conf"><modules>${modules.join('')}</modules></configuration>
${options.configuration ?? ''}
</section>
<section name="dialplan">${options.dialplan ?? ''}</section>
<section name="chatplan">${options.chatplan ?? ''}</section>
<section name="directory">${options.directory ?? ''}</section>
<section name="languages">${options.languages ?? ''}</section>
</document>
`
}

/** Its channels, and what was announced last, with times. */
function lastEvents(
  sw: Switch,
  events: readonly SwitchEvent[],
  moments: readonly number[],
): string {
  const channels = sw.channels.list().map(({ name, state }) => `${name} ${state}`)
  const lines = events.map((event, index) => {
    const words = ['Channel-Name', 'Application', 'Hangup-Cause'].map((name) => event.get(name))
    const what = event.subclass ?? event.name
    return [new Date(moments[index] ?? 0).toISOString().slice(11), what, ...words].join(' ')
  })
  return `channels: ${channels.join(', ') || 'none'}\n${lastLines(lines.slice(-30).join('\n'), 30)}`
}

/** Starts it; `await using` ends it. */
export async function startSwitch(options: TestSwitchOptions = {}): Promise<TestSwitch> {
  const folder = mkdtempSync(join(tmpdir(), 'strowger-test-'))
  const confDir = options.confDir ?? join(folder, 'conf')
  if (!options.confDir) {
    const file = join(confDir, 'freeswitch.xml')
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, tree(options))
  }
  for (const name of ['recordings', 'tmp', 'log'])
    mkdirSync(join(folder, name), { recursive: true })
  const media = new FakeMedia()
  const sw = await Switch.start({
    confDir,
    dataDir: folder,
    soundsDir: join(folder, 'sounds'),
    overrides: new Map(Object.entries(options.overrides ?? {})),
    presets: new Map(
      Object.entries({
        domain: 'example.test',
        temp_dir: join(folder, 'tmp'),
        storage_dir: join(folder, 'storage'),
        recordings_dir: join(folder, 'recordings'),
        log_dir: join(folder, 'log'),
        ...options.globals,
      }),
    ),
    version: '0.0.0',
    store: options.store ?? memoryStore(),
    partingMs: options.partingMs ?? 0,
    openDatabase: (name) => sqliteDatabase(join(options.databaseDir ?? folder, `${name}.db`)),
    loadModule: async (name) =>
      options.without?.includes(name) ? { name: `mod_${name.slice(4)}` } : loadModule(name),
    absentModule,
    stunBinding,
    startMedia: async (): Promise<MediaEngine> => {
      if (options.media !== 'real') return media
      const { rtpPorts = 200 } = options
      const rtpStartPort = await ownPorts(rtpPorts)
      return startMediaEngine({ workers: 0, rtpStartPort, rtpEndPort: rtpStartPort + rtpPorts - 1 })
    },
  })
  const events: SwitchEvent[] = []
  const moments: number[] = []
  const seen = witness('switch', () => lastEvents(sw, events, moments))
  const watchers = new Set<() => void>()
  sw.events.attach({
    name: 'test',
    wants: () => true,
    receive: (event) => {
      events.push(event)
      moments.push(Date.now())
      for (const watcher of watchers) watcher()
    },
  })
  const until = (holds: () => boolean, what: string, ms = patienceMs): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => finish(new Error(`waited ${ms} ms for ${what}`)), ms)
      const finish = (fault?: Error) => {
        clearTimeout(timer)
        clearInterval(now)
        watchers.delete(look)
        if (fault) reject(fault)
        else resolve()
      }
      const look = (): void => {
        try {
          if (holds()) finish()
        } catch (thrown) {
          finish(thrown instanceof Error ? thrown : new Error(String(thrown)))
        }
      }
      watchers.add(look)
      // What is announced may be what the condition comes right behind.
      const now = setInterval(look, 100)
      look()
    })
  return {
    sw,
    media,
    events,
    api: (line) => sw.runCommand(line),
    async event(name, passes = () => true, ms = patienceMs) {
      const find = () => events.find((event) => event.name === name && passes(event))
      await until(() => find() !== undefined, name, ms)
      return find()!
    },
    until: (holds) => until(holds, 'a condition'),
    channel(nameEnd) {
      const found = sw.channels.list().find((channel) => channel.name.endsWith(nameEnd))
      if (!found) throw new Error(`no channel …${nameEnd}`)
      return found
    },
    executed: (nameEnd) =>
      events
        .filter((event) => event.name === 'CHANNEL_EXECUTE')
        .filter((event) => event.get('Channel-Name')?.endsWith(nameEnd))
        .map((event) => `${event.get('Application')}(${event.get('Application-Data') ?? ''})`),
    async [Symbol.asyncDispose]() {
      seen[Symbol.dispose]()
      await sw[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
