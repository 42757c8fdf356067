/** Opening sound files, with what is wrong told in one way. */
import { type FileHandle, open } from 'node:fs/promises'
import { reasonOf, SwitchError } from '../base/errors.ts'

/** Opens a file for reading. Throws FILE_NOT_FOUND, or FILE_BAD when it cannot be read. */
export async function openToRead(path: string): Promise<FileHandle> {
  try {
    const file = await open(path, 'r')
    if ((await file.stat()).isFile()) return file
    await file.close()
    throw new SwitchError('FILE_NOT_FOUND', `${path} is not a file`)
  } catch (thrown) {
    if (thrown instanceof SwitchError) throw thrown
    const code = (thrown as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new SwitchError('FILE_NOT_FOUND', `no file ${path}`)
    }
    throw new SwitchError('FILE_BAD', `cannot read ${path}: ${reasonOf(thrown)}`)
  }
}
