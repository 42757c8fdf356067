/** Text messages to a conference: `conf`. It answers with its members, or hands the message on to all of them. */
import { ownMessage, sendChat } from '../../core/chat.ts'
import type { ChatMessage } from '../../core/chat-message.ts'
import type { ChatProtocol } from '../../core/interfaces.ts'
import type { Switch } from '../../core/switch.ts'
import { listOne } from './command-list.ts'
import type { Conference } from './conference.ts'
import { conferencesOf } from './conferences.ts'

const name = 'conf'

export const conferenceChat: ChatProtocol = {
  name,
  reaches: (to, sw) => conferenceOf(sw, to) !== undefined,
  async send(message, sw) {
    const conference = conferenceOf(sw, message.to)
    if (!conference) {
      await reply(sw, message, 'Conference not active.')
      return false
    }
    if (conference.profile.broadcastsChat) await broadcast(sw, conference, message)
    else if (/list/i.test(message.body))
      await reply(sw, message, listOne(conference, { form: 'pretty', delimiter: ';' }))
    return true
  },
}

/** `conf+3000@example.com`, `3000@example.com`, `3000`. */
function conferenceOf(sw: Switch, to: string): Conference | undefined {
  const [, bare = ''] = /^(?:[^+]*\+)?([^@]*)/.exec(to) ?? []
  return conferencesOf(sw).get(bare) ?? conferencesOf(sw).get(to)
}

async function reply(sw: Switch, message: ChatMessage, body: string): Promise<void> {
  if (!sw.chats.get(message.protocol)) return
  const profile = message.get('sip_profile')
  const parts = { proto: name, from: message.to, to: message.from, type: 'text/plain' }
  await sendChat(sw, message.protocol, ownMessage({ ...parts, sip_profile: profile }, body))
}

/** To everybody once, by the variables `presence_id` and `chat_proto` of the members' channels. */
async function broadcast(sw: Switch, conference: Conference, message: ChatMessage): Promise<void> {
  const done = new Set<string>()
  const more = {
    conference_name: conference.name,
    conference_domain: conference.domain,
    // The plan has seen it on its way here.
    skip_global_process: 'true',
  }
  for (const { channel } of [...conference.members]) {
    const to = channel.variables.get('presence_id')
    // A phone reads messages by SIP, whether or not its dialplan says so.
    const protocol =
      channel.variables.get('chat_proto') ?? (channel.source === 'mod_sofia' ? 'sip' : undefined)
    if (!to || !protocol || done.has(to)) continue
    done.add(to)
    await sendChat(sw, protocol, message.with({ ...more, to }))
  }
}
