/** Names as keys: who of the directory is meant by the digits of a name. Nothing here waits or plays. */
import type { DirectoryUser } from '../../core/directory.ts'
import { userParam, userVariable } from '../../core/directory.ts'
import { isTrue } from '../../core/variables.ts'
import type { SearchOrder } from './profile.ts'

export interface Entry {
  /** What is called. */
  readonly extension: string
  readonly fullName: string
  readonly firstName: string
  readonly lastName: string
  /** The number may be told. */
  readonly isNumberVisible: boolean
}

/** The letters on the keys of a telephone (ITU-T E.161), from 2 on. */
const keys = ['abc', 'def', 'ghi', 'jkl', 'mno', 'pqrs', 'tuv', 'wxyz']

/** The keys for a name: `Müller-Ek` is 68553735. What is neither a letter nor a digit has no key. */
export function keysOf(name: string): string {
  let digits = ''
  // Letters with accents are on the key of the letter without.
  for (const c of name.normalize('NFD').toLowerCase()) {
    if (c >= '0' && c <= '9') digits += c
    const index = keys.findIndex((letters) => letters.includes(c))
    if (index >= 0) digits += String(index + 2)
  }
  return digits
}

/** A user as the directory names it; undefined when it has no name, or is not to be found (`directory-visible`). */
export function entryOf(user: DirectoryUser, usesAlias: boolean): Entry | undefined {
  const says = (param: string) => isTrue(userParam(user, param) ?? 'true')
  if (!says('directory-visible')) return undefined
  const fullName = (
    userVariable(user, 'directory_full_name') ??
    userVariable(user, 'effective_caller_id_name') ??
    ''
  ).trim()
  if (fullName === '') return undefined
  const space = fullName.lastIndexOf(' ')
  const alias = usesAlias ? user.attributes.get('number-alias') : undefined
  return {
    extension: alias || user.id,
    fullName,
    firstName: space < 0 ? fullName : fullName.slice(0, space),
    lastName: fullName.slice(space + 1),
    isNumberVisible: says('directory-exten-visible'),
  }
}

/** Whose names begin with these keys (`full_name`: have them anywhere), by last and then first name, each once. */
export function search(entries: readonly Entry[], digits: string, order: SearchOrder): Entry[] {
  const found = new Map<string, Entry>()
  for (const entry of entries) {
    const begins = (name: string) => keysOf(name).startsWith(digits)
    const fits =
      order === 'full_name'
        ? keysOf(entry.fullName).includes(digits)
        : (order !== 'first_name' && begins(entry.lastName)) ||
          (order !== 'last_name' && begins(entry.firstName))
    if (fits) found.set(`${entry.extension}\n${entry.fullName}`, entry)
  }
  const compare = (a: string, b: string) => a.localeCompare(b)
  return [...found.values()].sort(
    (a, b) => compare(a.lastName, b.lastName) || compare(a.firstName, b.firstName),
  )
}
