/** What a typed line means: a word of the console's own (`/help`), or a command for the switch. Pure. */

export type TypedLine =
  | { readonly kind: 'nothing' | 'help' | 'leave' }
  | { readonly kind: 'log-filter' | 'uuid-filter'; readonly text: string }
  | { readonly kind: 'event-socket'; readonly command: string }
  | { readonly kind: 'debug'; readonly level: number | undefined }
  | { readonly kind: 'unknown'; readonly text: string }
  /** `logLevel` is set when the log shown here has to follow `console loglevel`. */
  | { readonly kind: 'api'; readonly command: string; readonly logLevel: string | undefined }

/** The console's own words, for /help and for completion. */
export const ownWords: readonly (readonly [words: string, about: string])[] = [
  ['/help', 'this list'],
  ['/exit, /quit, /bye, ...', 'leave the console (also Control-D)'],
  ['/event, /nixevent, /noevents', 'watch events: /event plain CHANNEL_ANSWER, /event json ALL'],
  ['/filter', 'which events: /filter Unique-ID <uuid>, /filter delete all'],
  ['/log [<level>], /nolog', 'watch the log, or not'],
  ['/uuid [<uuid>]', 'show the log lines of one channel only'],
  ['/logfilter [<text>]', 'show the log lines with this text only'],
  ['/debug <0-7>', 'how much the console says of itself; 7 shows the wire'],
]

export function helpText(): string {
  const rows = ownWords.map(([words, about]) => `${words.padEnd(32)}${about}`)
  const heading = `${'Word'.padEnd(32)}What it does`
  return [
    heading,
    '-'.repeat(78),
    ...rows,
    '',
    'Everything else goes to the switch: help lists its commands, a;;b runs two.',
    '',
  ].join('\n')
}

export function readLine(line: string): TypedLine {
  const text = line.trim()
  if (text === '') return { kind: 'nothing' }
  if (text.startsWith('...')) return text === '...' ? { kind: 'leave' } : unknown(text)
  if (text.startsWith('/')) return readOwnWord(text.slice(1))
  const console = /^console loglevel +(\S.*)$/i.exec(text)
  return { kind: 'api', command: text, logLevel: console?.[1] }
}

function readOwnWord(text: string): TypedLine {
  if (/^help$/i.test(text)) return { kind: 'help' }
  if (/^(exit|quit|bye|\.\.\.)$/i.test(text)) return { kind: 'leave' }
  const [, word = '', rest = ''] = /^(\S*)\s*(.*)$/s.exec(text) ?? []
  switch (word.toLowerCase()) {
    case 'logfilter':
      return { kind: 'log-filter', text: rest }
    case 'uuid':
      return { kind: 'uuid-filter', text: rest }
    case 'debug':
      return { kind: 'debug', level: /^[0-7]$/.test(rest) ? Number(rest) : undefined }
  }
  // The event socket knows these by their beginnings, so `/events` and `/filterX` are its to judge.
  if (/^(event|noevents|nixevent|log|nolog|filter)/i.test(word)) {
    return { kind: 'event-socket', command: text }
  }
  return unknown(text)
}

function unknown(text: string): TypedLine {
  return { kind: 'unknown', text }
}
