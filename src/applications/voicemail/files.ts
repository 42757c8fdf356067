/**
 * Files that must not be lost: written under a name of the moment, brought to the disk, and only then given their own. What a crash
 * leaves is either whole, under its own name, or has a name that begins `.recording_` and is swept at the next start.
 */
import { copyFile, mkdir, open, readdir, rename, unlink } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import { reasonOf, SwitchError } from '../../base/errors.ts'

const prefix = '.recording_'

/** Where a file is written until it is whole; of the same form as `path`. */
export function temporaryFor(path: string, uuid: string): string {
  return join(dirname(path), `${prefix}${uuid}${extname(path)}`)
}

/** Makes a folder and those above it. Throws SwitchError VOICEMAIL_NOT_WRITABLE. */
export async function makeFolder(path: string): Promise<void> {
  await guarded(path, mkdir(path, { recursive: true, mode: 0o750 }))
}

/** Brings a whole file to the disk and gives it its name. Throws SwitchError VOICEMAIL_NOT_WRITABLE. */
export async function makeLasting(temporary: string, path: string): Promise<void> {
  await guarded(path, lasting(temporary, path))
}

async function lasting(temporary: string, path: string): Promise<void> {
  const file = await open(temporary, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
  await syncFolder(dirname(path))
}

/** The name itself has to be on the disk, too. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** Copies a file so that it is there whole or not at all. Throws SwitchError VOICEMAIL_NOT_WRITABLE. */
export async function copyLasting(from: string, path: string, uuid: string): Promise<void> {
  const temporary = temporaryFor(path, uuid)
  await makeFolder(dirname(path))
  try {
    await guarded(path, copyFile(from, temporary))
    await makeLasting(temporary, path)
  } catch (thrown) {
    await removeFile(temporary)
    throw thrown
  }
}

/** Removes a file; no error when it is not there. */
export async function removeFile(path: string): Promise<void> {
  await unlink(path).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code !== 'ENOENT') throw notWritable(path, thrown)
  })
}

/** What a folder holds; undefined when it is not there. */
export async function filesIn(folder: string): Promise<string[] | undefined> {
  return readdir(folder).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR') return undefined
    throw thrown
  })
}

/** Whether a name is that of a file that was not finished. */
export function isTemporary(name: string): boolean {
  return name.startsWith(prefix)
}

async function guarded(path: string, work: Promise<unknown>): Promise<void> {
  await work.catch((thrown: unknown) => {
    throw notWritable(path, thrown)
  })
}

function notWritable(path: string, thrown: unknown): SwitchError {
  return new SwitchError('VOICEMAIL_NOT_WRITABLE', `cannot write ${path}: ${reasonOf(thrown)}`)
}
