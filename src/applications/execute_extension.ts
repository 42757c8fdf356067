/** execute_extension: runs the actions of another extension and comes back. */
import { logger } from '../base/log.ts'
import { executeExtension } from '../core/dialplan/execute-extension.ts'
import type { Application } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'

const log = logger('applications/execute_extension')

export const executeExtensionApplication: Application = {
  name: 'execute_extension',
  syntax: '<extension> [<dialplan> <context>]',
  about: 'Execute the actions of another extension and come back',
  needs: 'nothing',
  async run(channel, data, { signal }) {
    const [extension, dialplan, context] = separate(data, ' ')
    if (!extension) return log.err('execute_extension: no extension', channel.uuid)
    await executeExtension(channel, { extension, dialplan, context }, signal)
  },
}
