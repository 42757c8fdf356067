/** counters: what was received, dropped, refused and is in use, for an operator who wonders where packets went. */
import type { Command } from '../core/interfaces.ts'

export const counters: Command = {
  name: 'counters',
  syntax: '[all|<source>] [as json]',
  about: 'Show what was received, dropped and refused, and what is in use',
  async run(args, { sw }) {
    const words = args
      .trim()
      .split(/\s+/)
      .filter((word) => word !== '')
    const isJson = words.at(-2)?.toLowerCase() === 'as' && words.at(-1)?.toLowerCase() === 'json'
    const wanted = isJson ? words.slice(0, -2)[0] : words[0]
    const all = await sw.counters.read()
    const isWhole = wanted === undefined || wanted === 'all'
    const chosen = isWhole ? all : all.filter(([source]) => source.startsWith(wanted))
    if (chosen.length === 0) return `-ERR nothing counts under ${wanted ?? 'any name'}\n`
    if (isJson) return `${JSON.stringify(Object.fromEntries(chosen))}\n`
    return chosen
      .flatMap(([source, figures]) =>
        Object.entries(figures).map(
          ([name, value]) => `${source.padEnd(20)} ${name.padEnd(28)} ${value}\n`,
        ),
      )
      .join('')
  },
}
