/** The variable `sound_prefix` while words of a language are played. */
import type { Channel } from '../channel.ts'
import { isTrue } from '../variables.ts'

/**
 * Runs `work` with sounds looked for below `prefix`, and puts back what was there. `sound_prefix_enforced` keeps what the channel
 * has; `enforces` sets it meanwhile, so that macros called from this one look there too.
 */
export async function withSoundPrefix<T>(
  channel: Channel,
  prefix: string | undefined,
  enforces: boolean,
  work: () => Promise<T>,
): Promise<T> {
  const { variables } = channel
  if (isTrue(channel.text('sound_prefix_enforced'))) return work()
  const before = variables.value('sound_prefix')
  if (prefix !== undefined) variables.set('sound_prefix', prefix)
  if (enforces) variables.set('sound_prefix_enforced', 'true')
  try {
    return await work()
  } finally {
    if (prefix !== undefined) variables.set('sound_prefix', before)
    if (enforces) variables.unset('sound_prefix_enforced')
  }
}
