/** Mails on their way: kept in the profile's database until a server has taken them, tried again where none does. */
import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { Switch } from '../../core/switch.ts'
import { countersOf } from './counters.ts'
import { filesIn, removeFile } from './files.ts'
import { type MailOutcome, sendMail } from './mail-send.ts'
import { ownFolder } from './mailbox.ts'
import type { Mail, MailOutbox } from './outbox.ts'
import type { VoicemailProfile } from './profile.ts'

const log = logger('applications/voicemail')

const tables = `CREATE TABLE IF NOT EXISTS voicemail_mails (id VARCHAR(255) PRIMARY KEY, created_ms INTEGER, next_ms INTEGER,
  tries INTEGER, attachment VARCHAR(255), content TEXT)`

/** ms until the next try, by how many there were. */
const pauses = [10_000, 30_000, 120_000, 300_000, 900_000, 1_800_000]
const usualHours = 24
/** Mails that are sent at the same time. */
const mostAtOnce = 2
/** ms that the end of the server waits for mails that are being sent. */
const patienceMs = 3000

/** What becomes of the message of a mail that is given up. */
export type Restore = (profile: VoicemailProfile, mail: Mail) => Promise<void>

interface Row {
  readonly id: string
  readonly created: number
  readonly tries: number
  readonly content: string
}

export class MailQueue implements MailOutbox {
  /** Whose mails; set before anything is asked of it. */
  profile!: VoicemailProfile
  readonly #store: VoicemailProfile['store']
  readonly #restore: Restore
  readonly #sending = new Map<string, Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(store: VoicemailProfile['store'], restore: Restore) {
    this.#store = store
    this.#restore = restore
    store.database.execute(tables)
  }

  get #sw(): Switch {
    return this.profile.sw
  }

  /** Sends what an earlier process left; files that no mail has any more go. */
  async start(): Promise<void> {
    const folder = ownFolder(this.profile, 'mail')
    const sql = `SELECT attachment FROM voicemail_mails`
    const wanted = new Set(
      this.#store.database.all<{ attachment: string }>(sql).map(({ attachment }) => attachment),
    )
    for (const name of (await filesIn(folder)) ?? []) {
      const path = join(folder, name)
      if (!wanted.has(path)) await removeFile(path)
    }
    this.wake()
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  /** Stops, and waits a little for those that are being sent. */
  async finish(): Promise<void> {
    this.stop()
    const limit = new Promise((resolve) => setTimeout(resolve, patienceMs).unref())
    await Promise.race([Promise.allSettled(this.#sending.values()), limit])
  }

  add(mail: Mail): void {
    const now = Date.now()
    this.#store.database.run(
      `INSERT INTO voicemail_mails (id, created_ms, next_ms, tries, attachment, content) VALUES (?, ?, ?, 0, ?, ?)`,
      mail.id,
      now,
      now,
      mail.attachment,
      JSON.stringify(mail),
    )
  }

  /** Sends what is due. */
  wake(): void {
    if (this.#isStopped) return
    clearTimeout(this.#timer)
    const room = mostAtOnce - this.#sending.size
    if (room <= 0) return
    const due = this.#store.database
      .all<Row>(
        `SELECT id, created_ms AS created, tries, content FROM voicemail_mails WHERE next_ms <= ? ORDER BY next_ms LIMIT ?`,
        Date.now(),
        mostAtOnce * 2,
      )
      .filter(({ id }) => !this.#sending.has(id))
      .slice(0, room)
    for (const row of due) {
      const work = this.#try(row)
        .catch((thrown) => log.err(`mail ${row.id}: ${reasonOf(thrown)}`))
        .finally(() => {
          this.#sending.delete(row.id)
          this.wake()
        })
      this.#sending.set(row.id, work)
    }
    if (this.#sending.size === 0) this.#sleep()
  }

  /** Until the next one is due. */
  #sleep(): void {
    const sql = `SELECT min(next_ms) AS next FROM voicemail_mails`
    const next = this.#store.database.get<{ next: number | null }>(sql)?.next
    if (next === undefined || next === null) return
    const wait = Math.max(100, next - Date.now())
    this.#timer = setTimeout(() => this.wake(), wait)
    this.#timer.unref()
  }

  async #try(row: Row): Promise<void> {
    const mail = JSON.parse(row.content) as Mail
    const outcome: MailOutcome = await sendMail(this.profile, await withoutLost(mail))
    if (this.#isStopped && outcome.result !== 'sent') return
    const counters = countersOf(this.#sw)
    const whose = `${mail.user}@${mail.domain} to ${mail.recipient}`
    if (outcome.result === 'sent') {
      counters.mailed++
      log.info(`mail of ${whose} was taken by ${outcome.by}`)
      await this.#forget(mail)
      return
    }
    const hours = Number(this.profile.email('retry-hours') || usualHours)
    const isLate = Date.now() - row.created > hours * 3_600_000
    if (outcome.result === 'refused' || isLate) {
      counters.mailFailed++
      log.err(`mail of ${whose} is given up: ${outcome.reason}`)
      if (mail.restores && mail.attachment !== '') await this.#restore(this.profile, mail)
      await this.#forget(mail)
      return
    }
    counters.mailRetried++
    const pause = pauses[Math.min(row.tries, pauses.length - 1)] ?? 0
    log.warning(`mail of ${whose}: ${outcome.reason}; again in ${pause / 1000} s`)
    this.#store.database.run(
      `UPDATE voicemail_mails SET tries = tries + 1, next_ms = ? WHERE id = ?`,
      Date.now() + pause,
      mail.id,
    )
  }

  async #forget(mail: Mail): Promise<void> {
    // First the row: a file too many does no harm, a mail sent twice does.
    this.#store.database.run(`DELETE FROM voicemail_mails WHERE id = ?`, mail.id)
    if (mail.attachment !== '') await removeFile(mail.attachment)
  }
}

/** A mail whose file somebody removed goes without it. */
async function withoutLost(mail: Mail): Promise<Mail> {
  if (mail.attachment === '') return mail
  const isThere = await access(mail.attachment, constants.R_OK).then(
    () => true,
    () => false,
  )
  if (isThere) return mail
  log.err(`${mail.attachment} is gone: the mail to ${mail.recipient} goes without it`)
  return { ...mail, attachment: '', attachmentName: '' }
}
