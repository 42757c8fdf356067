/** File names by pattern, as glob(3) finds them: `*`, `?`, `[…]` and `\` within one path segment, hidden names only when asked. */
import { existsSync, readdirSync } from 'node:fs'

/** The paths that match, in byte order. Nothing found is an empty list; a folder that cannot be read holds nothing. */
export function glob(pattern: string): string[] {
  const isAbsolute = pattern.startsWith('/')
  let found = [isAbsolute ? '/' : '']
  for (const segment of pattern.split('/')) {
    if (segment === '') continue
    found = found.flatMap((folder) => step(folder, segment))
    if (found.length === 0) return found
  }
  return found
}

function step(folder: string, segment: string): string[] {
  if (!/[*?[]/.test(segment)) {
    const path = join(folder, segment.replace(/\\(.)/g, '$1'))
    return existsSync(path) ? [path] : []
  }
  const matcher = segmentMatcher(segment)
  return namesIn(folder === '' ? '.' : folder)
    .filter((name) => matcher.test(name) && (!name.startsWith('.') || segment.startsWith('.')))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((name) => join(folder, name))
}

function join(folder: string, name: string): string {
  return folder === '' || folder.endsWith('/') ? folder + name : `${folder}/${name}`
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function segmentMatcher(segment: string): RegExp {
  let source = ''
  for (let at = 0; at < segment.length; at++) {
    const char = segment.charAt(at)
    const bracket = char === '[' ? /^\[([!^]?)(\]?[^\]]*)\]/.exec(segment.slice(at)) : null
    if (bracket) {
      const inside = (bracket[2] ?? '').replace(/[\\\]^[]/g, '\\$&')
      source += `[${bracket[1] ? '^' : ''}${inside}]`
      at += bracket[0].length - 1
    } else if (char === '*') source += '.*'
    else if (char === '?') source += '.'
    else if (char === '\\' && at + 1 < segment.length) source += quote(segment.charAt(++at))
    else source += quote(char)
  }
  return new RegExp(`^${source}$`, 's')
}

function quote(char: string): string {
  return char.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&')
}
