/** SRTP over SIP: offers, answers and refusals by rtp_secure_media, what is told of it, and sound under the agreed keys. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onLog } from '../../src/base/log.ts'
import { cryptoSuites, parseCrypto } from '../../src/sdp/crypto.ts'
import { parseSdp } from '../../src/sdp/parse.ts'
import type { PhoneCall } from '../support/phone.ts'
import { startSipSwitch } from '../support/sip-switch.ts'
import { peerCipher, srtpKey, suiteNames } from '../support/srtp.ts'
import { purity } from '../support/tone.ts'

type Suite = (typeof suiteNames)[number]
const usual: Suite = 'AES_CM_128_HMAC_SHA1_80'

/** Adds a key of ours to a description. */
function withKey(suite: Suite, seed: number, tag = 1, protocol = 'RTP/SAVP') {
  const key = Buffer.from(srtpKey(suite, seed).key).toString('base64')
  return (sdp: string) =>
    `${sdp.replace('RTP/AVP', protocol)}a=crypto:${tag} ${suite} inline:${key}\r\n`
}

/** The m= lines and keys of a description. */
function read(sdp: string) {
  return parseSdp(sdp).media.map(({ protocol, port, crypto }) => ({
    protocol,
    isOff: port === 0,
    keys: crypto.map(parseCrypto),
  }))
}

/** The phone of a call speaks SRTP under the key that the switch gave. */
function cipherFor(call: PhoneCall, suite: Suite, seed: number): void {
  const key = read(call.remoteSdp)[0]?.keys.find((one) => one.suite === suite)
  assert.ok(key, `a key for ${suite} in ${call.remoteSdp}`)
  call.rtp.cipher = peerCipher(srtpKey(suite, seed), { suite, key: key.key, mki: key.mki })
}

test('an offer with keys is answered with one of our own under its tag; variables, event and column tell of it', async () => {
  await using sw = await startSipSwitch({ extensions: { '3000': ['answer', 'echo'] } })
  const a = await sw.phone('1000')
  const out = await a.call('3000', { edit: withKey(usual, 5, 3) })
  assert.equal((await out.outcome()).status, 200)
  const [section] = read(out.remoteSdp)
  assert.equal(section?.protocol, 'RTP/SAVP')
  assert.deepEqual(
    section?.keys.map(({ tag, suite }) => [tag, suite]),
    [[3, usual]],
  )
  const secured = await sw.event('CALL_SECURE')
  assert.equal(secured.get('secure_type'), `srtp:sdes:${usual}`)
  const channel = sw.sw.channels.list()[0]!
  assert.equal(secured.get('caller-unique-id'), channel.uuid)
  const { variables } = channel
  for (const name of [
    'rtp_secure_media_confirmed',
    'rtp_secure_media_confirmed_audio',
    'rtp_secure_audio_confirmed',
  ])
    assert.equal(variables.get(name), 'true', name)
  assert.equal(variables.get('rtp_has_crypto'), usual)
  assert.equal(variables.get('rtp_secure_media_negotiated'), usual)
  assert.equal(variables.get('srtp_remote_audio_crypto_type'), usual)
  assert.equal(variables.get('srtp_remote_audio_crypto_tag'), '3')
  assert.match(
    variables.get('srtp_remote_audio_crypto_key') ?? '',
    /^3 AES_CM_128_HMAC_SHA1_80 inline:/,
  )
  assert.match(
    variables.get('rtp_last_audio_local_crypto_key') ?? '',
    /^3 AES_CM_128_HMAC_SHA1_80 inline:/,
  )
  assert.match(await sw.api('show channels'), /,srtp:sdes:AES_CM_128_HMAC_SHA1_80,/)
  cipherFor(out, usual, 5)
  await out.rtp.tone(500, 25)
  await out.rtp.until(20)
  assert.ok(purity(500, out.rtp.heard().subarray(400)) > 0.95)
  assert.equal(out.rtp.unreadable, 0)
})

test('the first offered suite that may be used is taken, and lines that cannot be used are passed over', async () => {
  await using sw = await startSipSwitch({
    extensions: {
      '3000': ['set:rtp_secure_media_inbound=mandatory:AES_CM_128_HMAC_SHA1_32', 'answer', 'echo'],
    },
  })
  const a = await sw.phone('1000')
  const bad = (sdp: string) =>
    `${withKey('AEAD_AES_128_GCM', 6, 1)(sdp)}a=crypto:2 F8_128_HMAC_SHA1_80 inline:AAAA\r\n`
  const edit = (sdp: string) => withKey('AES_CM_128_HMAC_SHA1_32', 7, 9)(bad(sdp))
  const out = await a.call('3000', { edit })
  assert.equal((await out.outcome()).status, 200)
  const [section] = read(out.remoteSdp)
  assert.deepEqual(
    section?.keys.map(({ tag, suite }) => [tag, suite]),
    [[9, 'AES_CM_128_HMAC_SHA1_32']],
  )
})

