/** The figures that the RFCs print: key streams, key derivation and whole packets. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { SrtpReceiver, SrtpSender, srtpRefusal, srtpTransform } from '../../../src/rtp/srtp.ts'
import { CounterMode } from '../../../src/rtp/srtp-counter-mode.ts'
import { GcmTransform } from '../../../src/rtp/srtp-gcm.ts'
import { HmacSha1 } from '../../../src/rtp/srtp-hmac.ts'
import { deriveKey } from '../../../src/rtp/srtp-keys.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replace(/\s/g, ''), 'hex'))
const textOf = (octets: Uint8Array) => Buffer.from(octets).toString('hex')

const keyStreams = [
  [
    'AES-128 (RFC 3711 B.2)',
    '2b7e151628aed2a6abf7158809cf4f3c',
    'e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab41e95b3bb0a2e8dd477901e4fca894c0',
    'ec8cdf7398607cb0f2d21675ea9ea1e4362b7c3c6773516318a077d7fc5073ae6a2cc3787889374fbeb4c81b17ba6c44',
  ],
  [
    'AES-192 (RFC 6188 7.3)',
    'eab234764e517b2d3d160d587d8c86219740f65f99b6bcf7',
    '35096cba4610028dc1b57503804ce37c5de986291dcce161d5165ec4568f5c9a474a40c77894bc17180202272a4c264d',
    '',
  ],
  [
    'AES-256 (RFC 6188 7.1)',
    '57f82fe3613fd170a85ec93c40b1f0922ec4cb0dc025b58272147cc438944a98',
    '92bdd28a93c3f52511c677d08b5515a49da71b2378a854f67050756ded165bac63c4868b7096d88421b563b8c94c9a31',
    'cea518c90fd91ced9cbb18c078a547113dbc4814f4da5f00a08772b63c6a046d6eb246913062a16891433e97dd01a57f',
  ],
] as const

for (const [name, key, first, last] of keyStreams) {
  test(`the key stream of ${name}, at both ends of its 65282 blocks`, () => {
    const stream = new Uint8Array(65282 * 16)
    new CounterMode(hex(key), hex('f0f1f2f3f4f5f6f7f8f9fafbfcfd')).apply(
      stream,
      0,
      stream.length,
      0,
      0,
      0,
    )
    assert.equal(textOf(stream.subarray(0, 48)), first)
    if (last !== '') assert.equal(textOf(stream.subarray(-48)), last)
  })
}

const derivations = [
  [
    'RFC 3711 B.3',
    'e1f97a0d3e018be0d64fa32c06de4139',
    '0ec675ad498afeebb6960b3aabe6',
    'c61e7a93744f39ee10734afe3ff7a087',
    '30cbbc08863d8c85d49db34a9ae1',
    `cebe321f6ff7716b6fd4ab49af256a156d38baa48f0a0acf3c34e2359e6cdbcee049646c43d9327ad175578ef7227098
     6371c10c9a369ac2f94a8c5fbcdddc256d6e919a48b610ef17c2041e474035766b68642c59bbfc2f34db60dbdfb2`,
  ],
  [
    'RFC 6188 7.2',
    'f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6',
    '3b04803de51ee7c96423ab5b78d2',
    '5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4',
    'fa31791685ca444a9e07c6c64e93',
    'fd9c32d39ed5fbb5a9dc96b30818454d1313dc05',
  ],
  [
    'RFC 6188 7.4',
    '73edc66c4fa15776fb57f9505c17136550ffda71f3e8e5f1',
    'c8522f3acd4ce86d5add78edbb11',
    '31874736a8f1143870c26e4857d8a5b2c4a354407faadabb',
    '2372b82d639b6d8503a47adc0a6c',
    '355b10973cd95b9eacf4061c7e1a7151e7cfbfcb',
  ],
] as const

for (const [name, key, salt, encryption, sessionSalt, authentication] of derivations) {
  test(`keys are derived as in ${name}`, () => {
    const wanted = hex(authentication)
    assert.equal(textOf(deriveKey(hex(key), hex(salt), 0, hex(encryption).length)), encryption)
    assert.equal(textOf(deriveKey(hex(key), hex(salt), 2, 14)), sessionSalt)
    assert.deepEqual(deriveKey(hex(key), hex(salt), 1, wanted.length), wanted)
  })
}

/** Master key and salt, a packet, and the same sealed, as other implementations publish them. */
const sealed = [
  [
    'AES_CM_128_HMAC_SHA1_80',
    'e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6',
    '4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb',
  ],
  [
    'AES_CM_256_HMAC_SHA1_80',
    'f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b63b04803de51ee7c96423ab5b78d2',
    'f1d9de17ff251ff1aa007774b0b4b40da08d9d9a5b3a55d8873b',
  ],
] as const

