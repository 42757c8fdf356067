/** A mailbox: whose it is, what the directory says of it (`vm-…` params), where its files lie. */
import { isAbsolute, join } from 'node:path'
import { logger } from '../../base/log.ts'
import { type DirectoryUser, userParam, userVariable } from '../../core/directory.ts'
import type { Switch } from '../../core/switch.ts'
import { isFalse } from '../../core/variables.ts'
import type { VoicemailProfile } from './profile.ts'
import type { BoxName } from './store.ts'

const log = logger('applications/voicemail')

export interface Mailbox extends BoxName {
  readonly profile: VoicemailProfile
  readonly directoryUser: DirectoryUser
  /** The folder of its messages, greetings and name. */
  readonly folder: string
  /** A param of the user, group or domain; empty where there is none. */
  param(name: string): string
}

/** The mailbox of a user by id or number-alias; undefined when there is none, or it has no voicemail (`vm-enabled`). */
export function findMailbox(
  profile: VoicemailProfile,
  id: string,
  domain: string,
  uuid?: string,
): Mailbox | undefined {
  const user = profile.sw.directory.user(id, domain)
  if (!user) {
    log.warning(`there is no user ${id}@${domain}`, uuid)
    return undefined
  }
  if (isFalse(userParam(user, 'vm-enabled'))) {
    log.warning(`${id}@${domain} has no voicemail (vm-enabled)`, uuid)
    return undefined
  }
  return mailboxOf(profile, user)
}

export function mailboxOf(profile: VoicemailProfile, user: DirectoryUser): Mailbox {
  const param = (name: string) => userParam(user, name) ?? ''
  return {
    profile,
    user: user.id,
    domain: user.domain,
    directoryUser: user,
    folder: folderOf(profile, user, param),
    param,
  }
}

function folderOf(
  profile: VoicemailProfile,
  { id, domain }: DirectoryUser,
  param: (name: string) => string,
): string {
  const all = join(profile.sw.globals.get('storage_dir') ?? '', 'voicemail')
  const own = param('vm-storage-dir')
  if (own !== '') return isAbsolute(own) ? own : join(all, own)
  const user = asName(id)
  const ofDomain = param('vm-domain-storage-dir') || param('storage-dir')
  if (ofDomain !== '') return join(ofDomain, user)
  const ofProfile = profile.values.text('storage-dir')
  if (ofProfile === '') return join(all, asName(profile.name), asName(domain), user)
  const isShared = profile.values.boolean('storage-dir-shared')
  return isShared
    ? join(ofProfile, asName(domain), 'voicemail', user)
    : join(ofProfile, asName(domain), user)
}

/** Files of a profile that belong to no mailbox: `mail` has what mails carry, `forward` what is put together to be forwarded. */
export function ownFolder(
  { sw, name }: Pick<VoicemailProfile, 'sw' | 'name'>,
  use: 'mail' | 'forward',
): string {
  return join(sw.globals.get('storage_dir') ?? '', 'voicemail', asName(name), `.${use}`)
}

/** A name that stays one folder, whatever it is. */
function asName(text: string): string {
  const name = text.replace(/[/\0]/g, '_')
  return name === '.' || name === '..' ? `_${name}` : name
}

/** Whose messages a command means: the user by id or alias as the directory has it, else as it was written. */
export function boxName(sw: Switch, id: string, domain: string): BoxName {
  const user = sw.directory.user(id, domain)
  return user ? { user: user.id, domain: user.domain } : { user: id, domain }
}

/** The user's zone, where he has one. */
export function timezoneOf(box: Mailbox): string | undefined {
  return userVariable(box.directoryUser, 'timezone') ?? (box.param('timezone') || undefined)
}
