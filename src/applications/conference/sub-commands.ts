/** What the sub-commands of `conference` have in common: their form, and how members are named. */
import type { Conference } from './conference.ts'
import type { Member } from './member.ts'

/** A sub-command: gets the words behind its name. Undefined: they make no sense, and its syntax is the reply. */
export interface SubCommand {
  readonly name: string
  readonly syntax: string
  run(
    conference: Conference,
    words: readonly string[],
    /** All behind the name as it was written. */
    rest: string,
  ): Promise<string | undefined> | string | undefined
}

/** One that does something with each of the members that its first word names. */
export function forMembers(
  name: string,
  syntax: string,
  act: (member: Member, words: readonly string[], rest: string) => string | undefined,
): SubCommand {
  return {
    name,
    syntax,
    run(conference, words, rest) {
      const [which = '', ...more] = words
      const members = membersOf(conference, which)
      if (members === undefined) return undefined
      if (typeof members === 'string') return members
      const replies: string[] = []
      for (const member of members) {
        const reply = act(member, more, rest.slice(which.length).trim())
        if (reply === undefined) return undefined
        replies.push(reply)
      }
      return replies.join('')
    },
  }
}

/** The members that a word names; a complaint about a number that nobody has; undefined for no such word. */
export function membersOf(
  conference: Conference,
  which: string,
): readonly Member[] | string | undefined {
  const { members } = conference
  switch (which.toLowerCase()) {
    case 'all':
      return [...members]
    case 'last':
      return members.slice(0, 1)
    case 'non_moderator':
      return members.filter((member) => !member.isModerator)
  }
  if (!/^\d+$/.test(which)) return undefined
  const member = conference.find(Number(which))
  return member ? [member] : `-ERR Non-Existant ID ${which}\n`
}

/** A number as C reads it: the digits that a text begins with, else 0. */
export function numberOf(text: string): number {
  const number = Number.parseInt(text, 10)
  return Number.isNaN(number) ? 0 : number
}
