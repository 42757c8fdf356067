/** The commands that turn one text into another. */

import * as make from '../core/command-text.ts'
import { conditional } from '../core/dialplan/conditional.ts'
import type { Command } from '../core/interfaces.ts'
import { regexReply, replaceReply } from '../core/regex/regex-reply.ts'
import { separate } from '../core/separate.ts'

export const echo: Command = {
  name: 'echo',
  syntax: '<data>',
  about: 'Reply with the same text',
  run: (args) => args,
}

export const md5: Command = {
  name: 'md5',
  syntax: '<data>',
  about: 'The MD5 of a text in hexadecimal',
  run: (args) => make.md5Reply(args),
}

export const urlEncode: Command = {
  name: 'url_encode',
  syntax: '<string>',
  about: 'Percent-encode a text',
  run: (args) => make.urlEncode(args),
}

export const urlDecode: Command = {
  name: 'url_decode',
  syntax: '<string>',
  about: 'Resolve percent-encoding',
  run: (args) => make.urlDecode(args),
}

export const toUpper: Command = {
  name: 'toupper',
  syntax: '<string>',
  about: 'Capitals for small letters',
  run: (args) => make.toUpper(args),
}

export const toLower: Command = {
  name: 'tolower',
  syntax: '<string>',
  about: 'Small letters for capitals',
  run: (args) => make.toLower(args),
}

export const escapeBlanks: Command = {
  name: 'escape',
  syntax: '<data>',
  about: 'Escape blanks, line ends and dollar signs',
  run: (args) => make.escapeText(args),
}

export const quoteShellArgument: Command = {
  name: 'quote_shell_arg',
  syntax: '<data>',
  about: 'Quote a text for the command line of a shell',
  run: (args) => (args === '' ? '' : make.quoteShellArgument(args)),
}

export const sqlEscape: Command = {
  name: 'sql_escape',
  syntax: '<string>',
  about: 'Double the single quotes of a text',
  run: (args) => make.sqlEscape(args),
}

export const regex: Command = {
  name: 'regex',
  syntax: '<data>|<pattern>[|<subst string>][n|b]',
  about: 'Match a text against a pattern, or rewrite it',
  run: (args) => regexReply(args),
}

export const replace: Command = {
  name: 'replace',
  syntax: '<data>|<string1>|<string2>',
  about: 'Replace every occurrence of a text',
  run: (args) => replaceReply(args),
}

export const cond: Command = {
  name: 'cond',
  syntax: '<expr> ? <true val> : <false val>',
  about: 'One of two texts, by a comparison',
  run: (args) => conditional(args),
}

export const coalesce: Command = {
  name: 'coalesce',
  syntax: '[^^<delim>]<value1>,<value2>,...',
  about: 'The first value that is not empty',
  run: (args) => separate(args, ',').find((value) => value !== '') ?? '',
}
