/** What a user may: names of methods, commands and event channels, from the params `jsonrpc-allowed-…`. */

import { separate } from '../../core/separate.ts'
import { parseMessage, textOf } from './json-rpc.ts'

export type PermissionKind = 'methods' | 'jsapi' | 'fsapi' | 'event_channels'

export function isPermissionKind(word: string): word is PermissionKind {
  return ['methods', 'jsapi', 'fsapi', 'event_channels'].includes(word)
}

/** The command lines that a command runs itself, taken out of its arguments as it does; undefined: it can run anything. */
type Inner = (args: string) => readonly string[] | undefined

const withoutUuid = (args: string) => args.replace(/^uuid:[^ ]*(?: |$)/i, '')
/** `${system(…)}` would run whatever stands in the braces. */
const expands = (text: string) => text.includes('${')

const wrappers: ReadonlyMap<string, Inner> = new Map<string, Inner>([
  ['bgapi', (args) => [withoutUuid(args)]],
  ['sched_api', (args) => [/^[^ ]* [^ ]* (.*)$/s.exec(args)?.[1] ?? '']],
  ['eval', (args) => (expands(args) ? undefined : [])],
  ['expand', (args) => (expands(args) ? undefined : [withoutUuid(args)])],
  ['xml_wrap', (args) => [args.replace(/^encoded /i, '')]],
  // What these two hand on may be a command again.
  ['chat', (args) => (separate(args, '|', 5)[0]?.toLowerCase() === 'api' ? undefined : [])],
  ['json', (args) => (/^(fsapi|execute)$/i.test(jsonCommandIn(args)) ? undefined : [])],
])

function jsonCommandIn(text: string): string {
  return textOf(parseMessage(text), 'command') ?? ''
}

/** Deeper than anybody wraps. */
const deepestWrapping = 8

function namesOf(text: string): string[] {
  const names = text.split(text.includes(' ') ? ' ' : ',')
  return names.map((name) => name.toLowerCase()).filter((name) => name !== '')
}

export class Permissions {
  /** A kind that is not there: everything is allowed. */
  readonly #sets = new Map<PermissionKind, Set<string>>()

  /** Of whoever may do everything. */
  static all(): Permissions {
    return new Permissions()
  }

  /** Of a user by its params; `__ANY__` allows everything of a kind, and a kind without param allows nothing. */
  static ofUser(param: (name: string) => string | undefined): Permissions {
    const permissions = new Permissions()
    const read = (kind: PermissionKind, name: string) => {
      const text = param(name) ?? ''
      if (text.toUpperCase() !== '__ANY__') permissions.#sets.set(kind, new Set(namesOf(text)))
    }
    read('methods', 'jsonrpc-allowed-methods')
    read('jsapi', 'jsonrpc-allowed-jsapi')
    read('fsapi', 'jsonrpc-allowed-fsapi')
    read('event_channels', 'jsonrpc-allowed-event-channels')
    permissions.#sets.get('methods')?.add('login')
    return permissions
  }

  /** `verto perm` and `verto noperm`. */
  change(kind: PermissionKind, names: string, isAdded: boolean): void {
    const set = this.#sets.get(kind)
    if (!set) return
    for (const name of namesOf(names)) {
      if (isAdded) set.add(name)
      else set.delete(name)
    }
  }

  /** A name, or the part before its first dot, is allowed. */
  allows(kind: PermissionKind, name: string): boolean {
    const set = this.#sets.get(kind)
    if (!set) return true
    const key = name.toLowerCase()
    const dot = key.indexOf('.')
    return set.has(key) || (dot > 0 && set.has(key.slice(0, dot)))
  }

  /** Exactly that name: commands have no parts. */
  #names(kind: PermissionKind, name: string): boolean {
    return this.#sets.get(kind)?.has(name.toLowerCase()) ?? true
  }

  allowsJson(command: string): boolean {
    return this.#names('jsapi', command)
  }

  /** A console command, and those that it runs itself (`bgapi status`). */
  allowsCommand(command: string, args: string): boolean {
    if (!this.#sets.has('fsapi')) return true
    return this.#allowsLine(command, args, 0)
  }

  #allowsLine(command: string, args: string, depth: number): boolean {
    if (depth > deepestWrapping || !this.#names('fsapi', command)) return false
    const wrapper = wrappers.get(command.toLowerCase())
    if (!wrapper) return true
    const lines = wrapper(args.trim())
    return (
      lines?.every((line) => {
        const [name = '', ...rest] = line.trim().split(/(\s)/)
        return name === '' || this.#allowsLine(name, rest.join(''), depth + 1)
      }) ?? false
    )
  }
}
