/** Key streams made ahead and our GHASH, with node's own AES as the judge: any order, any length, any source. */
import assert from 'node:assert/strict'
import { createCipheriv } from 'node:crypto'
import { test } from 'node:test'
import { writeHeader } from '../../../src/rtp/packet.ts'
import { srtpTransform } from '../../../src/rtp/srtp.ts'
import { deriveSessionKeys } from '../../../src/rtp/srtp-keys.ts'
import { type SrtpSuiteName, srtpSuites } from '../../../src/rtp/srtp-suite.ts'

/** Whole numbers below `limit`, the same on every run. */
function numbers(): (limit: number) => number {
  let state = 12345
  return (limit) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return Math.floor((state / 0x100000000) * limit)
  }
}

/** Salt with SSRC and index exclusive-ored into it at their places. */
function counterBlock(
  salt: Uint8Array,
  ssrcAt: number,
  ssrc: number,
  roc: number,
  sequence: number,
) {
  const block = Buffer.alloc(16)
  block.set(salt)
  block.writeUInt32BE((block.readUInt32BE(ssrcAt) ^ ssrc) >>> 0, ssrcAt)
  block.writeUInt32BE((block.readUInt32BE(ssrcAt + 4) ^ roc) >>> 0, ssrcAt + 4)
  block.writeUInt16BE(block.readUInt16BE(ssrcAt + 8) ^ sequence, ssrcAt + 8)
  return block
}

function judged(
  suite: SrtpSuiteName,
  plain: Uint8Array,
  ssrc: number,
  roc: number,
  sequence: number,
) {
  const { cipher: kind, keyLength, tagLength } = srtpSuites[suite]
  const master = masterOf(suite)
  const keys = deriveSessionKeys(
    srtpSuites[suite],
    master.subarray(0, keyLength),
    master.subarray(keyLength),
    false,
  )
  const head = plain.subarray(0, 12)
  if (kind === 'counter mode') {
    const start = counterBlock(keys.salt, 4, ssrc, roc, sequence)
    const cipher = createCipheriv(`aes-${keyLength * 8}-ctr`, keys.encryption, start)
    return Buffer.concat([head, cipher.update(plain.subarray(12))])
  }
  const vector = counterBlock(keys.salt, 2, ssrc, roc, sequence).subarray(0, 12)
  const name = keyLength === 16 ? 'aes-128-gcm' : 'aes-256-gcm'
  const cipher = createCipheriv(name, keys.encryption, vector, { authTagLength: tagLength })
  cipher.setAAD(head)
  const sealed = Buffer.concat([head, cipher.update(plain.subarray(12))])
  cipher.final()
  return Buffer.concat([sealed, cipher.getAuthTag()])
}

function masterOf(suite: SrtpSuiteName): Uint8Array {
  const { keyLength, saltLength } = srtpSuites[suite]
  return Uint8Array.from({ length: keyLength + saltLength }, (_, i) => (i * 91 + 7) & 0xff)
}

for (const suite of ['AES_CM_128_NULL_AUTH', 'AEAD_AES_128_GCM', 'AEAD_AES_256_GCM_8'] as const) {
  test(`${suite}: packets of any length in any order are what node makes of them`, () => {
    const number = numbers()
    const transform = srtpTransform(suite, masterOf(suite))
    let index = 0xffff - 20
    for (let i = 0; i < 600; i++) {
      // Mostly in order over the wrap of the sequence; sometimes late, far ahead, or of another source.
      const jump = number(20)
      if (jump === 0) index += 5000
      else if (jump === 1) index -= 30
      else if (jump === 2) index -= 1
      else index += 1
      const ssrc = jump === 3 ? 0xfedcba98 : 0x01020304
      const length = 12 + (jump === 4 ? number(4000) : jump === 5 ? 0 : 150 + number(20))
      const plain = Uint8Array.from({ length }, (_, at) => (at * i) & 0xff)
      const roc = Math.floor(index / 0x10000)
      const sequence = index & 0xffff
      writeHeader(plain, false, 0, sequence, i, ssrc)
      const packet = new Uint8Array(length + 16)
      packet.set(plain)
      const sealed = transform.seal(packet, 12, length, ssrc, roc, sequence)
      const expected = judged(suite, plain, ssrc, roc, sequence)
      assert.deepEqual(Buffer.from(packet.subarray(0, sealed)), expected, `packet ${i}`)
      assert.ok(transform.open(packet, 12, sealed, ssrc, roc, sequence))
      assert.deepEqual(packet.subarray(0, length), plain)
    }
  })
}
