/** Runs a menu: greeting, choice, what the choice does; again, until something ends it. */
import { placeText } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { Channel } from '../../core/channel.ts'
import { addChannelHeaders, addChannelVariables } from '../../core/channel-event.ts'
import { executeApplication } from '../../core/execute.ts'
import { interruptible } from '../../core/interruptible.ts'
import { sayPhrase } from '../../core/phrases/run-macro.ts'
import { play } from '../../core/play.ts'
import { compilePattern, fillIn } from '../../core/regex/regex.ts'
import { speakText, spokenText } from '../../core/speak-text.ts'
import type { XmlNode } from '../../xml/node.ts'
import { isPattern, type Menu, type MenuAction, type MenuEntry, readMenu } from './menu.ts'
import { askChoice, knowsPin, playMenuSound } from './menu-input.ts'

const log = logger('applications/ivr')

/** Menus inside menus. */
const deepest = 12

/** What goes on after an action, or when a menu is over: to the menu above, to the outermost, or out of all. */
type Next = 'again' | 'back' | 'top' | 'exit'

export class MenuRun {
  readonly #channel: Channel
  readonly #signal: AbortSignal
  readonly #menus: XmlNode
  #depth = 0

  /** `menus` stays the same for the whole run, whatever is loaded anew meanwhile. */
  constructor(channel: Channel, menus: XmlNode, signal: AbortSignal) {
    this.#channel = channel
    this.#menus = menus
    this.#signal = signal
  }

