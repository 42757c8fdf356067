/** A whole switch inside the test: configuration from a few strings, everything in memory or a temporary folder. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Channel } from '../../src/core/channel.ts'
import type { SwitchEvent } from '../../src/core/events.ts'
import type { Store } from '../../src/core/interfaces.ts'
import { Switch } from '../../src/core/switch.ts'
import type { MediaEngine } from '../../src/media/engine.ts'
import { startMediaEngine } from '../../src/media/start.ts'
import { loadModule } from '../../src/modules.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { FakeMedia } from './fake-media.ts'

export interface TestSwitchOptions {
  /** Contexts of the dialplan: the inside of `<section name="dialplan">`. */
  readonly dialplan?: string
  /** Domains of the directory. */
  readonly directory?: string
  /** The inside of `<section name="languages">`. */
  readonly languages?: string
  /** Further `<configuration>` elements. */
  readonly configuration?: string
  readonly modules?: readonly string[]
  /** Default: in memory. The switch disposes of it. */
  readonly store?: Store
  /** Global variables. */
  readonly globals?: Readonly<Record<string, string>>
  /** A folder with a freeswitch.xml of its own, instead of all the above. */
  readonly confDir?: string
  /** `real` runs the media engine in this thread. Default: one without sound. */
  readonly media?: 'fake' | 'real'
}

export interface TestSwitch extends AsyncDisposable {
  readonly sw: Switch
  readonly media: FakeMedia
  /** Everything announced so far. */
  readonly events: SwitchEvent[]
  /** Runs a console line. */
  api(line: string): Promise<string>
  /** Resolves with the first event of that name (from now on, or already seen) that passes. */
  event(name: string, passes?: (event: SwitchEvent) => boolean): Promise<SwitchEvent>
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
</settings></configuration>
<configuration name="modules.conf"><modules>${modules.join('')}</modules></configuration>
${options.configuration ?? ''}
</section>
<section name="dialplan">${options.dialplan ?? ''}</section>
<section name="directory">${options.directory ?? ''}</section>
<section name="languages">${options.languages ?? ''}</section>
</document>
`
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
  const media = new FakeMedia()
  const sw = await Switch.start({
    confDir,
    dataDir: folder,
    soundsDir: join(folder, 'sounds'),
    overrides: new Map(),
    presets: new Map(Object.entries({ domain: 'example.test', ...options.globals })),
    version: '0.0.0',
    store: options.store ?? memoryStore(),
    loadModule,
    startMedia: (): Promise<MediaEngine> =>
      options.media === 'real'
        ? startMediaEngine({ workers: 0, rtpStartPort: 42000, rtpEndPort: 42998 })
        : Promise.resolve(media),
  })
  const events: SwitchEvent[] = []
  const watchers = new Set<() => void>()
  sw.events.attach({
    name: 'test',
    wants: () => true,
    receive: (event) => {
      events.push(event)
      for (const watcher of watchers) watcher()
    },
  })
  const until = (holds: () => boolean, what: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => finish(new Error(`waited 5 s for ${what}`)), 5000)
      const finish = (fault?: Error) => {
        clearTimeout(timer)
        watchers.delete(look)
        if (fault) reject(fault)
        else resolve()
      }
      const look = () => {
        if (holds()) finish()
      }
      watchers.add(look)
      look()
    })
  return {
    sw,
    media,
    events,
    api: (line) => sw.runCommand(line),
    async event(name, passes = () => true) {
      const find = () => events.find((event) => event.name === name && passes(event))
      await until(() => find() !== undefined, name)
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
      await sw[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
