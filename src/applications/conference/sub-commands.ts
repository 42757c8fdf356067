/** What the sub-commands of `conference` have in common: their form, and how members are named. */
import type { Conference } from './conference.ts'
import type { Member } from './member.ts'

type Reply = Promise<string | undefined> | string | undefined

/** A sub-command: gets the words behind its name. Undefined: they make no sense, and its syntax is the reply. */
export interface SubCommand {
  readonly name: string
  /** How the list of all shows it, where that is another word. */
  readonly shown?: string
  readonly syntax: string
  run(
    conference: Conference,
    words: readonly string[],
    /** All behind the name as it was written. */
    rest: string,
  ): Reply
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

/**
 * The members that a word names: a number, `all`, `last`, `non_moderator`, or `variable=value` of one's channel; a complaint about
 * one whom nobody is; undefined for no such word.
 */
function membersOf(conference: Conference, which: string): readonly Member[] | string | undefined {
  const { members } = conference
  switch (which.toLowerCase()) {
    case 'all':
      return [...members]
    case 'last':
      return members.length === 0 ? [] : [newestOf(members)]
    case 'non_moderator':
      return members.filter((member) => !member.isModerator)
  }
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(which) ?? []
  if (name !== undefined) {
    const found = members.find(({ channel }) => channel.text(name) === value)
    return found ? [found] : '-ERR Non-Existant member\n'
  }
  const id = numberOf(which)
  if (id <= 0) return undefined
  const member = conference.find(id)
  return member ? [member] : `-ERR Non-Existant ID ${id}\n`
}

function newestOf(members: readonly Member[]): Member {
  return members.reduce((newest, member) => (member.id > newest.id ? member : newest))
}

/** One member by such a word; undefined when there is none. */
export function oneOf(conference: Conference, which: string): Member | undefined {
  const found = membersOf(conference, which)
  return typeof found === 'string' ? undefined : found?.[0]
}

/** A number as C reads it: the digits that a text begins with, else 0. */
export function numberOf(text: string): number {
  const number = Number.parseInt(text, 10)
  return Number.isNaN(number) ? 0 : number
}

/** `up`, `down` or a number; undefined leaves the value. Steps stay within `most`. */
export function changed(
  value: number,
  word: string | undefined,
  step: number,
  most: number,
): number | undefined {
  if (word === undefined) return undefined
  if (word.toLowerCase() === 'up') return Math.min(most, value + step)
  if (word.toLowerCase() === 'down') return value - step
  return numberOf(word)
}
