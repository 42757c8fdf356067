/** Finds the call of a channel or of a dialog. */
import type { Channel } from '../../core/channel.ts'
import type { DialogOwner } from '../../sip/dialog.ts'
import type { Call } from './call.ts'

const byChannel = new WeakMap<Channel, Call>()
const owners = new WeakMap<DialogOwner, Call>()

export function noteCall(call: Call): void {
  byChannel.set(call.channel, call)
  owners.set(call, call)
}

export function callOf(channel: Channel): Call | undefined {
  return byChannel.get(channel)
}

export function callOfOwner(owner: DialogOwner | undefined): Call | undefined {
  return owner && owners.get(owner)
}
