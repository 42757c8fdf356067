/**
 * Moves the files of one folder into another, each at one stroke, and removes the first: whoever loads from the second meanwhile gets
 * a file as it was or as it will be, never a part of it. What is the same stays untouched.
 *
 *   node put-in-place.mjs <from> <to>
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'

const [from = '', to = ''] = process.argv.slice(2)

function isSame(one, other) {
  try {
    return readFileSync(one).equals(readFileSync(other))
  } catch {
    return false
  }
}

for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue
  const file = join(entry.parentPath ?? entry.path, entry.name)
  const place = join(to, file.slice(from.length + 1))
  if (isSame(file, place)) continue
  mkdirSync(dirname(place), { recursive: true })
  renameSync(file, place)
}
rmSync(from, { recursive: true, force: true })
