/**
 * The lamp of a mailbox in browsers: whoever subscribes to the event channel `mailbox` is told how his own is, and again whenever
 * messages come or go. FreeSWITCH's clients do not ask for it and hear nothing.
 */
import type { SwitchEvent } from '../../core/events.ts'
import type { Connection } from './connection.ts'
import { mailboxChannel, writeEvent } from './event-channels.ts'
import type { Verto } from './verto.ts'

/** What marks our own questions among the answers. */
const prefix = 'verto:'

/** Asks whoever keeps mailboxes (MESSAGE_QUERY); the answer comes as an event. */
export function askMessageWaiting({ verto, user, sessid }: Connection): void {
  if (!user) return
  verto.sw.messageWaiting.query(`sip:${user.uid}`, [['VM-Call-ID', prefix + sessid]])
}

/** MESSAGE_WAITING: news for every browser of the user that listens, or the answer to one that asked. */
export function tellMessageWaiting(verto: Verto, event: SwitchEvent): void {
  const asker = event.get('Call-ID') ?? event.get('Sub-Call-ID')
  if (asker !== undefined && !asker.startsWith(prefix)) return
  const account = (event.get('MWI-Message-Account') ?? '').replace(/^sips?:/i, '')
  const isWaiting = event.get('MWI-Messages-Waiting')?.toLowerCase() === 'yes'
  // `2/8 (0/2)`: new and saved, and the urgent ones among them.
  const [, fresh = '0', saved = '0'] =
    /^\s*(\d+)\/(\d+)/.exec(event.get('MWI-Voice-Message') ?? '') ?? []
  const data = {
    account,
    isWaiting,
    newMessages: Number(fresh),
    savedMessages: Number(saved),
  }
  for (const connection of verto.connectionsOf(account)) {
    if (asker !== undefined && asker !== prefix + connection.sessid) continue
    writeEvent(verto, mailboxChannel, { eventChannel: mailboxChannel, data }, connection)
  }
}
