/** Nonsense for ICE in all its parts: nothing may throw, nothing may grow, and nobody is settled on who has not shown the password. */
import assert from 'node:assert/strict'
import {
  attribute,
  messageType,
  stunAttribute,
  transactionOf,
  writeStun,
} from '../../src/net/stun-message.ts'
import { IceAgent } from '../../src/webrtc/ice-agent.ts'
import { mutated, type Random } from './mutate.ts'

const ours = { ufrag: 'ourname', password: 'o'.repeat(24) }
const theirs = { ufrag: 'theirname', password: 't'.repeat(24) }
const [address, port] = ['192.0.2.2', 5000]

/** A check that is right but for its password, which nobody knows. */
function check(random: Random, password: string): Buffer {
  const role = random(2) === 0 ? attribute.iceControlled : attribute.iceControlling
  const parts = [
    stunAttribute(attribute.userName, Buffer.from(`${ours.ufrag}:${theirs.ufrag}`)),
    stunAttribute(attribute.priority, Buffer.alloc(4, random(256))),
    stunAttribute(role, Buffer.alloc(8, random(256))),
    ...(random(2) === 0 ? [stunAttribute(attribute.useCandidate, Buffer.alloc(0))] : []),
  ]
  const transaction = transactionOf(Buffer.alloc(12, random(256)))
  return writeStun(messageType.bindingRequest, transaction, parts, password)
}

/** So many wrong packets; returns how many answers they got. */
export function fuzzIce(packets: number, random: Random): number {
  let answers = 0
  for (let done = 0; done < packets; ) {
    const isLite = random(2) === 0
    const candidate = { address, port, priority: 1, type: 'host' } as const
    const sent: Buffer[] = []
    const checks = {
      remotePassword: theirs.password,
      isControlling: random(2) === 0,
      candidates: [candidate],
    }
    let drops = 0
    const selected: string[] = []
    const agent = new IceAgent(
      { ...ours, remoteUfrag: theirs.ufrag, ...(!isLite && { checks }) },
      {
        send: (packet) => void sent.push(packet),
        selected: (where) => void selected.push(where),
        state: () => undefined,
        drop: () => void drops++,
      },
      0,
    )
    for (let now = 0; now < 200; now++, done++) {
      // Their own checks sent back, answers to them, and checks of a stranger.
      const kinds = [
        () => check(random, 'x'.repeat(24)),
        () => mutated(check(random, 'x'.repeat(24)), random),
        () => mutated(sent[random(sent.length || 1)] ?? check(random, 'x'), random),
        () => writeStun([0x101, 0x111, 0x11][random(3)] ?? 0, lastTransaction(sent), [], 'x'),
      ]
      const packet = (kinds[random(kinds.length)] as () => Buffer)()
      const before = sent.length
      agent.receive(packet, random(4) === 0 ? '198.51.100.1' : address, port, now * 10)
      agent.sweep(now * 10)
      assert.ok(sent.length - before <= 3, packet.toString('hex'))
      answers += sent.length - before
      sent.splice(0, Math.max(0, sent.length - 4))
    }
    assert.deepEqual(selected, [])
    assert.ok(agent.pairs.length <= 2)
    assert.ok(drops > 0)
  }
  return answers
}

function lastTransaction(sent: readonly Buffer[]): Buffer {
  return sent.at(-1)?.subarray(4, 20) ?? transactionOf(Buffer.alloc(12))
}