for (const [suite, master, result] of sealed) {
  test(`a whole packet under ${suite}`, () => {
    const plain = hex(`800f1234decafbadcafebabe${'ab'.repeat(16)}`)
    const packet = new Uint8Array(60)
    packet.set(plain)
    const sender = new SrtpSender(srtpTransform(suite, hex(master)))
    const length = sender.protect(packet, plain.length, packet)
    assert.equal(textOf(packet.subarray(12, length)), result)
    const receiver = new SrtpReceiver(srtpTransform(suite, hex(master)))
    assert.equal(receiver.unprotect(packet, length), plain.length)
    assert.deepEqual(packet.subarray(0, plain.length), plain)
  })
}

const gcmSalt = '517569642070726f2071756f'
const gcmKeys = {
  128: '000102030405060708090a0b0c0d0e0f',
  256: '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
} as const

function gcm(size: 128 | 256): GcmTransform {
  const keys = {
    encryption: hex(gcmKeys[size]),
    salt: hex(gcmSalt),
    authentication: new Uint8Array(0),
  }
  return new GcmTransform(keys, keys, 16, new Uint8Array(0))
}

const gcmRtp =
  '8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573'
const gcmRtcp =
  '81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef'
const rtcpIndex = 0x5d4

const gcmPackets = [
  [
    128,
    '16.1',
    '8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce',
    '17.1',
    '81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4',
  ],
  [
    256,
    '16.2',
    '8040f17b8041f8d35501a0b232b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13',
    '17.2',
    '81c8000d4d617273d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de0476f1b6fad1d1eb30c4446839f57ff6f6cb26ac3be800005d4',
  ],
] as const

for (const [size, rtpSection, rtp, rtcpSection, rtcp] of gcmPackets) {
  test(`RTP under AES-${size}-GCM (RFC 7714 ${rtpSection})`, () => {
    const plain = hex(gcmRtp)
    const packet = new Uint8Array(80)
    const length = new SrtpSender(gcm(size)).protect(plain, plain.length, packet)
    assert.equal(textOf(packet.subarray(0, length)), rtp)
    assert.equal(new SrtpReceiver(gcm(size)).unprotect(packet, length), plain.length)
    assert.deepEqual(packet.subarray(0, plain.length), plain)
  })

  test(`RTCP under AES-${size}-GCM (RFC 7714 ${rtcpSection})`, () => {
    const plain = hex(gcmRtcp)
    const packet = new Uint8Array(80)
    packet.set(plain)
    const length = gcm(size).sealRtcp(packet, plain.length, 0x4d617273, rtcpIndex)
    assert.equal(textOf(packet.subarray(0, length)), rtcp)
    assert.equal(new SrtpReceiver(gcm(size)).unprotectRtcp(packet, length), plain.length)
    assert.deepEqual(packet.subarray(0, plain.length), plain)
  })
}

test('RTCP that is signed but not encrypted is read as it stands (RFC 7714 17.3)', () => {
  const packet = hex(`${gcmRtcp}841dd9683dd78ec92ae58790125f62b3000005d4`)
  const receiver = new SrtpReceiver(gcm(128))
  const plain = hex(gcmRtcp)
  assert.equal(receiver.unprotectRtcp(packet), plain.length)
  assert.deepEqual(packet.subarray(0, plain.length), plain)
  packet[20]! ^= 1
  assert.equal(new SrtpReceiver(gcm(128)).unprotectRtcp(packet), srtpRefusal.unauthentic)
})

test("the hash of short packets is the one of node's crypto, at every length", () => {
  const key = Uint8Array.from({ length: 20 }, (_, i) => i * 7)
  const hmac = new HmacSha1(key)
  const packet = Uint8Array.from({ length: 800 }, (_, i) => (i * 31) >> 3)
  for (let length = 0; length <= 800; length++) {
    const wanted = createHmac('sha1', key)
      .update(packet.subarray(0, length))
      .update(hex('89abcdef'))
      .digest('hex')
    assert.equal(textOf(hmac.sign(packet, length, 0x89abcdef)), wanted, `${length} octets`)
  }
})