const plain = (sdp: string) => sdp
for (const [what, variable, edit, status] of [
  ['mandatory and nothing offered', 'rtp_secure_media=true', plain, 488],
  [
    'mandatory with suites and none of them offered',
    'rtp_secure_media=mandatory:AEAD_AES_256_GCM',
    withKey(usual, 5),
    488,
  ],
  ['the legacy name and nothing offered', 'sip_secure_media=true', plain, 488],
  ['forbidden and RTP/SAVP offered', 'rtp_secure_media=forbidden', withKey(usual, 5), 488],
  ['false and RTP/SAVP offered', 'rtp_secure_media=false', withKey(usual, 5), 488],
  ['false and nothing offered', 'rtp_secure_media=false', plain, 200],
  ['mandatory outbound alone and nothing offered', 'rtp_secure_media_outbound=true', plain, 200],
  [
    'mandatory, keys in RTP/AVP',
    'rtp_secure_media=mandatory',
    withKey(usual, 5, 1, 'RTP/AVP'),
    488,
  ],
  ['no wish, keys in RTP/AVP', 'x=y', withKey(usual, 5, 1, 'RTP/AVP'), 200],
  ['RTP/SAVP without keys', 'x=y', (sdp: string) => sdp.replace('RTP/AVP', 'RTP/SAVP'), 488],
] as const) {
  test(`${what}: ${status}`, async () => {
    await using sw = await startSipSwitch({
      extensions: { '3000': [`set:${variable}`, 'answer', 'park'] },
    })
    const a = await sw.phone('1000')
    const out = await a.call('3000', { edit })
    assert.equal((await out.outcome()).status, status)
    if (status === 200)
      assert.deepEqual(read(out.remoteSdp)[0], { protocol: 'RTP/AVP', isOff: false, keys: [] })
  })
}

test('keys in RTP/AVP count where NDLB-allow-crypto-in-avp says so, and are offered like that (RFC 8643)', async () => {
  await using sw = await startSipSwitch({
    settings: { 'NDLB-allow-crypto-in-avp': 'true' },
    extensions: {
      '2001': [
        'bridge:{rtp_secure_media=optional:AES_CM_128_HMAC_SHA1_80}sofia/internal/1001%example.test',
      ],
    },
  })
  const a = await sw.phone('1000')
  const b = await sw.phone('1001')
  await b.register()
  const out = await a.call('2001', { edit: withKey(usual, 5, 1, 'RTP/AVP') })
  const into = await b.incoming()
  assert.deepEqual(
    read(into.remoteSdp).map(({ protocol, keys }) => [protocol, keys.length]),
    [['RTP/AVP', 1]],
  )
  into.answer()
  assert.equal((await out.outcome()).status, 200)
  assert.deepEqual(
    read(out.remoteSdp).map(({ protocol, keys }) => [protocol, keys.length]),
    [['RTP/AVP', 1]],
  )
  await sw.event('CHANNEL_BRIDGE')
  cipherFor(out, usual, 5)
  await Promise.all([out.rtp.tone(500, 25), into.rtp.tone(900, 25)])
  await Promise.all([out.rtp.until(20), into.rtp.until(20)])
  assert.ok(purity(500, into.rtp.heard().subarray(400)) > 0.95)
  assert.ok(purity(900, out.rtp.heard().subarray(400)) > 0.95)
})

test('mandatory offers RTP/SAVP alone with every suite, and an answer in the clear ends the call', async () => {
  await using sw = await startSipSwitch({
    extensions: { '2001': ['bridge:{rtp_secure_media=true}sofia/internal/1001%example.test'] },
  })
  const a = await sw.phone('1000')
  const b = await sw.phone('1001')
  await b.register()
  const out = await a.call('2001')
  const into = await b.incoming()
  const sections = read(into.remoteSdp)
  assert.deepEqual(
    sections.map(({ protocol }) => protocol),
    ['RTP/SAVP'],
  )
  // Unsigned packets are offered only by name.
  assert.deepEqual(
    sections[0]?.keys.map(({ suite }) => suite),
    Object.keys(cryptoSuites).filter((suite) => suite !== 'AES_CM_128_NULL_AUTH'),
  )
  assert.equal(
    new Set(sections[0]?.keys.map(({ key }) => Buffer.from(key).toString('hex'))).size,
    10,
  )
  into.answer()
  await into.hungUp()
  assert.equal((await out.outcome()).status, 488)
})

