/** What `sofia status gateway` tells of a gateway, in order, under the names of its two forms. */
import type { Gateway } from './gateway.ts'

export interface GatewayRow {
  readonly label: string
  readonly tag: string
  readonly text: string
  /** Where the XML form shows something else. */
  readonly xml?: string
}

/** Whole seconds since the epoch. */
const seconds = (ms: number) => String(Math.trunc(ms / 1000))

export function gatewayRows(gateway: Gateway): readonly GatewayRow[] {
  const { account, ping, host } = gateway
  const up = gateway.upSince === 0 ? 0 : host.clock.now() - gateway.upSince
  const status = gateway.isUp ? 'UP' : 'DOWN'
  const row = (label: string, tag: string, text: string | number, xml?: string): GatewayRow => ({
    label,
    tag,
    text: String(text),
    ...(xml === undefined ? {} : { xml }),
  })
  return [
    row('Name    ', 'name', gateway.name),
    row('Profile ', 'profile', host.name),
    row('Scheme  ', 'scheme', account.values.text('scheme')),
    row('Realm   ', 'realm', account.realm),
    row('Username', 'username', account.username),
    row('Password', 'password', account.password === '' ? 'no' : 'yes'),
    row('From    ', 'from', account.from),
    row('Contact ', 'contact', gateway.contact),
    row('Exten   ', 'exten', account.extension),
    row('To      ', 'to', account.to),
    row('Proxy   ', 'proxy', account.proxy),
    row('Context ', 'context', account.context),
    row('Expires ', 'expires', account.values.text('expire-seconds')),
    row('Freq    ', 'freq', account.expireSeconds),
    row('Ping    ', 'ping', seconds(ping.next)),
    row('PingFreq', 'pingfreq', ping.seconds),
    row('', 'pingmin', ping.min),
    row('', 'pingcount', ping.count),
    row('', 'pingmax', ping.max),
    row('PingTime', 'pingtime', ping.milliseconds.toFixed(2)),
    row('PingState', '', `${ping.min}/${ping.count}/${ping.max}`),
    row('', 'pinging', ping.isWaiting ? 1 : 0),
    row('State   ', 'state', gateway.state),
    row('Status  ', 'status', `${status}${ping.isWaiting ? ' (ping)' : ''}`, status),
    row('Uptime  ', 'uptime-usec', `${seconds(up)}s`, String(up * 1000)),
    row('CallsIN ', 'calls-in', gateway.callsIn),
    row('CallsOUT', 'calls-out', gateway.callsOut),
    row('FailedCallsIN', 'failed-calls-in', gateway.failedCallsIn),
    row('FailedCallsOUT', 'failed-calls-out', gateway.failedCallsOut),
  ]
}

/** `12s` or `NEVER` while a gateway is not registered and should be; undefined in other states. */
export function retryText(gateway: Gateway): string | undefined {
  const isWaiting = ['FAILED', 'FAIL_WAIT', 'TRYING'].includes(gateway.state)
  if (!isWaiting) return undefined
  return gateway.retrySeconds === undefined ? 'NEVER' : `${gateway.retrySeconds}s`
}
