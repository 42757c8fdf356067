/** From what a person wrote after `playback` to what the media engine opens. */
import { isAbsolute, join } from 'node:path'
import type { Channel } from './channel.ts'

const sequence = 'file_string://'

/**
 * `{vol=2}file.wav`, an absolute path, `scheme://…`, or a path below `sound_prefix` (or the base directory).
 * A name without an extension gets the one of native files: that is the media engine's business.
 */
export function soundPath(channel: Channel, written: string): string {
  const text = written.trim()
  const params = /^(\{[^}]*\})?(.*)$/s.exec(text)
  const prefix = params?.[1] ?? ''
  const path = params?.[2] ?? ''
  if (path.startsWith(sequence)) {
    const parts = path.slice(sequence.length).split('!')
    return prefix + sequence + parts.map((part) => soundPath(channel, part)).join('!')
  }
  if (path.includes('://')) return text
  if (isAbsolute(path)) return text
  const folder = channel.text('sound_prefix') ?? channel.sw.globals.get('base_dir') ?? ''
  return prefix + join(folder, path)
}

/** The parts of a play string: several where the variable `playback_delimiter`, of which one character counts, parts them. */
export function soundParts(channel: Channel, written: string): string[] {
  const delimiter = channel.variables.get('playback_delimiter')?.charAt(0)
  const parts = delimiter ? written.split(delimiter) : [written]
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

/** The whole paths of its parts. */
export function soundPaths(channel: Channel, written: string): string[] {
  return soundParts(channel, written).map((part) => soundPath(channel, part))
}
