/** console_complete, complete and alias: what makes a console pleasant. */
import { usage } from '../core/command-usage.ts'
import type { Completed } from '../core/console-complete.ts'
import { leadingInteger } from '../core/expand/expand.ts'
import type { Command } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'
import type { Switch } from '../core/switch.ts'
import { makeElement, writeXml } from '../xml/write.ts'

/** `c=<cursor in bytes>;<line>`, or the line alone with the cursor at its end. */
function completed(sw: Switch, args: string): Completed {
  const marked = /c=([^;]*);/s.exec(args)
  if (!marked) return sw.completions.complete(args)
  const line = Buffer.from(args.slice(marked.index + marked[0].length))
  const cursor = leadingInteger(marked[1] ?? '')
  return sw.completions.complete((cursor > 0 ? line.subarray(0, cursor) : line).toString())
}

export const consoleComplete: Command = {
  name: 'console_complete',
  syntax: '<line>',
  about: '',
  run(args, { sw }) {
    const { candidates, erase, write } = completed(sw, args)
    const cells = candidates.map((candidate, index) => {
      const cell = `[${candidate.padStart(20)}]\t`
      return index % 4 === 3 ? `${cell}\n` : cell
    })
    return `\n\n${cells.join('')}\n\n${write === undefined ? '' : `write=${erase}:${write}`}`
  },
}

/** Made here, not read from a file. */
const place = { file: '', line: 0 }

export const consoleCompleteXml: Command = {
  name: 'console_complete_xml',
  syntax: '<line>',
  about: '',
  run(args, { sw }) {
    const { candidates, erase, write } = completed(sw, args)
    const text = write?.trimEnd() ?? ''
    const matches = candidates.map((candidate) => ({
      ...makeElement('match', [], [], place),
      text: candidate,
    }))
    const last = { ...makeElement('write', [['length', String(erase)]], [], place), text }
    return `<?xml version="1.0"?>\n${writeXml(makeElement('complete', [], [...matches, last], place))}`
  },
}

export const complete: Command = {
  name: 'complete',
  syntax: 'add <word>|del [<word>|*]',
  about: 'Complete',
  completions: ['add', 'del'],
  run(args, { sw }) {
    const [verb = '', ...words] = separate(args, ' ', 11)
    const [first = ''] = words
    switch (verb.toLowerCase()) {
      case 'add':
      case 'stickyadd':
        sw.completions.add(words)
        return '+OK\n'
      case 'del':
        if (first === '') return usage(complete.syntax)
        sw.completions.remove(first === '*' ? [] : words)
        return '+OK\n'
      default:
        return usage(complete.syntax)
    }
  },
}

/** The realm of the store that keeps aliases which outlive a restart. */
const stickyAliases = 'alias'

/** Puts back the aliases of earlier runs. */
export function restoreAliases(sw: Switch): void {
  for (const [name, line] of sw.options.store.list(stickyAliases)) sw.aliases.set(name, line)
}

export const alias: Command = {
  name: 'alias',
  syntax: '[add|stickyadd] <alias> <command> | del [<alias>|*]',
  about: 'Alias',
  completions: ['add', 'stickyadd', 'del'],
  run(args, { sw }) {
    const { store } = sw.options
    const [verb = '', name, line] = separate(args, ' ', 3)
    const word = verb.toLowerCase()
    const isAdding = word === 'add' || word === 'stickyadd'
    // An alias of itself would never end.
    if (isAdding && name !== undefined && line !== undefined && name !== line) {
      sw.aliases.set(name, line)
      if (word === 'add') store.delete(stickyAliases, name)
      else store.put(stickyAliases, name, line)
      return '+OK\n'
    }
    if (word === 'del' && name !== undefined && line === undefined) {
      for (const one of name === '*' ? [...sw.aliases.keys()] : [name]) {
        sw.aliases.delete(one)
        store.delete(stickyAliases, one)
      }
      return '+OK\n'
    }
    return usage(alias.syntax)
  },
}
