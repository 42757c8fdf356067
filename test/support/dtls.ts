/** Two ends of DTLS with a line between them that a test can look at and spoil. */
import { makeCertificate } from '../../src/net/certificate.ts'
import { DtlsClient } from '../../src/webrtc/dtls-client.ts'
import { type DtlsIdentity, dtlsIdentity } from '../../src/webrtc/dtls-identity.ts'
import type { Fingerprint } from '../../src/webrtc/dtls-messages.ts'
import { DtlsServer } from '../../src/webrtc/dtls-server.ts'
import type { DtlsOptions, DtlsSession } from '../../src/webrtc/dtls-session.ts'
import type { DtlsSrtpKeys } from '../../src/webrtc/dtls-srtp.ts'

export function newIdentity(): DtlsIdentity {
  return dtlsIdentity(makeCertificate({ commonName: 'test' }))
}

export function fingerprintsOf(identity: DtlsIdentity): Fingerprint[] {
  const [algorithm = '', value = ''] = identity.fingerprint.split(' ')
  return [{ algorithm, value }]
}

/** What became of one end. */
export interface End<S extends DtlsSession> {
  readonly session: S
  /** What it sent and nobody has taken yet. */
  readonly sent: Buffer[]
  readonly drops: Record<string, number>
  keys: DtlsSrtpKeys | undefined
  failure: string
  isClosed: boolean
}

function end<S extends DtlsSession>(
  make: (options: DtlsOptions, events: ConstructorParameters<typeof DtlsClient>[1]) => S,
  options: DtlsOptions,
): End<S> {
  const sent: Buffer[] = []
  const drops: Record<string, number> = {}
  const one: { -readonly [K in keyof End<S>]: End<S>[K] } = {
    sent,
    drops,
    keys: undefined,
    failure: '',
    isClosed: false,
    session: make(options, {
      send: (packet) => void sent.push(Buffer.from(packet)),
      connected: (keys) => {
        one.keys = keys
      },
      failed: (reason) => {
        one.failure = reason
      },
      closed: () => {
        one.isClosed = true
      },
      drop: (reason) => {
        drops[reason] = (drops[reason] ?? 0) + 1
      },
    }),
  }
  return one
}

export interface DtlsPair {
  readonly client: End<DtlsClient>
  readonly server: End<DtlsServer>
}

/** `client` and `server` are their identities; each expects the other's unless `announced` says otherwise. */
export function dtlsPair(
  client: DtlsIdentity,
  server: DtlsIdentity,
  more: { readonly isSourceProven?: boolean; readonly announced?: readonly Fingerprint[] } = {},
): DtlsPair {
  const { isSourceProven = true, announced } = more
  return {
    client: end((options, events) => new DtlsClient(options, events), {
      identity: client,
      fingerprints: announced ?? fingerprintsOf(server),
      isSourceProven,
    }),
    server: end((options, events) => new DtlsServer(options, events), {
      identity: server,
      fingerprints: announced ?? fingerprintsOf(client),
      isSourceProven,
    }),
  }
}

/**
 * Carries packets both ways until nobody has anything to say, for so many ticks of 100 ms. `spoil` says what becomes of each
 * packet: itself, others, or nothing.
 */
export function carry(
  { client, server }: DtlsPair,
  ticks = 1,
  spoil: (packet: Buffer, from: 'client' | 'server') => readonly Buffer[] = (packet) => [packet],
): void {
  for (let tick = 0; tick < ticks; tick++) {
    const now = tick * 100
    client.session.tick(now)
    server.session.tick(now)
    while (client.sent.length > 0 || server.sent.length > 0) {
      for (const packet of client.sent.splice(0))
        for (const one of spoil(packet, 'client')) server.session.receive(one, now)
      for (const packet of server.sent.splice(0))
        for (const one of spoil(packet, 'server')) client.session.receive(one, now)
    }
  }
}
