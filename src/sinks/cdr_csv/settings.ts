/** What cdr_csv.conf.xml says: which calls, where to, and how a line looks. */
import { join } from 'node:path'
import { placeText } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { Setting } from '../../core/settings.ts'
import { readSettings } from '../../core/settings.ts'
import type { Switch } from '../../core/switch.ts'

const log = logger('sinks/cdr_csv')

const table: readonly Setting[] = [
  { name: 'default-template', type: 'text', default: 'default', about: 'the form of a line' },
  { name: 'rotate-on-hup', type: 'boolean', default: 'false', about: 'SIGHUP begins new files' },
  { name: 'legs', type: 'text', default: 'a', about: 'a, b or ab: which parties have a line' },
  { name: 'log-base', type: 'text', about: 'holds the folder cdr-csv; default: the log folder' },
  {
    name: 'master-file-only',
    type: 'boolean',
    default: 'false',
    about: 'no file for each account',
  },
  {
    name: 'debug',
    type: 'boolean',
    default: 'false',
    about: 'each call with all its variables in the log',
  },
]

/** FreeSWITCH's own template `default`, and what it writes where the template that is named does not exist. */
const builtIn =
  '"${caller_id_name}","${caller_id_number}","${destination_number}","${context}","${start_stamp}","${answer_stamp}","${end_stamp}","${duration}","${billsec}","${hangup_cause}","${uuid}","${bleg_uuid}", "${accountcode}"\n'
const lastResort =
  '"${accountcode}","${caller_id_number}","${destination_number}","${context}","${caller_id}","${channel_name}","${bridge_channel}","${last_app}","${last_arg}","${start_stamp}","${answer_stamp}","${end_stamp}","${duration}","${billsec}","${hangup_cause}","${amaflags}","${uuid}","${userfield}";\n'

export interface CsvSettings {
  readonly folder: string
  readonly rotates: boolean
  readonly legs: { readonly a: boolean; readonly b: boolean }
  readonly hasAccountFiles: boolean
  readonly tellsLog: boolean
  /** The form of Master.csv's lines, and of those of accounts without their own. */
  readonly template: string
  /** By the account's name. */
  readonly templates: ReadonlyMap<string, string>
}

export function readCsvSettings(sw: Switch): CsvSettings {
  const configuration = sw.configuration('cdr_csv.conf')
  const values = readSettings(configuration, table)
  const templates = new Map([['default', builtIn]])
  const list = configuration?.children.find((child) => child.name === 'templates')
  for (const node of list?.children ?? []) {
    const name = node.attributes.get('name')
    if (node.name !== 'template' || !name) {
      log.warning(`${placeText(node.place)}: a template needs a name; left out`)
      continue
    }
    templates.set(name, node.text.endsWith('\n') ? node.text : `${node.text}\n`)
  }
  const wanted = values.text('default-template') || 'default'
  const template = templates.get(wanted)
  if (template === undefined)
    log.err(`cdr_csv.conf has no template ${wanted}; the one called asterisk is used`)
  return {
    folder: join(values.text('log-base') || (sw.globals.get('log_dir') ?? '.'), 'cdr-csv'),
    rotates: values.boolean('rotate-on-hup'),
    legs: legsOf(values.text('legs')),
    hasAccountFiles: !values.boolean('master-file-only'),
    tellsLog: values.boolean('debug'),
    template: template ?? lastResort,
    templates,
  }
}

function legsOf(text: string): CsvSettings['legs'] {
  const legs = { a: text.includes('a'), b: text.includes('b') }
  if (legs.a || legs.b) return legs
  log.err(`cdr_csv.conf: legs="${text}" is none of a, b and ab; a is used`)
  return { a: true, b: false }
}
