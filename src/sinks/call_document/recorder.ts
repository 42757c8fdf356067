/** Makes a document of each call that ends and hands it on: what mod_xml_cdr, mod_json_cdr and each profile of mod_format_cdr are. */
import { join } from 'node:path'
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { jsonRecord } from '../../core/cdr/json-record.ts'
import { type CallFigures, type CallRecorder, isBLeg } from '../../core/cdr/recorders.ts'
import { xmlHeader, xmlRecord } from '../../core/cdr/xml-record.ts'
import type { Channel } from '../../core/channel.ts'
import type { Switch } from '../../core/switch.ts'
import { fileStamp } from '../../core/time/times.ts'
import { isTrue } from '../../core/variables.ts'
import { type CallDocument, Delivery } from './delivery.ts'
import { Poster } from './poster.ts'
import type { DocumentSettings } from './settings.ts'

const log = logger('sinks/cdr')

class DocumentRecorder implements CallRecorder {
  readonly name: string
  readonly delivery: Delivery
  readonly #settings: DocumentSettings
  readonly #poster: Poster | undefined
  /** `2026-01-31-12-00-00` of the folders in use; empty where none are made. */
  #stamp = ''

  constructor(settings: DocumentSettings) {
    this.name = settings.name
    this.#settings = settings
    this.#poster = settings.post ? new Poster(settings.post) : undefined
    this.delivery = new Delivery(settings, this.#poster)
    this.rotate()
  }

  rotate(): void {
    if (!this.#settings.rotates) return
    this.#stamp = fileStamp(Date.now())
    log.notice(`${this.name}: records go to folders ${this.#stamp} from now on`)
  }

  takes(channel: Channel): boolean {
    if (!this.#settings.recordsBLeg && isBLeg(channel))
      if (!isTrue(channel.variables.get('force_process_cdr'))) return false
    return this.#settings.post !== undefined || this.#folderOf(channel) !== undefined
  }

  record(channel: Channel, figures: CallFigures): void {
    const { form, encodesValues, file, errorFolders } = this.#settings
    const prefix = this.#prefixOf(channel)
    const document: CallDocument = {
      text:
        form === 'json'
          ? jsonRecord(channel, figures, encodesValues)
          : `${xmlHeader}${xmlRecord(channel, figures)}`,
      uuid: channel.uuid,
      prefix,
      file: `${prefix}${channel.uuid.replace(/[/\0]/g, '_')}.cdr.${form}`,
      folder: this.#folderOf(channel),
      errorFolders: errorFolders.map((folder) => this.#dated(folder)),
    }
    const name = file === undefined ? document.file : channel.sw.expand(file, channel)
    if (typeof name === 'string') return this.delivery.add({ ...document, file: safeName(name) })
    // A command in the name: the record comes when that has answered.
    void name.then(
      (made) => this.delivery.add({ ...document, file: safeName(made) }),
      (thrown: unknown) => {
        log.err(`${this.name}: log-file: ${reasonOf(thrown)}`, channel.uuid)
        this.delivery.add(document)
      },
    )
  }

  async close(): Promise<void> {
    await this.delivery.close()
    this.#poster?.[Symbol.dispose]()
  }

  #prefixOf(channel: Channel): string {
    if (isBLeg(channel)) return ''
    const own = channel.variables.get('prefix-a-leg')
    const wants = own === undefined ? this.#settings.prefixesALeg : isTrue(own)
    return wants ? 'a_' : ''
  }

  #folderOf(channel: Channel): string | undefined {
    const own = channel.variables.get(this.#settings.folderVariable)
    if (own !== undefined) return own
    const { folder } = this.#settings
    return folder === undefined ? undefined : this.#dated(folder)
  }

  #dated(folder: string): string {
    return this.#stamp ? join(folder, this.#stamp) : folder
  }
}

/** What a call says of itself leads to no other folder. */
function safeName(name: string): string {
  return name
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .join('/')
    .replaceAll('\0', '')
}

/** Starts recorders, one for each of the settings, and ends them when all they have is delivered. */
export function startRecorders(sw: Switch, all: readonly DocumentSettings[]): AsyncDisposable {
  const recorders = all.map((settings) => new DocumentRecorder(settings))
  const onHangup = () => {
    for (const recorder of recorders) recorder.rotate()
  }
  process.on('SIGHUP', onHangup)
  const counters = recorders.map(({ name, delivery }) =>
    sw.counters.add(name, () => ({ ...delivery.figures })),
  )
  for (const recorder of recorders) sw.callRecorders.add(recorder)
  return {
    async [Symbol.asyncDispose]() {
      process.off('SIGHUP', onHangup)
      for (const recorder of recorders) sw.callRecorders.delete(recorder)
      await Promise.all(recorders.map((recorder) => recorder.close()))
      for (const one of counters) one[Symbol.dispose]()
    },
  }
}
