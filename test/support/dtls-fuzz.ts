/** Nonsense for DTLS in both parts and at every step of a handshake: nothing may throw, and nothing may grow. */
import assert from 'node:assert/strict'
import type { DtlsIdentity } from '../../src/webrtc/dtls-identity.ts'
import { type DtlsPair, dtlsPair, type End } from './dtls.ts'
import { mutated, type Random } from './mutate.ts'
import { handshakeOf, recordOf, recordsOf } from './records.ts'

/** Steps of a handshake: each takes the packets that one side has sent to the other. */
const steps = ['client', 'server', 'client', 'server'] as const

export interface FuzzResult {
  readonly handshakes: number
  readonly packets: number
  /** How often a handshake came to its end in spite of it. */
  readonly connected: number
}

/** A record that is wrong within, its lengths being right: what gets past the first look. */
function wrongWithin(record: Buffer, random: Random): Buffer {
  const type = record[0] ?? 0
  const epoch = record.readUInt16BE(3)
  const sequence = record.readUIntBE(5, 6) + random(3)
  const content = record.subarray(13)
  if (type !== 22 || epoch !== 0 || content.length < 12)
    return recordOf(
      random(8) === 0 ? 20 + random(5) : type,
      mutated(content, random),
      epoch,
      sequence,
    )
  const body = mutated(content.subarray(12), random)
  const kind = random(6) === 0 ? random(25) : (content[0] ?? 0)
  const number = content.readUInt16BE(4) + (random(6) === 0 ? random(4) - 1 : 0)
  const length = random(8) === 0 ? body.length + random(2000) : body.length
  const offset = length > body.length ? random(length - body.length + 1) : 0
  return recordOf(22, handshakeOf(kind, Math.max(0, number), body, length, offset), 0, sequence)
}

function wrong(packet: Buffer, random: Random): Buffer {
  if (random(3) === 0) return mutated(packet, random)
  const records = recordsOf(packet)
  const at = random(records.length)
  return Buffer.concat(records.map((one, index) => (index === at ? wrongWithin(one, random) : one)))
}

function check(end: End<DtlsPair['client' | 'server']['session']>, packet: Buffer): void {
  const about = `${end.session.role} ${packet.toString('hex')}`
  assert.equal(end.drops['DTLS error'], undefined, about)
  assert.ok(
    !/undefined|\bnull\b|ERR_/.test(end.session.failure),
    `${end.session.failure}: ${about}`,
  )
  // Ten at the most are a flight; no packet gets more than two of them.
  assert.ok(end.sent.length <= 20, about)
}

/** Makes handshakes until so many wrong packets were taken; `perStep` at most before each right one. */
export function fuzzDtls(
  identities: readonly DtlsIdentity[],
  packets: number,
  random: Random,
  perStep = 40,
): FuzzResult {
  let [handshakes, done, connected] = [0, 0, 0]
  const any = () => identities[random(identities.length)] as DtlsIdentity
  while (done < packets) {
    handshakes++
    const pair = dtlsPair(any(), any(), { isSourceProven: random(2) === 0 })
    const victim = random(2) === 0 ? 'client' : 'server'
    pair.server.session.source = '192.0.2.1:4000'
    pair.client.session.start(0)
    let now = 0
    const from = random(6)
    for (let step = 0; step < 8; step++) {
      const side = steps[step % steps.length] ?? 'client'
      const there = side === 'client' ? 'server' : 'client'
      const right = pair[side].sent.splice(0)
      if (there === victim && step >= from)
        for (let left = random(perStep); left > 0 && right.length > 0; left--) {
          const packet = wrong(right[random(right.length)] as Buffer, random)
          const end = pair[there]
          const before = end.sent.length
          end.session.receive(packet, now)
          now += random(3) === 0 ? 60 : 0
          end.session.tick(now)
          check(end, packet)
          end.sent.length = Math.min(end.sent.length, before + 2)
          if (end.sent.length > 10) end.sent.splice(0, 5)
          done++
        }
      for (const packet of right) pair[there].session.receive(packet, now)
      check(pair[there], Buffer.concat(right))
    }
    if (pair.client.keys && pair.server.keys) {
      connected++
      // Whoever has keys has those of the other.
      assert.deepEqual(pair.client.keys, pair.server.keys)
    }
    for (const end of [pair.client, pair.server]) end.session.close()
  }
  return { handshakes, packets: done, connected }
}
