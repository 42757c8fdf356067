/** The command `verto`. */
import { logLevelNumber, logLevels } from '../../base/log.ts'
import type { Command } from '../../core/interfaces.ts'
import { separate } from '../../core/separate.ts'
import { isPermissionKind } from './permissions.ts'
import { jsonStatus, statusTable, xmlStatus } from './status.ts'
import { type Verto, vertoOf } from './verto.ts'

const line = '-'.repeat(80)
const usage = `USAGE:
${line}
verto [status|xmlstatus|jsonstatus]
verto help
verto debug [0-10]
verto perm <sessid> <type> <value>
verto noperm <sessid> <type> <value>
${line}
`

type SubCommand = (verto: Verto, words: readonly string[]) => string

const subCommands: Readonly<Record<string, SubCommand>> = {
  help: () => usage,
  status: statusTable,
  xmlstatus: xmlStatus,
  jsonstatus: (verto) => `${JSON.stringify(jsonStatus(verto), null, '\t')}\n`,
  perm: (verto, words) => changePermission(verto, words, true),
  noperm: (verto, words) => changePermission(verto, words, false),
  announce(verto, words) {
    for (const connection of verto.connections())
      connection.notify('verto.announce', { msg: words })
    return '+OK\n'
  },
  debug(verto, [level]) {
    const wanted = Number.parseInt(level ?? '', 10)
    if (wanted >= 0 && wanted <= 10) verto.debug = wanted
    return `Debug Level: ${verto.debug}\n`
  },
  'debug-level'(verto, [level]) {
    const wanted = logLevelNumber(level ?? '')
    if (wanted !== undefined) verto.debugLevel = wanted
    return `Debug Level: ${(logLevels[verto.debugLevel] ?? '').toUpperCase()}\n`
  },
}

/** For as long as the socket lasts. */
function changePermission(verto: Verto, words: readonly string[], isAdded: boolean): string {
  const [sessid = '', kind = '', value] = words
  const connection = verto.sessions.get(sessid)
  if (!connection || value === undefined || !isPermissionKind(kind)) return '-ERR'
  connection.permissions.change(kind, value, isAdded)
  return '+OK'
}

export const vertoCommand: Command = {
  name: 'verto',
  syntax: 'status|xmlstatus|jsonstatus|announce <words>|perm <sessid> <type> <value>|debug [0-10]',
  about: 'Verto API',
  completions: [
    'help',
    'debug',
    'perm',
    'noperm',
    'debug-level',
    'status',
    'xmlstatus',
    'jsonstatus',
    'announce',
  ],
  run(args, { sw }) {
    const [word, ...words] = separate(args, ' ')
    if (word === undefined || word === '') return usage
    const verto = vertoOf(sw)
    const run = Object.hasOwn(subCommands, word.toLowerCase())
      ? subCommands[word.toLowerCase()]
      : undefined
    if (!verto || !run) return `Unknown Command [${word}]\n`
    return run(verto, words)
  },
}
