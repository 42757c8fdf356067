/** Who may only join a conference, and there is none. */
import { logger } from '../../base/log.ts'
import { answer } from '../../core/answer.ts'
import type { Channel } from '../../core/channel.ts'
import { addChannelHeaders } from '../../core/channel-event.ts'
import { play } from '../../core/play.ts'
import { isFalse } from '../../core/variables.ts'
import type { ConferenceData } from './data.ts'
import { readProfile } from './profile.ts'

const log = logger('applications/conference')

/** Says so, in an event and with the profile's sound, and hangs up. */
export async function refuseToBegin(
  channel: Channel,
  { name, profile }: ConferenceData,
  signal: AbortSignal,
): Promise<void> {
  log.notice(`there is no conference ${name} to join`, channel.uuid)
  channel.sw.events.announce(
    'CUSTOM',
    (event) => {
      addChannelHeaders(event, channel)
      event.add('Conference-Name', name)
      event.add('Conference-Profile-Name', profile)
      event.add('Action', 'rejected-join-only')
    },
    'conference::maintenance',
  )
  const sound = readProfile(channel.sw, profile, channel).sound('join-only-sound')
  if (sound) {
    await answer(channel)
    await play(channel, await channel.sw.expand(sound, channel), { signal })
  }
  if (!isFalse(channel.text('hangup_after_conference'))) channel.hangup('NORMAL_CLEARING')
}
