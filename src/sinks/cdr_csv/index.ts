/** mod_cdr_csv: a line for each call in Master.csv, and in a file of the caller's account, by the templates of cdr_csv.conf.xml. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { SwitchError } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { CallRecorder } from '../../core/cdr/recorders.ts'
import type { Channel } from '../../core/channel.ts'
import { addChannelHeaders, addChannelVariables } from '../../core/channel-event.ts'
import { usage } from '../../core/command-usage.ts'
import { plainText } from '../../core/event-text.ts'
import type { Module } from '../../core/interfaces.ts'
import type { Switch } from '../../core/switch.ts'
import { fileStamp } from '../../core/time/times.ts'
import { AppendFile, type FileFigures, noFigures } from './append-file.ts'
import { type CsvSettings, readCsvSettings } from './settings.ts'

const log = logger('sinks/cdr_csv')

/** Accounts are names, and each is a file: one that would lie elsewhere, or is no file name, has none. */
const accountName = /^(?!\.{1,2}$)[^/\0]{1,200}$/

/** Files that are remembered, to be rotated. */
const mostFiles = 10_000

class CsvRecorder implements CallRecorder {
  readonly name = 'mod_cdr_csv'
  readonly figures: FileFigures & { 'accounts refused': number } = {
    ...noFigures(),
    'accounts refused': 0,
  }
  readonly #settings: CsvSettings
  readonly #files = new Map<string, AppendFile>()

  constructor(settings: CsvSettings) {
    this.#settings = settings
  }

  takes({ profile }: Channel): boolean {
    const { legs } = this.#settings
    return !(!legs.b && profile.originator) && !(!legs.a && profile.originatee)
  }

  record(channel: Channel): void {
    const { folder, template, templates, hasAccountFiles, tellsLog } = this.#settings
    const { variables } = channel
    if (tellsLog) tell(channel)
    const base = variables.get('cdr_csv_base') ?? folder
    const account = variables.get('accountcode')
    const own = (account !== undefined && templates.get(account)) || template
    const line = channel.sw.expand(template, channel)
    if (account !== undefined && hasAccountFiles) {
      if (accountName.test(account))
        this.#file(join(base, `${account}.csv`)).add(
          own === template ? line : channel.sw.expand(own, channel),
        )
      else this.#refuse(channel, account)
    }
    this.#file(join(base, 'Master.csv')).add(line)
  }

  /** New files, or (without `rotate-on-hup`) none: what was renamed by others is left anyway. */
  rotate(): void {
    if (!this.#settings.rotates) return log.notice('rotate-on-hup is off; the files stay')
    const stamp = fileStamp(Date.now())
    for (const file of this.#files.values()) file.rotate(`${file.path}.${stamp}`)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#files.values()].map((file) => file.close()))
  }

  #file(path: string): AppendFile {
    let file = this.#files.get(path)
    if (!file) {
      if (this.#files.size >= mostFiles) this.#forgetIdle()
      file = new AppendFile(path, this.figures)
      this.#files.set(path, file)
    }
    return file
  }

  #forgetIdle(): void {
    for (const [path, file] of this.#files) if (file.isIdle) this.#files.delete(path)
  }

  #refuse(channel: Channel, account: string): void {
    this.figures['accounts refused']++
    log.warning(
      `accountcode ${JSON.stringify(account)} is no file name; only Master.csv has the call`,
      channel.uuid,
    )
  }
}

function tell(channel: Channel): void {
  const event = channel.sw.events.create('CHANNEL_DATA')
  addChannelHeaders(event, channel)
  addChannelVariables(event, channel)
  log.info(`CHANNEL_DATA:\n${plainText(event)}`, channel.uuid)
}

const running = new WeakMap<Switch, CsvRecorder>()

async function start(sw: Switch): Promise<AsyncDisposable> {
  const settings = readCsvSettings(sw)
  try {
    await mkdir(settings.folder, { recursive: true })
  } catch (thrown) {
    // Calls go on without: each record that cannot be written is told.
    log.err(`${settings.folder} cannot be made: ${(thrown as Error).message}`)
  }
  const recorder = new CsvRecorder(settings)
  const onHangup = () => recorder.rotate()
  process.on('SIGHUP', onHangup)
  const counters = sw.counters.add('cdr_csv', () => ({ ...recorder.figures }))
  sw.callRecorders.add(recorder)
  running.set(sw, recorder)
  return {
    async [Symbol.asyncDispose]() {
      process.off('SIGHUP', onHangup)
      running.delete(sw)
      sw.callRecorders.delete(recorder)
      await recorder.close()
      counters[Symbol.dispose]()
    },
  }
}

export const module: Module = {
  name: 'mod_cdr_csv',
  commands: [
    {
      name: 'cdr_csv',
      syntax: 'rotate',
      about: 'Begin new files of call records',
      completions: ['rotate'],
      run(args, { sw }) {
        if (args.trim() !== 'rotate') return usage('rotate')
        const recorder = running.get(sw)
        if (!recorder) throw new SwitchError('CDR_NOT_RUNNING', 'mod_cdr_csv has not started')
        recorder.rotate()
        return '+OK'
      },
    },
  ],
  start,
}
