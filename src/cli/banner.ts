/** What a console says when it opens. */
import type { Palette } from './colours.ts'

const wordmark: readonly string[] = [
  ' ___ _',
  '/ __| |_ _ _ _____ __ ____ _ ___ _ _',
  "\\__ \\  _| '_/ _ \\ V  V / _` / -_) '_|",
  '|___/\\__|_| \\___/\\_/\\_/\\__, \\___|_|',
  '                       |___/',
]

/** From light to deep blue, of the 256 colours nearly every terminal has. */
const shades: readonly string[] = [
  '\x1b[38;5;51m',
  '\x1b[38;5;45m',
  '\x1b[38;5;39m',
  '\x1b[38;5;33m',
  '\x1b[38;5;27m',
]

export function banner(where: string, columns: number, colours: Palette): string {
  const rows = wordmark.map((row, index) => colours.in(shades[index] ?? '', row))
  const hints = [
    `Connected to ${colours.bold(where)}`,
    `${colours.bold('help')} lists the switch's commands, ${colours.bold('/help')} those of this console`,
    `Tab completes, Control-R searches what was typed, Control-D leaves`,
  ]
  const art = columns >= 44 ? ['', ...rows, ''] : ['', colours.bold('Strowger')]
  return [...art, ...hints, '', ''].join('\n')
}