test('optional offers both, one after the other, and either may be taken', async () => {
  await using sw = await startSipSwitch({
    extensions: {
      '2001': [
        'bridge:{rtp_secure_media=optional,rtp_secure_media_suites=AEAD_AES_128_GCM:AES_CM_128_HMAC_SHA1_80}sofia/internal/1001%example.test',
      ],
    },
  })
  const a = await sw.phone('1000')
  const b = await sw.phone('1001')
  await b.register()
  for (const isSecure of [true, false]) {
    const out = await a.call('2001')
    const into = await b.incoming()
    const sections = read(into.remoteSdp)
    assert.deepEqual(
      sections.map(({ protocol, keys }) => [protocol, keys.length]),
      [
        ['RTP/SAVP', 2],
        ['RTP/AVP', 0],
      ],
    )
    into.edit = (sdp) => {
      const refused = `m=audio 0 RTP/${isSecure ? 'AVP' : 'SAVP'} 0\r\n`
      if (isSecure) return withKey('AES_CM_128_HMAC_SHA1_80', 8, 2)(sdp) + refused
      return sdp.replace('m=audio', `${refused}m=audio`)
    }
    into.answer([0, 101])
    assert.equal((await out.outcome()).status, 200)
    await sw.event('CHANNEL_BRIDGE')
    if (isSecure) cipherFor(into, usual, 8)
    await Promise.all([out.rtp.tone(500, 25), into.rtp.tone(900, 25)])
    await Promise.all([out.rtp.until(20), into.rtp.until(20)])
    assert.ok(purity(500, into.rtp.heard().subarray(400)) > 0.95)
    assert.ok(purity(900, out.rtp.heard().subarray(400)) > 0.95)
    await out.bye()
    await into.hungUp()
  }
})

for (const suite of suiteNames) {
  test(`two phones with ${suite} speak through the switch, each under keys of its own, early sound too`, async () => {
    await using sw = await startSipSwitch({
      extensions: {
        '2001': [
          `bridge:{rtp_secure_media=mandatory:${suite},rtp_secure_media_mki=true}sofia/internal/1001%example.test`,
        ],
      },
    })
    const a = await sw.phone('1000')
    const b = await sw.phone('1001')
    await b.register()
    const out = await a.call('2001', { edit: withKey(suite, 5) })
    const into = await b.incoming()
    const offered = read(into.remoteSdp)[0]?.keys[0]
    assert.deepEqual(offered?.mki, Uint8Array.of(1))
    const key = Buffer.from(srtpKey(suite, 8).key).toString('base64')
    into.edit = (sdp) =>
      `${sdp.replace('RTP/AVP', 'RTP/SAVP')}a=crypto:1 ${offered?.name} inline:${key}|2^31|1:1\r\n`
    into.ring(183, true)
    await out.response(183)
    cipherFor(out, suite, 5)
    into.rtp.cipher = peerCipher(
      { ...srtpKey(suite, 8), mki: Uint8Array.of(1) },
      { suite, key: offered!.key, mki: Uint8Array.of(1) },
    )
    await into.rtp.tone(900, 20)
    await out.rtp.until(15)
    into.answer([0, 101])
    assert.equal((await out.outcome()).status, 200)
    await sw.event('CHANNEL_BRIDGE')
    await Promise.all([out.rtp.tone(500, 20), into.rtp.tone(900, 20)])
    await Promise.all([out.rtp.until(30), into.rtp.until(15)])
    assert.ok(purity(500, into.rtp.heard().subarray(400)) > 0.95)
    assert.ok(purity(900, out.rtp.heard().subarray(400)) > 0.9)
    assert.equal(out.rtp.unreadable + into.rtp.unreadable, 0)
  })
}

