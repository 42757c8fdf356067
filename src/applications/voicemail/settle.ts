/**
 * The start of a profile: what the end before left unfinished. A recording that was whole becomes a message, what was not is swept,
 * what was deleted goes; messages whose file is gone are forgotten, files that no message has become one.
 */
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { filesIn, isTemporary, removeFile } from './files.ts'
import { mailboxOf, ownFolder } from './mailbox.ts'
import type { VoicemailProfile } from './profile.ts'
import { type Message, normalFlag } from './store.ts'

const log = logger('applications/voicemail')

/** `isAlone`: no other profile may have files in its folders. */
export async function settleAfterStart(profile: VoicemailProfile, isAlone: boolean): Promise<void> {
  const { store } = profile
  await sweepFolder(ownFolder(profile, 'forward'))
  store.markAllHeard(Math.trunc(Date.now() / 1000))
  for (const message of store.unsettled()) await settleMessage(profile, message)
  // By folder: one look at each instead of one at each message.
  const known = new Map<string, Map<string, string>>()
  for (const { uuid, path } of store.paths()) {
    const folder = dirname(path)
    const names = known.get(folder) ?? new Map<string, string>()
    known.set(folder, names)
    names.set(path.slice(folder.length + 1), uuid)
  }
  const boxes = new Map<string, { user: string; domain: string }>()
  for (const domain of profile.sw.directory.domains())
    for (const user of profile.sw.directory.users(domain)) {
      const box = mailboxOf(profile, user)
      if (!boxes.has(box.folder)) boxes.set(box.folder, { user: box.user, domain: box.domain })
    }
  const own = join(profile.sw.globals.get('storage_dir') ?? '', 'voicemail', profile.name, '/')
  for (const folder of new Set([...known.keys(), ...boxes.keys()])) {
    const isOwn = isAlone || folder.startsWith(own)
    try {
      const box = isOwn ? boxes.get(folder) : undefined
      await settleFolder(profile, folder, known.get(folder) ?? new Map(), box)
    } catch (thrown) {
      log.err(`${folder}: ${reasonOf(thrown)}`)
    }
  }
}

/** One that was being recorded, or deleted. */
async function settleMessage(profile: VoicemailProfile, message: Message): Promise<void> {
  const { store } = profile
  const { uuid, path, user, domain } = message
  const isThere = await isFile(path)
  if (message.flags === 'delete' || !isThere) {
    await removeFile(path)
    store.remove(uuid)
    if (message.flags !== 'delete')
      log.notice(`a message for ${user}@${domain} was not finished and is gone (${uuid})`)
    return
  }
  const length = message.length || Math.trunc(await secondsOf(profile, path))
  store.setDelivered(uuid, message.readFlags || normalFlag, length)
  log.notice(`a message for ${user}@${domain} is kept that nobody had confirmed (${uuid})`)
}

async function settleFolder(
  profile: VoicemailProfile,
  folder: string,
  known: ReadonlyMap<string, string>,
  box: { readonly user: string; readonly domain: string } | undefined,
): Promise<void> {
  const { store } = profile
  const names = await filesIn(folder)
  if (!names) {
    // A disk that is not mounted must not cost the messages that lie on it.
    if (known.size > 0)
      log.err(`${folder} is not there: ${known.size} messages cannot be heard until it is`)
    return
  }
  const present = new Set(names)
  for (const [name, uuid] of known) {
    if (present.has(name)) continue
    store.remove(uuid)
    log.warning(`${join(folder, name)} is gone, and so is its message (${uuid})`)
  }
  for (const name of names) {
    if (isTemporary(name)) await sweep(join(folder, name))
    else if (!known.has(name)) await adopt(profile, join(folder, name), name, box)
  }
}

/** What was put together for a moment. */
async function sweepFolder(folder: string): Promise<void> {
  for (const name of (await filesIn(folder)) ?? []) await sweep(join(folder, name))
}

/** Removes what was being recorded when an earlier process ended; what one of this process records is younger. */
async function sweep(path: string): Promise<void> {
  const { mtimeMs } = await stat(path)
  if (mtimeMs >= performance.timeOrigin) return
  await removeFile(path)
  log.info(`${path} was not finished and is gone`)
}

/** `msg_<uuid>.wav`, and `msg_<uuid>_broadcast_<name>.wav`, that no message has: somebody restored it, or the database is older. */
async function adopt(
  profile: VoicemailProfile,
  path: string,
  name: string,
  box: { readonly user: string; readonly domain: string } | undefined,
): Promise<void> {
  const uuid = /^msg_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})[._]/i.exec(name)?.[1]
  if (uuid === undefined || !box) return
  try {
    const { mtimeMs } = await stat(path)
    const seconds = await profile.sw.media.files.seconds(path)
    profile.store.insert({
      createdEpoch: Math.trunc(mtimeMs / 1000),
      readEpoch: 0,
      ...box,
      uuid: profile.store.get(uuid) ? `${uuid}-${Date.now()}` : uuid,
      callerName: 'unknown',
      callerNumber: 'unknown',
      folder: 'inbox',
      path,
      length: Math.trunc(seconds),
      flags: '',
      readFlags: normalFlag,
      forwardedBy: '',
    })
    log.notice(`${path} is a message of ${box.user}@${box.domain} now`)
  } catch (thrown) {
    log.warning(`${path} belongs to no message and cannot be played: ${reasonOf(thrown)}`)
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}

/** 0 when that cannot be told. */
async function secondsOf(profile: VoicemailProfile, path: string): Promise<number> {
  return profile.sw.media.files.seconds(path).catch(() => 0)
}
