/** PRESENCE_IN of something that is no user: a queue, a parking lot. Lamps and programs learn from it whether anybody is there. */
import type { Switch } from './switch.ts'

export interface LinePresence {
  /** `queue`, `park`, `callcenter`: what stands before the `+` of a subscription. */
  readonly protocol: string
  readonly login: string
  /** `name@domain` */
  readonly from: string
  /** Somebody is there. */
  readonly isActive: boolean
  /** Only one so far: lamps blink. Default: no. */
  readonly isEarly?: boolean
  /** `Active (2 waiting)` */
  readonly status: string
  readonly rpid?: 'active' | 'unknown'
  readonly direction?: 'inbound' | 'outbound'
  readonly id?: string
}

let count = 0

export function announceLinePresence(sw: Switch, presence: LinePresence): void {
  const { isActive } = presence
  sw.events.announce('PRESENCE_IN', (event) => {
    event.add('proto', presence.protocol)
    event.add('login', presence.login)
    event.add('from', presence.from)
    event.add('force-status', presence.status)
    event.add('rpid', presence.rpid ?? 'unknown')
    event.add('event_type', 'presence')
    event.add('alt_event_type', 'dialog')
    event.add('event_count', String(count++))
    event.add('unique-id', presence.id ?? presence.login)
    event.add('channel-state', isActive ? 'CS_ROUTING' : 'CS_HANGUP')
    const active = presence.isEarly ? 'early' : 'confirmed'
    event.add('answer-state', isActive ? active : 'terminated')
    event.add('presence-call-direction', presence.direction ?? 'inbound')
  })
}
