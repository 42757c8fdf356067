/** sleep: waits; digits that come meanwhile stay for later unless `sleep_eat_digits` is set. */

import { delay } from '../base/clock.ts'
import { attend } from '../core/attend.ts'
import type { Application } from '../core/interfaces.ts'
import { isTrue } from '../core/variables.ts'

export const sleep: Application = {
  name: 'sleep',
  syntax: '<pausemilliseconds>',
  about: 'Pause a channel',
  needs: 'nothing',
  async run(channel, data, { signal }) {
    const ms = Number.parseInt(data, 10)
    if (!(ms > 0)) return
    await attend(channel, delay(ms, signal), signal)
    if (isTrue(channel.variables.get('sleep_eat_digits'))) channel.digits.flush()
  },
}