  /** Runs a menu and those it leads to. */
  async run(menu: Menu): Promise<Next> {
    if (this.#depth >= deepest) {
      log.err(`menus lead into each other more than ${deepest} deep; all are left`, this.#uuid)
      return 'exit'
    }
    this.#depth++
    this.#setVoice(menu)
    this.#channel.variables.set('ivr_menu_status', 'success')
    this.#announce('menu::enter', menu)
    try {
      if (menu.pin !== '' && !(await knowsPin(this.#channel, menu, this.#signal))) {
        if (!this.#isOver) this.#channel.variables.set('ivr_menu_status', 'failure')
        return 'exit'
      }
      const next = await this.#rounds(menu)
      if (this.#depth === 1 && !this.#isOver) await playMenuSound(this.#channel, menu.exitSound)
      return next
    } finally {
      this.#depth--
      this.#announce('menu::exit', menu)
    }
  }

  get #uuid(): string {
    return this.#channel.uuid
  }

  get #isOver(): boolean {
    return this.#signal.aborted || !this.#channel.isUp
  }

  async #rounds(menu: Menu): Promise<Next> {
    let failures = 0
    let timeouts = 0
    let isFirst = true
    while (!this.#isOver) {
      if (failures >= menu.maxFailures) return this.#giveUp('failure', menu.execOnMaxFailures)
      if (timeouts >= menu.maxTimeouts) return this.#giveUp('timeout', menu.execOnMaxTimeouts)
      const greeting = isFirst ? menu.greetLong : menu.greetShort || menu.greetLong
      isFirst = false
      const { digits, timedOut } = await askChoice(this.#channel, menu, greeting, this.#signal)
      if (this.#isOver) break
      if (timedOut) {
        timeouts++
        continue
      }
      const chosen = menu.entries.flatMap((entry) => matchEntry(entry, digits))
      if (chosen.length === 0) {
        if (digits !== '') await playMenuSound(this.#channel, menu.invalidSound)
        failures++
        continue
      }
      failures = 0
      let next: Next = 'again'
      for (const { entry, param } of chosen) {
        if (this.#isOver) break
        const after = await this.#act(menu, entry, param)
        if (next === 'again') next = after
        // Who comes back from a menu below is greeted in full.
        if (entry.action === 'menu-sub' && param.toLowerCase() !== menu.name.toLowerCase())
          isFirst = true
      }
      if (next === 'top' && this.#depth === 1) continue
      if (next !== 'again') return next
    }
    return 'exit'
  }

  async #giveUp(status: 'failure' | 'timeout', action: string): Promise<Next> {
    this.#channel.variables.set('ivr_menu_status', status)
    if (action !== '') {
      const { name, data } = splitApplication(action)
      await executeApplication(this.#channel, name, data)
    }
    return 'back'
  }

  async #act(menu: Menu, entry: MenuEntry, param: string): Promise<Next> {
    this.#setVoice(menu)
    log.debug(`menu ${menu.name}: ${entry.digits} is ${entry.action} ${param}`, this.#uuid)
    return this.#actions[entry.action](param, menu, entry)
  }

  readonly #actions: Readonly<
    Record<MenuAction, (param: string, menu: Menu, entry: MenuEntry) => Promise<Next> | Next>
  > = {
    'menu-exit': () => 'exit',
    'menu-back': () => 'back',
    'menu-top': () => 'top',
    'menu-sub': (param, menu, entry) => this.#enter(param, menu, entry),
    'menu-exec-app': async (param, menu, entry): Promise<Next> => {
      const { name, data } = splitApplication(param)
      if (!this.#channel.sw.applications.get(name)) {
        log.err(`${placeText(entry.node.place)}: there is no application "${name}"`, this.#uuid)
        return 'exit'
      }
      if (name === 'transfer') await playMenuSound(this.#channel, menu.transferSound)
      if (!this.#isOver) await executeApplication(this.#channel, name, data)
      return 'again'
    },
    'menu-call-transfer': async (param, menu): Promise<Next> => {
      await playMenuSound(this.#channel, menu.transferSound)
      if (!this.#isOver) await executeApplication(this.#channel, 'transfer', param)
      return 'again'
    },
    'menu-play-sound': async (param): Promise<Next> => {
      const sound = await this.#channel.sw.expand(param, this.#channel)
      await interruptible(this.#channel, (signal) => play(this.#channel, sound, { signal }))
      return 'again'
    },
    'menu-say-phrase': async (param): Promise<Next> => {
      const [, macro = '', data = ''] = /^([^,:]*)[,:]?(.*)$/s.exec(param) ?? []
      await interruptible(this.#channel, (signal) =>
        sayPhrase(this.#channel, macro, data, { signal }),
      )
      return 'again'
    },
    'menu-say-text': async (param): Promise<Next> => {
      const text = await this.#channel.sw.expand(param, this.#channel)
      await interruptible(this.#channel, (signal) =>
        speakText(this.#channel, spokenText(this.#channel, text), { signal }),
      )
      return 'again'
    },
  }

  /** Into another menu; the same one only begins anew. */
  async #enter(name: string, menu: Menu, entry: MenuEntry): Promise<Next> {
    if (name.toLowerCase() === menu.name.toLowerCase()) return 'again'
    const below = readMenu(this.#menus, name)
    if (!below) {
      log.err(`${placeText(entry.node.place)}: there is no menu "${name}"`, this.#uuid)
      return 'again'
    }
    this.#announce('menu::exit', menu)
    const next = await this.run(below)
    this.#announce('menu::enter', menu)
    return next === 'back' ? 'again' : next
  }

  /** A menu's own voice for `say:`. */
  #setVoice(menu: Menu): void {
    if (menu.ttsEngine === '' || menu.ttsVoice === '') return
    this.#channel.variables.set('tts_engine', menu.ttsEngine)
    this.#channel.variables.set('tts_voice', menu.ttsVoice)
  }

  #announce(subclass: string, menu: Menu): void {
    this.#channel.sw.events.announce(
      'CUSTOM',
      (event) => {
        event.add('Menu-Name', menu.name)
        addChannelHeaders(event, this.#channel)
        addChannelVariables(event, this.#channel)
      },
      subclass,
    )
  }
}

/** An entry that the digits choose, its param filled in; none when they do not. */
function matchEntry(entry: MenuEntry, digits: string): { entry: MenuEntry; param: string }[] {
  if (digits === '') return []
  if (!isPattern(entry.digits))
    return entry.digits === digits ? [{ entry, param: entry.param }] : []
  const groups = compilePattern(entry.digits).exec(digits)
  return groups ? [{ entry, param: fillIn(entry.param, groups) }] : []
}

/** `app args`. */
function splitApplication(text: string): { name: string; data: string } {
  const space = text.indexOf(' ')
  if (space < 0) return { name: text, data: '' }
  return { name: text.slice(0, space), data: text.slice(space + 1) }
}
