/** A call as XML: `<cdr>` as mod_xml_cdr has it, with the values of variables percent-encoded. */
import { applicationLog } from '../application-log.ts'
import type { CallerProfile } from '../caller-profile.ts'
import type { Channel } from '../channel.ts'
import { stateName, stateNumber } from '../channel-states.ts'
import { encodeValue } from '../event-text.ts'
import type { FoundExtension } from '../found-extension.ts'
import { holdsOf } from '../hold-record.ts'
import {
  capText,
  chain,
  flagText,
  mediaFigures,
  roles,
  timeFields,
  xmlFields,
} from './record-facts.ts'
import type { CallFigures } from './recorders.ts'

export const xmlHeader = '<?xml version="1.0"?>\n'

/** The element alone, each on a line of its own, without the header. */
export function xmlRecord(channel: Channel, figures: CallFigures): string {
  const writer = new Writer()
  const { coreUuid, globals } = channel.sw
  writer.within(
    'cdr',
    { 'core-uuid': coreUuid, switchname: globals.get('switchname') ?? '' },
    () => {
      writer.within('channel_data', {}, () => {
        writer.text('state', stateName(channel.state))
        writer.text('direction', channel.direction)
        writer.text('state_number', String(stateNumber(channel.state)))
        writer.text('flags', flagText(channel))
        writer.text('caps', capText(channel))
      })
      writeFigures(writer, figures)
      writer.within('variables', {}, () => writeVariables(writer, channel))
      writeApplications(writer, channel)
      writeHolds(writer, channel)
      for (const profile of chain(channel.profile)) writeCallflow(writer, profile)
    },
  )
  return writer.out
}

function writeFigures(writer: Writer, figures: CallFigures): void {
  writer.within('call-stats', {}, () => {
    for (const { kind, inbound, outbound } of mediaFigures(figures)) {
      writer.within(kind, {}, () => {
        writer.within('inbound', {}, () => {
          for (const [name, value] of inbound) writer.text(name, value)
        })
        writer.within('outbound', {}, () => {
          for (const [name, value] of outbound) writer.text(name, value)
        })
      })
    }
  })
}

/** A list is an element for each of its values. */
function writeVariables(writer: Writer, channel: Channel): void {
  for (const [name, value] of channel.variables.entries()) {
    const tag = elementName(name)
    for (const one of typeof value === 'string' ? [value] : value)
      writer.plain(tag, encodeValue(one))
  }
}

function writeApplications(writer: Writer, channel: Channel): void {
  const entries = applicationLog(channel)
  if (entries.length === 0) return
  writer.within('app_log', {}, () => {
    for (const { name, data, at } of entries)
      writer.empty('application', { app_name: name, app_data: data, app_stamp: String(at) })
  })
}

function writeHolds(writer: Writer, channel: Channel): void {
  const holds = holdsOf(channel)
  if (holds.length === 0) return
  writer.within('hold-record', {}, () => {
    for (const { on, off, bridgedTo } of holds)
      writer.empty('hold', {
        on: String(on),
        off: String(off),
        ...(bridgedTo ? { 'bridged-to': bridgedTo } : {}),
      })
  })
}

function writeCallflow(writer: Writer, profile: CallerProfile): void {
  const dialplan = profile.get('dialplan')
  const attributes = {
    ...(dialplan ? { dialplan } : {}),
    'unique-id': profile.id,
    ...(profile.cloneOf ? { 'clone-of': profile.cloneOf } : {}),
    profile_index: String(profile.index),
  }
  writer.within('callflow', attributes, () => {
    if (profile.extension) writeExtension(writer, profile.extension)
    writer.within('caller_profile', {}, () => {
      writeFields(writer, profile)
      for (const role of roles) {
        if (!profile[role]) continue
        writer.within(role, {}, () => {
          for (const one of chain(profile[role]))
            writer.within(`${role}_caller_profile`, {}, () => writeFields(writer, one))
        })
      }
    })
    writer.within('times', {}, () => {
      for (const [name, time] of timeFields) writer.plain(name, String(profile.times[time]))
    })
  })
}

function writeExtension(writer: Writer, extension: FoundExtension, dialplan?: string): void {
  const { name, number, actions, next, children } = extension
  const current = actions[next]
  const attributes = {
    name,
    number,
    ...(dialplan === undefined ? {} : { dialplan }),
    ...(current ? { current_app: current.application } : {}),
  }
  writer.within('extension', attributes, () => {
    for (const action of actions)
      writer.empty('application', {
        ...(action === current ? { last_executed: 'true' } : {}),
        app_name: action.application,
        app_data: action.data,
      })
    for (const child of children) {
      const inner = child.extension
      if (!inner) continue
      writer.within('sub_extensions', {}, () =>
        writeExtension(writer, inner, child.get('dialplan')),
      )
    }
  })
}

function writeFields(writer: Writer, profile: CallerProfile): void {
  for (const field of xmlFields) {
    const value = profile.get(field)
    if (value || field !== 'transfer_source') writer.text(field, value)
  }
  for (const [name, value] of profile.soft) writer.text(elementName(name), value)
}

/** Elements, two blanks for each level. Pieces are joined once: text that grows costs more to keep than to make. */
class Writer {
  readonly #parts: string[] = []
  #margin = ''

  get out(): string {
    return this.#parts.join('')
  }

  within(name: string, attributes: Readonly<Record<string, string>>, inside: () => void): void {
    const margin = this.#margin
    const at = this.#parts.push(`${margin}<${name}${attributesText(attributes)}>\n`)
    this.#margin = `${margin}  `
    inside()
    this.#margin = margin
    if (this.#parts.length > at) this.#parts.push(`${margin}</${name}>\n`)
    else this.#parts[at - 1] = `${margin}<${name}${attributesText(attributes)}></${name}>\n`
  }

  empty(name: string, attributes: Readonly<Record<string, string>>): void {
    this.#parts.push(`${this.#margin}<${name}${attributesText(attributes)}></${name}>\n`)
  }

  text(name: string, value: string): void {
    this.plain(name, escaped(value))
  }

  /** Text that needs no escaping. */
  plain(name: string, value: string): void {
    this.#parts.push(`${this.#margin}<${name}>${value}</${name}>\n`)
  }
}

function attributesText(attributes: Readonly<Record<string, string>>): string {
  let text = ''
  for (const name of Object.keys(attributes))
    text += ` ${name}="${escaped(attributes[name] ?? '')}"`
  return text
}

/** What has to be written otherwise, and all below the blank or above the last character that XML 1.0 allows. */
const special = /[&<>"]|[^ -\ufffd]/
const named: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
}

/** What XML 1.0 has no way to write is left out. */
function escaped(text: string): string {
  if (!special.test(text)) return text
  return text.replace(/[&<>"]|[^ -\ufffd]/g, (character) => named[character] ?? '')
}

/** Most names are elements' names already; in others what XML does not allow is an underscore. */
function elementName(name: string): string {
  if (/^[A-Za-z_][\w.-]*$/.test(name)) return name
  const allowed = name.replace(/[^\w.-]/g, '_')
  return /^[A-Za-z_]/.test(allowed) ? allowed : `_${allowed}`
}
