/** The menus of ivr.conf.xml as the application `ivr` runs them; whatever is wrong in one is reported with file and line. */
import { placeText, reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { compilePattern } from '../../core/regex/regex.ts'
import type { XmlNode } from '../../xml/node.ts'
import { attribute, children, childWith } from '../../xml/query.ts'

const log = logger('applications/ivr')

const menuActions = [
  'menu-exit',
  'menu-sub',
  'menu-exec-app',
  'menu-play-sound',
  'menu-back',
  'menu-top',
  'menu-say-phrase',
  'menu-say-text',
  'menu-call-transfer',
] as const

export type MenuAction = (typeof menuActions)[number]

export interface MenuEntry {
  readonly action: MenuAction
  /** The digits, or `/a pattern/`. */
  readonly digits: string
  readonly param: string
  readonly node: XmlNode
}

export interface Menu {
  readonly name: string
  readonly node: XmlNode
  readonly greetLong: string
  /** Empty: the long one again. */
  readonly greetShort: string
  readonly invalidSound: string
  readonly exitSound: string
  readonly transferSound: string
  /** ms until the first digit. */
  readonly timeout: number
  /** ms between digits. */
  readonly interDigitTimeout: number
  readonly maxFailures: number
  readonly maxTimeouts: number
  /** As many digits as are waited for. */
  readonly digitLength: number
  readonly confirmMacro: string
  readonly confirmKey: string
  readonly confirmAttempts: number
  readonly pin: string
  readonly pinFile: string
  readonly badPinFile: string
  readonly ttsEngine: string
  readonly ttsVoice: string
  readonly execOnMaxFailures: string
  readonly execOnMaxTimeouts: string
  readonly entries: readonly MenuEntry[]
}

const texts = [
  'name',
  'greet-long',
  'greet-short',
  'invalid-sound',
  'exit-sound',
  'transfer-sound',
  'confirm-macro',
  'confirm-key',
  'pin',
  'pin-file',
  'bad-pin-file',
  'tts-engine',
  'tts-voice',
  'exec-on-max-failures',
  'exec-on-max-timeouts',
]

const numbers = [
  'timeout',
  'inter-digit-timeout',
  'max-failures',
  'max-timeouts',
  'digit-len',
  'confirm-attempts',
]

/** The menu of that name in any case below `<menus>`; undefined when there is none. */
export function readMenu(menus: XmlNode, name: string): Menu | undefined {
  const node = childWith(menus, 'menu', 'name', name)
  if (!node) return undefined
  const text = (key: string) => attribute(node, key) ?? ''
  const entries = readEntries(node, menus)
  for (const key of node.attributes.keys()) {
    if (!texts.includes(key) && !numbers.includes(key))
      log.warning(`${placeText(node.place)}: menu ${name}: unknown attribute ${key}`)
  }
  const timeout = numberOf(node, 'timeout') ?? 10_000
  const maxFailures = numberOf(node, 'max-failures') ?? 3
  const longest = entries
    .filter((entry) => !isPattern(entry.digits))
    .map((entry) => entry.digits.length)
  if (text('greet-long') === '' && text('greet-short') === '')
    log.warning(`${placeText(node.place)}: menu ${name} has no greet-long: it waits in silence`)
  return {
    name: text('name'),
    node,
    greetLong: text('greet-long'),
    greetShort: text('greet-short'),
    invalidSound: text('invalid-sound'),
    exitSound: text('exit-sound'),
    transferSound: text('transfer-sound'),
    timeout,
    interDigitTimeout: numberOf(node, 'inter-digit-timeout') ?? Math.trunc(timeout / 2),
    maxFailures,
    maxTimeouts: numberOf(node, 'max-timeouts') ?? maxFailures,
    digitLength: Math.max(1, numberOf(node, 'digit-len') ?? 1, ...longest),
    confirmMacro: text('confirm-macro'),
    confirmKey: text('confirm-key'),
    confirmAttempts: numberOf(node, 'confirm-attempts') ?? 3,
    pin: text('pin'),
    pinFile: text('pin-file') || 'ivr/ivr-please_enter_pin_followed_by_pound.wav',
    badPinFile: text('bad-pin-file') || 'conference/conf-bad-pin.wav',
    ttsEngine: text('tts-engine'),
    ttsVoice: text('tts-voice'),
    execOnMaxFailures: text('exec-on-max-failures'),
    execOnMaxTimeouts: text('exec-on-max-timeouts'),
    entries,
  }
}

/** A number above 0; undefined, and a line in the log, for anything else that stands there. */
function numberOf(node: XmlNode, key: string): number | undefined {
  const written = attribute(node, key)
  if (written === undefined || written === '' || written === '0') return undefined
  const value = Number.parseInt(written, 10)
  if (value > 0) return value
  // -1 is how people write that the default will do.
  if (written !== '-1')
    log.err(`${placeText(node.place)}: ${key}="${written}" is no number above 0; it is left out`)
  return undefined
}

export function isPattern(digits: string): boolean {
  return digits.startsWith('/')
}

function readEntries(menu: XmlNode, menus: XmlNode): MenuEntry[] {
  const entries: MenuEntry[] = []
  for (const node of children(menu, 'entry')) {
    const complain = (why: string) =>
      log.err(`${placeText(node.place)}: ${why}; the entry is left out`)
    const written = attribute(node, 'action') ?? ''
    const action = menuActions.find((name) => name === written.toLowerCase())
    const digits = attribute(node, 'digits') ?? ''
    const param = attribute(node, 'param') ?? ''
    if (!action) complain(`there is no action "${written}" (${menuActions.join(' ')})`)
    else if (digits === '') complain(`${action} has no digits`)
    else {
      const fault = isPattern(digits) ? faultOf(digits) : undefined
      if (fault) complain(fault)
      else entries.push({ action, digits, param, node })
    }
    if (action === 'menu-sub' && !childWith(menus, 'menu', 'name', param))
      log.err(`${placeText(node.place)}: there is no menu "${param}"`)
  }
  return entries
}

function faultOf(pattern: string): string | undefined {
  try {
    compilePattern(pattern)
    return undefined
  } catch (thrown) {
    return reasonOf(thrown)
  }
}
