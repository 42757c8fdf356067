/** SDES: keys in `a=crypto` lines (RFC 4568), and who asks for them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { srtpSuites } from '../../../src/rtp/srtp-suite.ts'
import {
  acceptCrypto,
  answerCrypto,
  type CryptoSuite,
  cryptoSuites,
  offerCrypto,
  parseCrypto,
  writeCrypto,
} from '../../../src/sdp/crypto.ts'
import type { CryptoLine } from '../../../src/sdp/description.ts'
import { parseSdp } from '../../../src/sdp/parse.ts'
import { parseSecureMedia } from '../../../src/sdp/secure-media.ts'

const key = 'd0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj'
const suites = Object.keys(cryptoSuites) as CryptoSuite[]

function lineOf(attribute: string): CryptoLine {
  const [tag, suite = '', key = '', ...parameters] = attribute.split(' ')
  return { tag: Number(tag), suite, key, parameters: parameters.join(' ') }
}

test('lines come out of the SDP as they are read here', () => {
  const attribute = `1 AES_CM_128_HMAC_SHA1_80 inline:${key}|2^20|1:4 WSH=64`
  const text = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/SAVP 0\r\na=crypto:${attribute}\r\n`
  assert.deepEqual(parseSdp(text).media[0]!.crypto, [lineOf(attribute)])
})

test('the suites and the lengths of their keys are those of SRTP', () => {
  assert.deepEqual(
    Object.entries(cryptoSuites),
    Object.entries(srtpSuites).map(([name, suite]) => [name, suite.keyLength + suite.saltLength]),
  )
})

test('a line is read with key, lifetime and MKI (RFC 4568 6.1)', () => {
  const crypto = parseCrypto(lineOf(`1 AES_CM_128_HMAC_SHA1_80 inline:${key}|2^20|1:4`))
  assert.deepEqual(crypto, {
    tag: 1,
    suite: 'AES_CM_128_HMAC_SHA1_80',
    name: 'AES_CM_128_HMAC_SHA1_80',
    key: new Uint8Array(Buffer.from(key, 'base64')),
    lifetime: 2 ** 20,
    mki: Uint8Array.of(0, 0, 0, 1),
  })
})

test('lifetime and MKI may each stand alone, and a lifetime be a plain number', () => {
  const read = (rest: string) =>
    parseCrypto(lineOf(`7 AES_CM_128_HMAC_SHA1_32 inline:${key}${rest}`))
  assert.deepEqual([read('').lifetime, read('').mki.length], [undefined, 0])
  assert.deepEqual([read('|2^48').lifetime, read('|2^48').mki.length], [2 ** 48, 0])
  assert.equal(read('|1000').lifetime, 1000)
  assert.deepEqual(read('|300:2').mki, Uint8Array.of(1, 44))
})

test('both spellings of the suites of RFC 6188 are known, and the one that came is kept', () => {
  const text = Buffer.alloc(46, 5).toString('base64')
  const crypto = parseCrypto(lineOf(`2 AES_256_CM_HMAC_SHA1_80 inline:${text}`))
  assert.equal(crypto.suite, 'AES_CM_256_HMAC_SHA1_80')
  assert.equal(writeCrypto(crypto), `crypto:2 AES_256_CM_HMAC_SHA1_80 inline:${text}`)
  assert.equal(
    writeCrypto(crypto, false),
    `crypto:2 AES_256_CM_HMAC_SHA1_80 inline:${text.slice(0, -2)}`,
  )
  assert.deepEqual(parseCrypto(lineOf(writeCrypto(crypto, false).slice(7))), crypto)
})

const refusals = [
  [`1 F8_128_HMAC_SHA1_80 inline:${key}`, 'unknown suite'],
  ['1 AES_CM_128_HMAC_SHA1_80 inline:AAAA', 'the key is not base64 of 30 octets'],
  [`1 AES_CM_128_HMAC_SHA1_80 inline:${key.slice(1)}!`, 'the key is not base64 of 30 octets'],
  [`1 AES_CM_128_HMAC_SHA1_80 prompt:${key}`, 'the key method is not inline'],
  [
    `1 AES_CM_128_HMAC_SHA1_80 inline:${key}|2^49`,
    'the lifetime 2^49 is not a number of packets up to 2^48',
  ],
  [`1 AES_CM_128_HMAC_SHA1_80 inline:${key}|2^20|x:1`, 'the MKI x:1 is not <value>:<length>'],
  [`1 AES_CM_128_HMAC_SHA1_80 inline:${key}|256:1`, 'the MKI 256:1 is not <value>:<length>'],
  [
    `1 AES_CM_128_HMAC_SHA1_80 inline:${key}|1:1;inline:${key}|2:1`,
    'several keys in one line are not supported',
  ],
  [`1 AES_CM_128_HMAC_SHA1_80 inline:${key} KDR=3`, 'the parameter KDR=3 is not supported'],
  [
    `1 AES_CM_128_HMAC_SHA1_80 inline:${key} UNENCRYPTED_SRTP`,
    'the parameter UNENCRYPTED_SRTP is not supported',
  ],
  [
    `1 AES_CM_128_HMAC_SHA1_80 inline:${key} WSH=64 FEC_ORDER=FEC_SRTP`,
    'the parameter FEC_ORDER=FEC_SRTP is not supported',
  ],
] as const

for (const [attribute, reason] of refusals) {
  test(`a line is refused with its reason: ${reason} (${attribute.replaceAll(key, '…')})`, () => {
    assert.throws(
      () => parseCrypto(lineOf(attribute)),
      (thrown: Error & { code: string; status: number }) => {
        assert.equal(thrown.code, 'SDP_BAD_CRYPTO')
        assert.equal(thrown.status, 488)
        assert.ok(thrown.message.endsWith(`: ${reason}`), thrown.message)
        assert.ok(!thrown.message.includes(key), 'a key is never shown')
        return true
      },
    )
  })
}

test('a hint about the window and unknown optional parameters do no harm (RFC 4568 6.3)', () => {
  parseCrypto(lineOf(`1 AES_CM_128_HMAC_SHA1_80 inline:${key} WSH=128 KDR=0 -SOMETHING=1`))
})

test('an offer has a fresh key for each suite, and the answer settles on one', () => {
  const offered = offerCrypto(['AEAD_AES_256_GCM', 'AES_CM_128_HMAC_SHA1_80'])
  const lines = offered.map((crypto) => lineOf(writeCrypto(crypto).slice(7)))
  const { pair, problems } = answerCrypto(lines, suites, 'theirs')
  assert.deepEqual(problems, [])
  assert.equal(pair!.theirs.suite, 'AEAD_AES_256_GCM')
  assert.notDeepEqual(pair!.ours.key, pair!.theirs.key)
  const settled = acceptCrypto(offered, [lineOf(writeCrypto(pair!.ours).slice(7))])
  assert.deepEqual(settled.ours.key, pair!.theirs.key)
  assert.deepEqual(settled.theirs.key, pair!.ours.key)
})

test('an MKI of the offer is used both ways', () => {
  const [offered] = offerCrypto(['AES_CM_128_HMAC_SHA1_80'], true)
  const text = writeCrypto(offered!)
  assert.match(text, /^crypto:1 AES_CM_128_HMAC_SHA1_80 inline:[A-Za-z0-9+/]{40}\|2\^31\|1:1$/)
  const { pair } = answerCrypto([lineOf(text.slice(7))], suites, 'theirs')
  assert.deepEqual(pair!.ours.mki, Uint8Array.of(1))
})

test('a suite is chosen by their order or by ours, and unusable lines say why', () => {
  const lines = [
    lineOf('1 NO_SUCH_SUITE inline:AAAA'),
    lineOf(`2 AES_CM_128_HMAC_SHA1_32 inline:${key}`),
    lineOf(`3 AES_CM_128_HMAC_SHA1_80 inline:${key}`),
  ]
  const theirs = answerCrypto(lines, suites, 'theirs')
  assert.equal(theirs.pair!.ours.tag, 2)
  assert.deepEqual(theirs.problems, ['a=crypto:1 NO_SUCH_SUITE: unknown suite'])
  assert.equal(answerCrypto(lines, suites, 'ours').pair!.ours.tag, 3)
  const none = answerCrypto(lines, ['AEAD_AES_128_GCM'], 'ours')
  assert.equal(none.pair, undefined)
  assert.equal(none.problems.length, 3)
})

test('an answer that was not offered, or has two lines or none, settles nothing', () => {
  const offered = offerCrypto(['AES_CM_128_HMAC_SHA1_80'])
  const line = lineOf(`1 AES_CM_128_HMAC_SHA1_80 inline:${key}`)
  const other = lineOf(`1 AES_CM_128_HMAC_SHA1_32 inline:${key}`)
  assert.throws(() => acceptCrypto(offered, [other]), { code: 'SDP_BAD_CRYPTO' })
  assert.throws(() => acceptCrypto(offered, [line, line]), { code: 'SDP_BAD_CRYPTO' })
  assert.throws(() => acceptCrypto(offered, []), { code: 'SDP_BAD_CRYPTO' })
})

test('rtp_secure_media says whether and with which suites', () => {
  const policy = (value?: string, list?: string, direction: 'inbound' | 'outbound' = 'outbound') =>
    parseSecureMedia(value, list, direction)
  assert.equal(policy().mode, 'off')
  assert.equal(policy(undefined, undefined, 'inbound').mode, 'optional')
  for (const value of ['true', 'mandatory', 'MANDATORY', 'yes', '1'])
    assert.equal(policy(value).mode, 'mandatory', value)
  assert.equal(policy('optional').mode, 'optional')
  assert.equal(policy('forbidden').mode, 'forbidden')
  assert.equal(policy('false').mode, 'off')
  assert.deepEqual(policy('true').suites, suites)
  assert.deepEqual(policy('mandatory:AES_CM_128_HMAC_SHA1_32:AES_256_CM_HMAC_SHA1_80'), {
    mode: 'mandatory',
    suites: ['AES_CM_128_HMAC_SHA1_32', 'AES_CM_256_HMAC_SHA1_80'],
    isListed: true,
    problems: [],
  })
  assert.deepEqual(policy('optional', 'AEAD_AES_128_GCM').suites, ['AEAD_AES_128_GCM'])
  assert.deepEqual(policy('optional:AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM').suites, [
    'AES_CM_128_HMAC_SHA1_80',
  ])
})

test('what rtp_secure_media does not mean is said, and never weakens what was asked for', () => {
  const wrong = parseSecureMedia('perhaps', undefined, 'inbound')
  assert.deepEqual([wrong.mode, wrong.problems.length], ['forbidden', 1])
  const typo = parseSecureMedia('mandatory:AES_CM_129', undefined, 'outbound')
  assert.deepEqual([typo.mode, typo.suites, typo.problems.length], ['mandatory', [], 1])
})
