/** The owner in his mailbox: how many messages there are, hearing them, the menus. */
import { logger } from '../../base/log.ts'
import { executeApplication } from '../../core/execute.ts'
import { isFalse, isTrue } from '../../core/variables.ts'
import { announceCounts, announceMaintenance } from './events.ts'
import { hearMessage, type Visit } from './hear.ts'
import { type LoginRequest, logIn } from './login.ts'
import type { Mailbox } from './mailbox.ts'
import { actionOf, keyList, mainMenu } from './menus.ts'
import { runOptions } from './options.ts'
import { purgeDeleted } from './purge.ts'
import { askKey, isOver, say, sayUntilDigit, type Talk, waitingKey } from './talk.ts'

const log = logger('applications/voicemail')

export interface CheckRequest extends LoginRequest {
  /** Only this message is heard; empty: all. */
  readonly uuid: string
  /** Nothing but who he is: the call goes on elsewhere. */
  readonly isLoginOnly?: boolean
}

export async function checkMailbox(talk: Talk, request: CheckRequest): Promise<void> {
  const { channel } = talk
  const isLoginOnly = request.isLoginOnly === true || isTrue(channel.text('vm_auth_only'))
  await say(talk, 'hello')
  const box = await logIn(talk, request)
  if (typeof box === 'string') {
    if (box === 'refused') await say(talk, 'abort')
    await say(talk, 'goodbye')
    if (isLoginOnly) channel.hangup('USER_CHALLENGE')
    return
  }
  channel.variables.set('voicemail_current_user', box.user)
  if (isLoginOnly) {
    channel.variables.set('user_pin_authenticated', 'true')
    channel.variables.set('user_pin_authenticated_user', box.user)
    await executeApplication(channel, 'set_user', `${box.user}@${box.domain}`)
    return
  }
  const visit = new Stay(talk, box, request.uuid)
  try {
    await visit.run()
  } finally {
    channel.variables.set('voicemail_last_user', box.user)
    await visit.leave()
  }
  await say(talk, 'goodbye')
}

/** One stay in a mailbox. */
class Stay implements Visit {
  readonly talk: Talk
  readonly box: Mailbox
  /** The only message that is of interest; empty: all. */
  readonly only: string
  /** What was deleted, the last one at the end: it can be brought back until the visit is over. */
  readonly deleted: string[] = []
  #hasHeardNew = false

  constructor(talk: Talk, box: Mailbox, only: string) {
    this.talk = talk
    this.box = box
    this.only = only
  }

  async run(): Promise<void> {
    const { talk } = this
    const { values } = talk.profile
    let retries = values.number('max-retries')
    let key = await this.#summary()
    while (!isOver(talk)) {
      if (key === undefined) {
        if (retries-- <= 0) return
        const names = ['play-new-messages-key', 'play-saved-messages-key', 'config-menu-key']
        key = await askKey(talk, 'menu', keyList(values, ...names, 'terminator-key'))
      }
      const action = actionOf(mainMenu, key, values)
      key = undefined
      switch (action) {
        case 'new':
        case 'saved':
          retries = values.number('max-retries')
          await this.#hearAll(action)
          key = await this.#summary()
          break
        case 'options':
          retries = values.number('max-retries')
          await runOptions(talk, this.box)
          break
        case 'undelete':
          retries = values.number('max-retries')
          await this.#undelete()
          break
        case 'leave':
          return
        default:
      }
    }
  }

  /** Tells how many messages there are and, the first time, plays the new ones; a key that was pressed meanwhile. */
  async #summary(): Promise<string | undefined> {
    const { talk, box } = this
    const { channel, profile } = talk
    const plays = !isFalse(channel.text('vm_auto_play'))
    for (;;) {
      if (isOver(talk)) return undefined
      channel.variables.set('voicemail_current_folder', 'inbox')
      const { newMessages, savedMessages, newUrgent, savedUrgent } = profile.store.counts(box)
      announceMaintenance(
        profile.sw,
        'folder-summary',
        box,
        [
          ['VM-Folder', 'inbox'],
          ['VM-Total-New-Messages', String(newMessages)],
          ['VM-Total-Saved-Messages', String(savedMessages)],
          ['VM-Total-New-Urgent-Messages', String(newUrgent)],
          ['VM-Total-Saved-Urgent-Messages', String(savedUrgent)],
        ],
        channel,
      )
      const told: string[] = []
      if (newUrgent > 0) told.push(`${newUrgent}:urgent-new`)
      if (newMessages > newUrgent) told.push(`${newMessages}:new`)
      const playsNow = plays && !this.#hasHeardNew && newMessages > 0
      if (!playsNow && told.length === 0) told.push('0:new', `${savedMessages}:saved`)
      for (const count of told) {
        await sayUntilDigit(talk, 'message_count', count)
        const key = waitingKey(talk)
        if (key !== undefined) return key
      }
      if (!playsNow) return undefined
      await this.#hearAll('new')
    }
  }

  async #hearAll(which: 'new' | 'saved'): Promise<void> {
    const { talk, box } = this
    const { store, values } = talk.profile
    this.#hasHeardNew = true
    const newestFirst = values.boolean(`play-${which}-messages-lifo`)
    const messages = store.list(box, which, newestFirst)
    const chosen = this.only === '' ? messages : messages.filter(({ uuid }) => uuid === this.only)
    for (let at = 0; at < chosen.length && !isOver(talk); ) {
      // It may have been changed, or deleted, meanwhile.
      const message = store.get(chosen[at]?.uuid ?? '')
      if (!message) {
        at++
        continue
      }
      const number = messages.findIndex(({ uuid }) => uuid === message.uuid) + 1
      const move = await hearMessage(this, message, which, number)
      at = move === 'previous' ? Math.max(0, at - 1) : move === 'same' ? at : at + 1
    }
    store.markHeard(box, Math.trunc(Date.now() / 1000))
    announceCounts(talk.profile, box, 'PURGE')
  }

  /** Brings back what was deleted last in this call. */
  async #undelete(): Promise<void> {
    const { talk, box } = this
    for (let uuid = this.deleted.pop(); uuid !== undefined; uuid = this.deleted.pop()) {
      if (!talk.profile.store.undelete(uuid)) continue
      announceCounts(talk.profile, box, 'SAVE')
      return say(talk, 'ack', 'undeleted')
    }
    log.info(`${box.user}@${box.domain}: nothing was deleted in this call`, talk.channel.uuid)
  }

  /** Settles what was decided: also when the call just ended. */
  async leave(): Promise<void> {
    const { talk, box } = this
    talk.profile.store.markHeard(box, Math.trunc(Date.now() / 1000))
    await purgeDeleted(box)
  }
}
