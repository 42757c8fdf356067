/** WebSocket on a profile: where it listens (`ws-binding`, `wss-binding`), with which certificate, and the registrations that end with a connection. */
import { join } from 'node:path'
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { keptCertificate } from '../../net/certificate.ts'
import { TlsFiles } from '../../net/tls-files.ts'
import type { Flow } from '../../sip/flow.ts'
import type { ListenAddress } from '../../sip/transport.ts'
import type { Profile } from './profile.ts'

const log = logger('sofia/websocket')

/** Whether a protocol is a WebSocket, plain or secure. */
export function isWebSocket(protocol: Flow['protocol']): boolean {
  return protocol === 'ws' || protocol === 'wss'
}

/** The listeners that a profile's params ask for; what cannot be is told in the log and left out. */
export function webSocketListeners(profile: Profile): ListenAddress[] {
  const listeners: ListenAddress[] = []
  // A profile without an address does not start.
  if (profile.sipIp === '') return listeners
  for (const protocol of ['ws', 'wss'] as const) {
    const name = `${protocol}-binding`
    const text = profile.values.text(name)
    if (text === '') continue
    const place = placeOf(text, profile.sipIp)
    if (!place) {
      log.err(`profile ${profile.name}: ${name}="${text}" is neither :port nor address:port`)
      continue
    }
    try {
      const tls = protocol === 'wss' ? { tls: certificateOf(profile) } : {}
      listeners.push({ protocol, ...place, ...tls, isOptional: true })
    } catch (thrown) {
      log.err(`profile ${profile.name}: no ${name}: ${reasonOf(thrown)}`)
    }
  }
  return listeners
}

/** `:7443` is the profile's address. */
function placeOf(text: string, own: string): { address: string; port: number } | undefined {
  const [, host = '', digits] = /^\[?([^\]]*?)\]?:(\d{1,5})$/.exec(text.trim()) ?? []
  const port = Number(digits)
  if (digits === undefined || port > 65535) return undefined
  return { address: host === '' ? own : host, port }
}

/** `wss.pem`: certificate and key in one file, as FreeSWITCH has it. Where there is none a self-signed one is made. */
function certificateOf(profile: Profile): TlsFiles {
  const { sw, values, name, sipIp, externalSipIp } = profile
  const folder = values.text('tls-cert-dir') || sw.globals.get('certs_dir')
  const file = join(folder || join(sw.options.dataDir, 'certs'), 'wss.pem')
  const names = ['localhost', '127.0.0.1', '::1', sipIp, externalSipIp, sw.globals.get('domain')]
  keptCertificate(file, {
    commonName: sw.globals.get('domain') ?? name,
    names: [...new Set(names.filter((one) => one !== undefined && one !== ''))] as string[],
    // Browsers take no longer ones.
    days: 397,
  })
  const files = new TlsFiles({ certificate: file, key: file })
  files.read()
  return files
}

/** A browser is reached over its connection only: with it its registrations end. */
export function forgetWithFlow(profile: Profile, flow: Flow): void {
  if (!isWebSocket(flow.protocol)) return
  const gone = profile.registrations.flush(
    ({ protocol, networkIp, networkPort }) =>
      protocol === flow.protocol &&
      networkPort === flow.remotePort &&
      networkIp === flow.remoteAddress,
    'unregistered',
  )
  for (const { user, domain } of gone)
    log.info(`${user}@${domain}: its WebSocket is closed, and its registration with it`)
}
