/** Deleted messages go for good: first the file, then the row, so that a crash in between brings none back. */
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { announceCounts } from './events.ts'
import { removeFile } from './files.ts'
import type { VoicemailProfile } from './profile.ts'
import type { BoxName, Message } from './store.ts'

const log = logger('applications/voicemail')

/** Removes one message. It stays, and the log says so, when its file cannot be removed. */
export async function removeMessage(
  { store }: Pick<VoicemailProfile, 'store'>,
  { uuid, path }: Pick<Message, 'uuid' | 'path'>,
): Promise<void> {
  try {
    await removeFile(path)
    store.remove(uuid)
  } catch (thrown) {
    log.err(reasonOf(thrown))
  }
}

/** Removes what is marked as deleted in a mailbox, and tells if there was something. */
export async function purgeDeleted(
  box: BoxName & { readonly profile: VoicemailProfile },
): Promise<void> {
  const deleted = box.profile.store.list(box, 'deleted')
  for (const message of deleted) await removeMessage(box.profile, message)
  if (deleted.length > 0) announceCounts(box.profile, box, 'PURGE')
}
