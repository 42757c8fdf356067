/** What may be written after `add_user`, checked before anything is done. */
import { parseArgs } from 'node:util'
import { reasonOf, SwitchError } from '../base/errors.ts'

export interface AddUserOptions {
  /** The users to add, in order: digits only. */
  readonly ids: readonly string[]
  /** The folder under `directory/`. */
  readonly domain: string
  /** The configuration tree; undefined for the usual one. */
  readonly confPath: string | undefined
  /** SIP password; undefined leaves `$${default_password}`. */
  readonly password: string | undefined
  /** Voicemail PIN; undefined: the user chooses one at the first use. */
  readonly voicemailPin: string | undefined
}

export const usage = `
Adds one or more users to the XML directory, one file each.

  add_user <id> [options]
  add_user --users=<first>-<last> [options]

  --users=A-B       every number from A to B, at most 10000 of them
  --password=PW     SIP password (default: the server's default_password)
  --vmpin=PIN       voicemail PIN, digits (default: none; the user chooses one when first opening the mailbox
                    from that user's own phone); also --vm-password
  --domain=NAME     folder under directory/ (default: default)
  --confpath=PATH   configuration tree (default: the conf folder of this installation)
  --help            this text

An id has at least two digits and does not begin with 0. Users that exist are skipped, and no file is ever
overwritten. Type "reloadxml" at the console afterwards.
`

const mostUsers = 10_000

/** The options, or 'help'. Throws a SwitchError whose message is one line for the person who typed. */
export function parseAddUserArguments(args: readonly string[]): AddUserOptions | 'help' {
  // One dash is as good as two before a long name.
  const spelled = args.map((arg) => arg.replace(/^-(?=[a-z]{2,})/, '--'))
  const { values, positionals } = parse(spelled)
  if (values.help === true) return 'help'
  const domain = values.domain ?? 'default'
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(domain)) {
    throw bad(`Domain '${domain}' cannot be the name of a folder under directory/.`)
  }
  const voicemailPin = values.vmpin ?? values['vm-password']
  if (voicemailPin !== undefined && !/^\d+$/.test(voicemailPin)) {
    throw bad(`Voicemail PIN '${voicemailPin}' must consist of digits.`)
  }
  if (values.password !== undefined) checkPassword(values.password)
  return {
    ids: userIds(values.users, positionals),
    domain,
    confPath: values.confpath,
    password: values.password,
    voicemailPin,
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        users: { type: 'string' },
        domain: { type: 'string' },
        confpath: { type: 'string' },
        password: { type: 'string' },
        vmpin: { type: 'string' },
        'vm-password': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (thrown) {
    throw bad(
      `${reasonOf(thrown)
        .split('\n')[0]
        ?.replace(/\. To specify.*/, '')} (see --help)`,
    )
  }
}

function userIds(range: string | undefined, positionals: readonly string[]): string[] {
  const [id, ...others] = positionals
  if (range !== undefined) {
    if (id !== undefined) throw bad(`Either a user id or --users, not both: '${id}'.`)
    return idsOfRange(range)
  }
  if (id === undefined) {
    throw bad(
      'You must specify user id as a command line argument to add user, or use the --users option.',
    )
  }
  if (others.length > 0) throw bad(`One user id at a time, or --users=A-B: '${others.join(' ')}'.`)
  if (!isUserId(id)) {
    throw bad(
      'User id must be numeric, be at least 2 digits long, and cannot begin with the digit zero.',
    )
  }
  return [id]
}

function idsOfRange(range: string): string[] {
  const [first = '', last = '', ...others] = range.split('-')
  if (first === '' || last === '' || others.length > 0) {
    throw bad(
      'Please specify both a start and end range, separated by a hyphen: add_user --users=xxxx-yyyy',
    )
  }
  if (!isUserId(first)) throw bad(`Start of range '${first}' is not numeric or is too short`)
  if (!isUserId(last)) throw bad(`End of range '${last}' is not numeric or is too short`)
  // BigInt: an id may have more digits than a number can count.
  const from = BigInt(first)
  const count = BigInt(last) - from + 1n
  if (count <= 1n) throw bad('End of range needs to be greater than start of range')
  if (count > mostUsers) throw bad(`The range holds ${count} users; ${mostUsers} is the most.`)
  return Array.from({ length: Number(count) }, (_, index) => String(from + BigInt(index)))
}

function isUserId(text: string): boolean {
  return /^[1-9]\d+$/.test(text)
}

function checkPassword(password: string): void {
  if (password === '') throw bad('The password is empty.')
  // The preprocessor works line by line and replaces $${…}, so neither can be part of a value.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  if (/[\u0000-\u001f\u007f]/.test(password)) {
    throw bad('The password must not hold line breaks or other control characters.')
  }
  if (password.includes('$${')) throw bad('The password must not hold $${, which names a variable.')
}

function bad(message: string): SwitchError {
  return new SwitchError('ADD_USER_BAD_ARGUMENT', message)
}