test('a re-INVITE with the same key keeps both keys, one with a new key gets a new one, and hold keeps them', async () => {
  await using sw = await startSipSwitch({ extensions: { '3000': ['answer', 'echo'] } })
  const a = await sw.phone('1000')
  const out = await a.call('3000', { edit: withKey(usual, 5) })
  await out.outcome()
  const first = read(out.remoteSdp)[0]?.keys[0]?.key
  cipherFor(out, usual, 5)
  await out.rtp.tone(500, 10, 'PCMU', 5)
  await out.rtp.until(10)
  assert.equal((await out.reinvite(undefined, 'inactive')).status, 200)
  assert.equal((await out.reinvite()).status, 200)
  assert.deepEqual(read(out.remoteSdp)[0]?.keys[0]?.key, first)
  await out.rtp.tone(500, 10, 'PCMU', 5)
  await out.rtp.until(20)
  out.edit = withKey('AEAD_AES_256_GCM', 77, 4)
  assert.equal((await out.reinvite()).status, 200)
  const [renewed] = read(out.remoteSdp)[0]?.keys ?? []
  assert.equal(renewed?.suite, 'AEAD_AES_256_GCM')
  assert.equal(renewed?.tag, 4)
  await sw.event(
    'CALL_SECURE',
    (event) => event.get('secure_type') === 'srtp:sdes:AEAD_AES_256_GCM',
  )
  cipherFor(out, 'AEAD_AES_256_GCM', 77)
  await out.rtp.tone(500, 10, 'PCMU', 5)
  await out.rtp.until(30)
  // Refused: all stays as it was.
  out.edit = (sdp) => `${sdp.replace('RTP/AVP', 'RTP/SAVP')}a=crypto:1 SHORT inline:AAAA\r\n`
  assert.equal((await out.reinvite()).status, 488)
  await out.rtp.tone(500, 10, 'PCMU', 5)
  await out.rtp.until(40)
  assert.equal(out.rtp.unreadable, 0)
  // To the clear and back.
  out.edit = plain
  assert.equal((await out.reinvite()).status, 200)
  assert.equal(sw.sw.channels.list()[0]?.secureType, '')
  out.rtp.cipher = undefined
  await out.rtp.tone(500, 10, 'PCMU', 5)
  await out.rtp.until(50)
})

test('our own re-INVITE offers the keys in force again', async () => {
  await using sw = await startSipSwitch({ extensions: { '3000': ['answer', 'park'] } })
  const a = await sw.phone('1000')
  const out = await a.call('3000', { edit: withKey(usual, 5, 2) })
  await out.outcome()
  const before = read(out.remoteSdp)[0]
  const uuid = sw.sw.channels.list()[0]?.uuid
  await sw.api(`uuid_hold ${uuid}`)
  const invite = await out.requests.next('a re-INVITE', ({ method }) => method === 'INVITE')
  assert.match(invite.body, /RTP\/SAVP/)
  assert.match(invite.body, /a=sendonly/)
  const again = read(invite.body)
  assert.equal(again.length, 1)
  assert.deepEqual(again[0]?.keys, before?.keys)
})

test('after an optional offer our next one keeps both m= lines, the refused one refused (RFC 3264 8)', async () => {
  await using sw = await startSipSwitch()
  const b = await sw.phone('1001')
  await b.register()
  const dialled = sw.api(
    'originate {rtp_secure_media=optional:AES_CM_128_HMAC_SHA1_80}sofia/internal/1001%example.test &park()',
  )
  const into = await b.incoming()
  into.edit = (sdp) => `${withKey(usual, 8)(sdp)}m=audio 0 RTP/AVP 0\r\n`
  into.answer([0, 101])
  const uuid = (await dialled).replace('+OK ', '').trim()
  const offered = read(into.remoteSdp)
  void sw.api(`uuid_hold ${uuid}`)
  const invite = await into.requests.next('a re-INVITE', ({ method }) => method === 'INVITE')
  const again = read(invite.body)
  assert.deepEqual(
    again.map(({ protocol, isOff }) => [protocol, isOff]),
    [
      ['RTP/SAVP', false],
      ['RTP/AVP', true],
    ],
  )
  assert.deepEqual(again[0]?.keys, offered[0]?.keys)
})

test('require-secure-rtp makes SRTP mandatory where nothing else is said', async () => {
  await using sw = await startSipSwitch({
    settings: { 'require-secure-rtp': 'true' },
    extensions: {
      '3000': ['answer', 'park'],
      '3001': ['set:rtp_secure_media=optional', 'answer', 'park'],
    },
  })
  const a = await sw.phone('1000')
  assert.equal((await (await a.call('3000')).outcome()).status, 488)
  const late = await a.call('3001', { edit: withKey(usual, 5) })
  assert.equal((await late.outcome()).status, 200)
})

test('no log line shows a key, whatever it quotes', async () => {
  await using sw = await startSipSwitch({ extensions: { '3000': ['answer', 'info', 'park'] } })
  const lines: string[] = []
  using _ = onLog((line) => lines.push(line.text))
  await sw.api('sofia profile internal siptrace on')
  const a = await sw.phone('1000')
  const out = await a.call('3000', { edit: withKey(usual, 5) })
  await out.outcome()
  await sw.event('CHANNEL_EXECUTE_COMPLETE', (event) => event.get('Application') === 'info')
  const keys = [
    Buffer.from(srtpKey(usual, 5).key).toString('base64'),
    Buffer.from(read(out.remoteSdp)[0]!.keys[0]!.key).toString('base64'),
  ]
  const text = lines.join('\n')
  assert.match(text, /a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:…/)
  for (const key of keys) assert.ok(!text.includes(key.slice(0, 20)), 'a key is in the log')
})
