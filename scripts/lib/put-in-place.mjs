/**
 * Moves the files of one folder into another, each at one stroke, and removes the first: whoever loads from the second meanwhile gets
 * a file as it was or as it will be, never a part of it. What is the same stays untouched; what is made no more goes after a week,
 * for a server that runs may still want to load it.
 *
 *   node put-in-place.mjs <from> <to>
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'

const [from = '', to = ''] = process.argv.slice(2)
const keptMs = 7 * 24 * 3600 * 1000

function isSame(one, other) {
  try {
    return readFileSync(one).equals(readFileSync(other))
  } catch {
    return false
  }
}

/** The files of a folder by their paths below it, without those that are kept for the launchers. */
function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
}

const made = new Set(filesOf(from))
for (const name of made) {
  const [file, place] = [join(from, name), join(to, name)]
  if (isSame(file, place)) continue
  mkdirSync(dirname(place), { recursive: true })
  renameSync(file, place)
}
rmSync(from, { recursive: true, force: true })
for (const name of filesOf(to)) {
  const file = join(to, name)
  if (!made.has(name) && statSync(file).mtimeMs < Date.now() - keptMs) rmSync(file)
}
