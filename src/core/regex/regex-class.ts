/** Reads a class `[…]` of a PCRE pattern (pcre2pattern(3), "Square brackets and character classes"). */

import type { RegexCursor, RegexFlags } from './regex-cursor.ts'
import { readClassEscape } from './regex-escape.ts'
import { type ByteSet, foldSet, invert, posixSets, setOf, wordSet } from './regex-set.ts'
import type { RegexNode } from './regex-tree.ts'

type Member = { readonly byte: number } | { readonly set: ByteSet }

/** Reads the class that begins at the cursor. */
export function parseClass(cursor: RegexCursor, flags: RegexFlags): RegexNode {
  // [[:<:]] and [[:>:]] are the start and the end of a word.
  const edge = cursor.match(/\[\[:([<>]):\]\]/y)
  if (edge) return wordEdge(edge[1] === '<')
  if (/^\[([:.=])[^\]\\]*\1\]/.test(cursor.pattern.slice(cursor.at))) {
    cursor.bad('a POSIX class stands only inside [ ]')
  }
  cursor.at++
  const isNegative = cursor.take('^')
  const members = new Uint8Array(256)
  let isFirst = true
  let isQuoted = false
  for (;;) {
    if (cursor.isAtEnd) cursor.bad('the class [ is not closed')
    if (isQuoted && cursor.take('\\E')) isQuoted = false
    else if (!isQuoted && cursor.take('\\Q')) isQuoted = true
    else if (!isQuoted && cursor.take('\\E')) continue
    else if (!isQuoted && !isFirst && cursor.take(']')) break
    else if (!isQuoted && flags.xx && /[ \t]/.test(cursor.char)) cursor.at++
    else {
      isFirst = false
      const from = readMember(cursor, isQuoted)
      addMember(cursor, from, isQuoted, members)
    }
  }
  const set = flags.i ? foldSet(members) : members
  return { type: 'set', set: isNegative ? invert(set) : set }
}

function addMember(
  cursor: RegexCursor,
  from: Member,
  isQuoted: boolean,
  members: Uint8Array,
): void {
  const isRange =
    !isQuoted &&
    cursor.char === '-' &&
    !/^-(?:\]|$)/.test(cursor.pattern.slice(cursor.at, cursor.at + 2))
  if ('set' in from) {
    for (let byte = 0; byte < 256; byte++) if (from.set[byte] === 1) members[byte] = 1
    // PCRE2 takes the hyphen of [\d-z] for a mistake.
    if (isRange) cursor.bad('a range cannot start with a class')
    return
  }
  if (!isRange) {
    members[from.byte] = 1
    return
  }
  cursor.at++
  const to = readMember(cursor, false)
  const top = 'set' in to ? cursor.bad('a range cannot end with a class') : to.byte
  if (top < from.byte) cursor.bad('the range is out of order')
  members.fill(1, from.byte, top + 1)
}

function readMember(cursor: RegexCursor, isQuoted: boolean): Member {
  if (!isQuoted) {
    const posix = cursor.match(/\[:(\^?)(\w+):\]/y)
    if (posix) {
      const set = posixSets.get(posix[2] ?? '')
      if (!set) return cursor.bad('unknown POSIX class')
      return { set: posix[1] ? invert(set) : set }
    }
    if (/^\[[.=]\w*[.=]\]/.test(cursor.pattern.slice(cursor.at)))
      cursor.bad('collating elements are unknown')
    if (cursor.char === '\\') {
      const found = readClassEscape(cursor)
      if (found.type === 'byte' || found.type === 'set') return found
      return cursor.bad('this escape has no meaning in a class')
    }
  }
  return { byte: cursor.pattern.charCodeAt(cursor.at++) }
}

function wordEdge(isStart: boolean): RegexNode {
  const word: RegexNode = { type: 'set', set: setOf((byte) => wordSet[byte] === 1) }
  return {
    type: 'sequence',
    items: [
      { type: 'assert', kind: 'word' },
      { type: 'look', isAhead: isStart, isNegative: false, body: word },
    ],
  }
}
