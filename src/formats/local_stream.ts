/** `local_stream://<name>`: music on hold, which runs by itself and is heard by any number of listeners at the same place. */
import { SwitchError } from '../base/errors.ts'
import type { FileFormat } from './format.ts'

export const localStream: FileFormat = {
  extensions: [],
  schemes: ['local_stream'],
  read(name, rate, { host }) {
    if (host) return host.listen(name, rate)
    return Promise.reject(
      new SwitchError('FILE_BAD', `local_stream://${name} cannot be opened for this purpose`),
    )
  },
}
