/**
 * Texts that somebody outside has written: names, numbers, headers. Values are expanded again wherever a dialplan names them, so
 * that `${system(…)}` in a caller's name would run; FreeSWITCH writes `%{` there, and so do we.
 */

/** A `$` before `{`. Backslashes and `\'` between the two vanish when a text is expanded, which would make them neighbours. */
const reference = /\$(?=(?:\\'?)*\{)/g

/** The text with no reference in it that could be expanded. */
export function withoutReferences(text: string): string {
  return text.includes('{') ? text.replace(reference, '%') : text
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const controls = /[\0-\x1f\x7f]/g

/** The same for what stands in one line: a name or a number can bring none of its own into headers and logs. */
export function plainField(text: string): string {
  return withoutReferences(text).replace(controls, ' ')
}

/** What parts a dial string, begins variables in it, or ends a quoting. Square brackets mean something before a leg alone. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const dialMarks = /[,|{}<>$'"`\\^\s\0-\x1f\x7f]|_(?=:)/g

/** A URI that somebody outside has named, as part of a dial string: it stays one leg, for `%2C` is the same comma (RFC 3986 section 2). */
export function uriInDialString(uri: string): string {
  return uri.replace(dialMarks, (mark) => {
    const octet = mark.charCodeAt(0)
    return octet < 0x80 ? `%${octet.toString(16).toUpperCase().padStart(2, '0')}` : ''
  })
}
