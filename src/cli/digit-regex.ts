/**
 * Makes one regular expression that matches exactly a set of digit strings: what `add_user` proposes for the
 * dialplan. Common heads and tails are written once, in the form that people know from FreeSWITCH's tool
 * (Perl's Regexp::Assemble): `^(10(0[0-9]|1[0-9]|20)|3000)$`.
 */

/** A PCRE, anchored at both ends, for the given numbers (digits only, in any order); it matches nothing for none. */
export function digitRegex(numbers: Iterable<string>): string {
  const unique = [...new Set(numbers)]
  if (unique.length === 0) return '^(?!)$'
  return `^${assemble(unique)}$`.replaceAll('?:', '').replaceAll('\\d', '[0-9]')
}

/** An expression for the strings that can stand before or after another one as it is. */
function assemble(words: readonly string[]): string {
  const head = commonHead(words)
  if (head !== '') return head + assembleTails(words.map((word) => word.slice(head.length)))
  return assembleTails(words)
}

/** As assemble, for words that have no first digit in common; one of them may be empty. */
function assembleTails(words: readonly string[]): string {
  const longer = words.filter((word) => word !== '')
  if (longer.length === 0) return ''
  if (longer.length < words.length) return optional(assemble(longer))
  const byFirst = new Map<string, string[]>()
  for (const word of longer) {
    const first = word.charAt(0)
    byFirst.set(first, [...(byFirst.get(first) ?? []), word])
  }
  const alone: string[] = []
  const branches: string[] = []
  for (const group of byFirst.values()) {
    const [only, ...others] = group
    if (others.length === 0 && only !== undefined) alone.push(only)
    else branches.push(assemble(group))
  }
  return union([...branches, ...shareTails(alone)])
}

/** Writes the tail that several of the words have in common once: 12 and 22 become `[12]2`. */
function shareTails(words: readonly string[]): string[] {
  const byLast = new Map<string, string[]>()
  for (const word of words) {
    const last = word.slice(-1)
    byLast.set(last, [...(byLast.get(last) ?? []), word])
  }
  return [...byLast.values()].map((group) => {
    const [only = '', ...others] = group
    if (others.length === 0) return only
    const tail = commonTail(group)
    const heads = group.map((word) => word.slice(0, word.length - tail.length))
    const longer = heads.filter((word) => word !== '')
    const before = union(shareTails(longer))
    return (longer.length < heads.length ? optional(before) : before) + tail
  })
}

/** One expression for any of the given ones; single digits become a class. */
function union(parts: readonly string[]): string {
  const digits = parts.filter((part) => part.length === 1).sort()
  const rest = parts.filter((part) => part.length !== 1)
  const all = digits.length === 0 ? rest : [digitClass(digits), ...rest]
  const [only = '', ...others] = all
  if (others.length === 0) return only
  all.sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
  return `(?:${all.join('|')})`
}

function digitClass(digits: readonly string[]): string {
  if (digits.length === 1) return digits.join('')
  return digits.length === 10 ? '\\d' : `[${digits.join('')}]`
}

/** The expression or nothing. Brackets only where there is more than one thing to be optional. */
function optional(part: string): string {
  const single = part.length === 1 || part === '\\d' || /^\[[0-9]+\]$/.test(part)
  return single || isOneGroup(part) ? `${part}?` : `(?:${part})?`
}

/** Whether the brackets that the text opens with close at its very end. */
function isOneGroup(text: string): boolean {
  if (!text.startsWith('(?:')) return false
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '(') depth++
    if (text[at] === ')' && --depth === 0) return at === text.length - 1
  }
  return false
}

function commonHead(words: readonly string[]): string {
  const [first = '', ...others] = words
  let length = first.length
  for (const word of others) {
    while (length > 0 && !word.startsWith(first.slice(0, length))) length--
  }
  return first.slice(0, length)
}

function commonTail(words: readonly string[]): string {
  const [first = '', ...others] = words
  let length = first.length
  for (const word of others) {
    while (length > 0 && !word.endsWith(first.slice(first.length - length))) length--
  }
  return first.slice(first.length - length)
}
