/**
 * The messages and preferences of a profile's mailboxes, in FreeSWITCH's own tables (`voicemail_msgs`, `voicemail_prefs`). A message
 * goes through three folders: `recording` while its caller speaks, `pending` from when its file is whole until he has said what
 * becomes of it, `inbox`. Only the last is seen from outside; what a crash leaves in the others is settled at the next start.
 */
import type { Database } from '../../core/interfaces.ts'
import type { MailboxCounts } from '../../core/message-waiting.ts'

export const urgentFlag = 'A_URGENT'
export const normalFlag = 'B_NORMAL'

export type Folder = 'recording' | 'pending' | 'inbox'

export interface Message {
  /** Seconds since the epoch; `readEpoch` 0: new. */
  readonly createdEpoch: number
  readonly readEpoch: number
  readonly user: string
  readonly domain: string
  readonly uuid: string
  readonly callerName: string
  readonly callerNumber: string
  readonly folder: Folder
  readonly path: string
  /** Seconds. */
  readonly length: number
  readonly flags: '' | 'save' | 'delete'
  readonly readFlags: string
  readonly forwardedBy: string
}

export interface Preferences {
  readonly namePath: string
  readonly greetingPath: string
  readonly password: string
}

/** Whose messages. */
export interface BoxName {
  readonly user: string
  readonly domain: string
}

const tables = `
CREATE TABLE IF NOT EXISTS voicemail_msgs (created_epoch INTEGER, read_epoch INTEGER, username VARCHAR(255), domain VARCHAR(255),
  uuid VARCHAR(255), cid_name VARCHAR(255), cid_number VARCHAR(255), in_folder VARCHAR(255), file_path VARCHAR(255),
  message_len INTEGER, flags VARCHAR(255), read_flags VARCHAR(255), forwarded_by VARCHAR(255));
CREATE TABLE IF NOT EXISTS voicemail_prefs (username VARCHAR(255), domain VARCHAR(255), name_path VARCHAR(255),
  greeting_path VARCHAR(255), password VARCHAR(255));
CREATE INDEX IF NOT EXISTS voicemail_msgs_box ON voicemail_msgs (username, domain);
CREATE INDEX IF NOT EXISTS voicemail_msgs_uuid ON voicemail_msgs (uuid);
CREATE INDEX IF NOT EXISTS voicemail_msgs_folder ON voicemail_msgs (in_folder);
CREATE INDEX IF NOT EXISTS voicemail_prefs_box ON voicemail_prefs (username, domain);
`

const columns = `created_epoch AS createdEpoch, read_epoch AS readEpoch, username AS user, domain, uuid, cid_name AS callerName,
cid_number AS callerNumber, in_folder AS folder, file_path AS path, message_len AS length, coalesce(flags, '') AS flags,
coalesce(read_flags, '') AS readFlags, coalesce(forwarded_by, '') AS forwardedBy`

const ofBox = `FROM voicemail_msgs WHERE username = ? AND domain = ? AND in_folder = 'inbox'`

export type Selection = 'new' | 'saved' | 'deleted' | 'all'

const selections: Readonly<Record<Selection, string>> = {
  new: `AND read_epoch = 0 AND coalesce(flags, '') <> 'delete'`,
  saved: `AND read_epoch <> 0 AND coalesce(flags, '') <> 'delete'`,
  deleted: `AND flags = 'delete'`,
  all: '',
}

export class MessageStore {
  readonly database: Database

  constructor(database: Database) {
    this.database = database
    database.execute(tables)
  }

  counts({ user, domain }: BoxName): MailboxCounts {
    const sql = `SELECT read_epoch = 0 AS isNew, read_flags = '${urgentFlag}' AS isUrgent, count(*) AS count ${ofBox}
      AND coalesce(flags, '') <> 'delete' GROUP BY 1, 2`
    const rows = this.database.all<{ isNew: number; isUrgent: number; count: number }>(
      sql,
      user,
      domain,
    )
    const sum = (isNew: number, urgentOnly: boolean) =>
      rows.reduce(
        (total, row) =>
          row.isNew === isNew && (!urgentOnly || row.isUrgent === 1) ? total + row.count : total,
        0,
      )
    return {
      newMessages: sum(1, false),
      savedMessages: sum(0, false),
      newUrgent: sum(1, true),
      savedUrgent: sum(0, true),
    }
  }

  /** In the order in which they are heard: urgent ones first, then by age. */
  list({ user, domain }: BoxName, which: Selection, newestFirst = false): Message[] {
    const order = newestFirst ? 'DESC' : 'ASC'
    return this.database.all<Message>(
      `SELECT ${columns} ${ofBox} ${selections[which]} ORDER BY read_flags, created_epoch ${order}, rowid ${order}`,
      user,
      domain,
    )
  }

  get(uuid: string): Message | undefined {
    return this.database.get<Message>(`SELECT ${columns} FROM voicemail_msgs WHERE uuid = ?`, uuid)
  }

