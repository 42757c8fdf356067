/** Digits between bridged legs: they pass by themselves unless a leg filters them or has a key that ends the bridge. */
import type { Channel } from '../channel.ts'
import { isTrue } from '../variables.ts'

/** Watches both legs until disposed. `a` is the one that goes on with its actions when a `bridge_terminate_key` is pressed. */
export function watchBridgeDigits(a: Channel, b: Channel): Disposable {
  const handles = [watchLeg(a, b, a), watchLeg(b, a, a)]
  return {
    [Symbol.dispose]: () => {
      for (const handle of handles) handle?.[Symbol.dispose]()
      // What was meant for the other party is no application's.
      a.digits.flush()
      b.digits.flush()
    },
  }
}

function watchLeg(leg: Channel, other: Channel, a: Channel): Disposable | undefined {
  const key = leg.variables.get('bridge_terminate_key')
  const filters = isTrue(leg.variables.get('bridge_filter_dtmf'))
  // Digits that nobody took before are not the other party's.
  leg.digits.flush()
  if (!key && !filters) return undefined
  leg.media?.passDtmf(false)
  const handle = leg.signals.on('digit', (digit) => {
    leg.digits.flush()
    if (key?.includes(digit.digit)) a.moveTo('execute')
    else if (!filters) other.driver.sendDtmf(digit.digit, digit.duration / 8)
  })
  return {
    [Symbol.dispose]: () => {
      handle[Symbol.dispose]()
      leg.media?.passDtmf(true)
    },
  }
}
