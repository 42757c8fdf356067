/** What loaded modules bring, as `show` lists it. */
import { join } from 'node:path'
import type { Switch } from './switch.ts'

/** One thing that a module brings. */
export interface InterfaceRow {
  readonly type: string
  readonly name: string
  readonly description: string
  readonly syntax: string
  /** The module's name. */
  readonly key: string
  readonly file: string
}

/** How tools know the codecs. */
const codecTitles: ReadonlyMap<string, string> = new Map([
  ['PCMU', 'G.711 ulaw'],
  ['PCMA', 'G.711 alaw'],
  ['G722', 'G.722'],
  ['L16', 'RAW Signed Linear (16 bit)'],
  ['G729', 'G.729'],
  ['opus', 'OPUS (STANDARD)'],
])

/** `G726-32` is `G.726 32k`, `AAL2-G726-32` is `G.726 32k (AAL2)`. */
function codecTitle(name: string): string {
  const adpcm = /^(AAL2-)?G726-(\d\d)$/.exec(name)
  if (adpcm) return `G.726 ${adpcm[2]}k${adpcm[1] ? ' (AAL2)' : ''}`
  return codecTitles.get(name) ?? name
}

/** Every interface of every module, by type and name. */
export function interfaceRows(sw: Switch): InterfaceRow[] {
  const rows: InterfaceRow[] = []
  const folder = sw.globals.get('mod_dir') ?? ''
  const add = (type: string, name: string, key: string, description = '', syntax = '') => {
    const file = key.startsWith('mod_') ? join(folder, key) : key
    rows.push({ type, name, description, syntax, key, file })
  }
  const codecs = new Map(sw.codecs.list().map(({ codec, module }) => [codec.name, module]))
  for (const [name, module] of codecs) add('codec', codecTitle(name), module)
  add('timer', 'soft', 'CORE_SOFTTIMER_MODULE')
  for (const { thing, module } of sw.endpoints.list()) add('endpoint', thing.name, module)
  for (const { thing, module } of sw.chats.list()) add('chat', thing.name, module)
  for (const { thing, module } of sw.chatFilters.list()) add('chat', thing.name, module)
  for (const { thing, module } of sw.dialplans.list()) add('dialplan', thing.name, module)
  for (const { thing, module } of sw.languages.list()) add('say', thing.name, module)
  for (const { thing, module } of sw.speechEngines.list()) add('speech', thing.name, module)
  for (const { thing, module } of sw.applications.list()) {
    add('application', thing.name, module, thing.about, thing.syntax)
  }
  for (const { thing, module } of sw.commands.list()) {
    add('api', thing.name, module, thing.about, thing.syntax)
  }
  for (const module of sw.modules.list()) {
    for (const format of module.formats ?? []) add('file', format, module.name)
    for (const { type, name } of module.interfaces ?? []) add(type, name, module.name)
  }
  return rows.sort((a, b) => compare(a.type, b.type) || compare(a.name, b.name))
}

/** By code, capitals first. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