  /** Those that no caller has finished, and those that somebody deleted: for the start. */
  unsettled(): Message[] {
    return this.database.all<Message>(
      `SELECT ${columns} FROM voicemail_msgs WHERE in_folder IN ('recording', 'pending') OR flags = 'delete'`,
    )
  }

  /** Every path with its message's uuid. */
  paths(): { readonly uuid: string; readonly path: string }[] {
    return this.database.all(`SELECT uuid, file_path AS path FROM voicemail_msgs`)
  }

  insert(message: Message): void {
    this.database.run(
      `INSERT INTO voicemail_msgs (created_epoch, read_epoch, username, domain, uuid, cid_name, cid_number, in_folder, file_path,
        message_len, flags, read_flags, forwarded_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      message.createdEpoch,
      message.readEpoch,
      message.user,
      message.domain,
      message.uuid,
      message.callerName,
      message.callerNumber,
      message.folder,
      message.path,
      message.length,
      message.flags,
      message.readFlags,
      message.forwardedBy,
    )
  }

  /** Its file is whole, or it is recorded anew. */
  setRecorded(uuid: string, folder: 'recording' | 'pending', length: number): void {
    this.database.run(
      `UPDATE voicemail_msgs SET in_folder = ?, message_len = ? WHERE uuid = ?`,
      folder,
      length,
      uuid,
    )
  }

  /** It is a message now. */
  setDelivered(uuid: string, readFlags: string, length: number): void {
    this.database.run(
      `UPDATE voicemail_msgs SET in_folder = 'inbox', read_flags = ?, message_len = ? WHERE uuid = ?`,
      readFlags,
      length,
      uuid,
    )
  }

  /** False when there is no such message any more. */
  setFlags(uuid: string, flags: Message['flags']): boolean {
    return this.database.run(`UPDATE voicemail_msgs SET flags = ? WHERE uuid = ?`, flags, uuid) > 0
  }

  /** One that was deleted is what it was before: new, or saved. */
  undelete(uuid: string): boolean {
    const sql = `UPDATE voicemail_msgs SET flags = CASE WHEN read_epoch = 0 THEN '' ELSE 'save' END WHERE uuid = ? AND flags = 'delete'`
    return this.database.run(sql, uuid) > 0
  }

  /** Those that were saved while new have been heard now. */
  markHeard({ user, domain }: BoxName, now: number): void {
    this.database.run(
      `UPDATE voicemail_msgs SET read_epoch = ? WHERE read_epoch = 0 AND username = ? AND domain = ? AND flags = 'save'`,
      now,
      user,
      domain,
    )
  }

  /** All that a crash kept from being marked so. */
  markAllHeard(now: number): void {
    this.database.run(
      `UPDATE voicemail_msgs SET read_epoch = ? WHERE read_epoch = 0 AND flags = 'save'`,
      now,
    )
  }

  /** `epoch` 0: new again. */
  setRead(uuid: string, epoch: number): void {
    this.database.run(
      `UPDATE voicemail_msgs SET read_epoch = ?, flags = CASE WHEN ? = 0 THEN '' ELSE flags END WHERE uuid = ?`,
      epoch,
      epoch,
      uuid,
    )
  }

  setReadOfBox({ user, domain }: BoxName, epoch: number): void {
    this.database.run(
      `UPDATE voicemail_msgs SET read_epoch = ?, flags = CASE WHEN ? = 0 THEN '' ELSE flags END
        WHERE username = ? AND domain = ? AND in_folder = 'inbox'`,
      epoch,
      epoch,
      user,
      domain,
    )
  }

  remove(uuid: string): void {
    this.database.run(`DELETE FROM voicemail_msgs WHERE uuid = ?`, uuid)
  }

  /** Seconds of sound in a mailbox. */
  secondsUsed({ user, domain }: BoxName): number {
    const sql = `SELECT coalesce(sum(message_len), 0) AS seconds FROM voicemail_msgs WHERE username = ? AND domain = ?`
    return this.database.get<{ seconds: number }>(sql, user, domain)?.seconds ?? 0
  }

  preferences({ user, domain }: BoxName): Preferences {
    const sql = `SELECT coalesce(name_path, '') AS namePath, coalesce(greeting_path, '') AS greetingPath,
      coalesce(password, '') AS password FROM voicemail_prefs WHERE username = ? AND domain = ?`
    const none = { namePath: '', greetingPath: '', password: '' }
    return this.database.get<Preferences>(sql, user, domain) ?? none
  }

  setPreference(
    { user, domain }: BoxName,
    column: 'name_path' | 'greeting_path' | 'password',
    value: string,
  ): void {
    this.database.transaction(() => {
      const sql = `UPDATE voicemail_prefs SET ${column} = ? WHERE username = ? AND domain = ?`
      if (this.database.run(sql, value, user, domain) > 0) return
      this.database.run(
        `INSERT INTO voicemail_prefs (username, domain, ${column}) VALUES (?, ?, ?)`,
        user,
        domain,
        value,
      )
    })
  }
}
