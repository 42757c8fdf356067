/** `vm::maintenance`: what happens in mailboxes, for the world outside. */
import type { Channel } from '../../core/channel.ts'
import { addChannelHeaders, addChannelVariables } from '../../core/channel-event.ts'
import type { MailboxChange } from '../../core/message-waiting.ts'
import type { Switch } from '../../core/switch.ts'
import type { VoicemailProfile } from './profile.ts'
import type { BoxName } from './store.ts'

export type MaintenanceAction =
  | 'leave-message'
  | 'folder-summary'
  | 'authentication'
  | 'change-password'
  | 'record-greeting'
  | 'change-greeting'
  | 'remove-greeting'
  | 'record-name'
  | 'mwi-update'

/** Fires one event; headers after the box in their order, then the channel's where there is one. */
export function announceMaintenance(
  sw: Switch,
  action: MaintenanceAction,
  box: BoxName,
  headers: readonly (readonly [name: string, value: string])[],
  channel?: Channel,
  /** Those that stand before the box. */
  first: readonly (readonly [name: string, value: string])[] = [],
): void {
  sw.events.announce(
    'CUSTOM',
    (event) => {
      event.add('VM-Action', action)
      for (const [name, value] of first) event.add(name, value)
      event.add('VM-User', box.user)
      event.add('VM-Domain', box.domain)
      for (const [name, value] of headers) event.add(name, value)
      if (!channel) return
      addChannelHeaders(event, channel)
      addChannelVariables(event, channel)
    },
    'vm::maintenance',
  )
}

/** The messages of a mailbox are others now: its lamps, and who listens. */
export function announceCounts(
  profile: VoicemailProfile,
  box: BoxName,
  reason: MailboxChange,
): void {
  const { sw, store, values } = profile
  const counts = store.counts(box)
  const isFull = values.boolean('send-full-vm-header')
  sw.messageWaiting.changed(box.user, box.domain, counts, reason, isFull)
  announceMaintenance(sw, 'mwi-update', box, [
    ['VM-Total-New', String(counts.newMessages)],
    ['VM-Total-Saved', String(counts.savedMessages)],
    ['VM-Total-New-Urgent', String(counts.newUrgent)],
    ['VM-Total-Saved-Urgent', String(counts.savedUrgent)],
  ])
}
