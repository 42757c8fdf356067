/**
 * SRTP with other implementations: ffmpeg's own, libsrtp inside GStreamer, and baresip with its keys in the SDP. Each
 * sends a tone that the next one must find.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { SrtpKey } from '../../src/media/engine.ts'
import { startMediaEngine } from '../../src/media/start.ts'
import type { SrtpSuiteName } from '../../src/rtp/srtp-suite.ts'
import { Phone, type PhoneOptions, skipWithoutModules } from '../support/baresip.ts'
import { settings } from '../support/media.ts'
import { freePorts } from '../support/ports.ts'
import { eventually, Program, skipWithout } from '../support/programs.ts'
import { copyOfConf, folderForTest, Server } from '../support/server.ts'
import { srtpKey } from '../support/srtp.ts'
import { lastOf, readRecording, shareOf } from '../support/wav.ts'

const skipPrograms = skipWithout('ffmpeg', 'gst-launch-1.0', 'gst-inspect-1.0') || skipElements()
const skipPhones = skipWithout('baresip') || skipWithoutModules(['srtp'])
const frequency = 620
const ourSsrc = 0x0badcafe

/** GStreamer's parts come in several packages. */
function skipElements(): string | false {
  const missing = ['audiotestsrc', 'udpsrc', 'rtppcmupay', 'srtpenc'].filter(
    (name) => spawnSync('gst-inspect-1.0', ['--exists', name]).status !== 0,
  )
  return missing.length > 0 && `GStreamer lacks ${missing.join(' ')}`
}

/** Another program's sender or receiver of a tone; ports of 127.0.0.1. */
interface Peer {
  send(key: SrtpKey, port: number): Program
  receive(key: SrtpKey, port: number, folder: string, wav: string): Program
}

const base64 = ({ key }: SrtpKey) => Buffer.from(key).toString('base64')

const ffmpeg: Peer = {
  send: (key, port) =>
    new Program('ffmpeg', [
      ...['-hide_banner', '-re', '-f', 'lavfi'],
      ...['-i', `sine=frequency=${frequency}:sample_rate=8000`, '-ac', '1', '-c:a', 'pcm_mulaw'],
      ...['-f', 'rtp', '-srtp_out_suite', key.suite, '-srtp_out_params', base64(key)],
      `srtp://127.0.0.1:${port}?pkt_size=172`,
    ]),
  receive(key, port, folder, wav) {
    const sdp = join(folder, 'receive.sdp')
    writeFileSync(
      sdp,
      `v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio ${port} RTP/SAVP 0\na=crypto:1 ${key.suite} inline:${base64(key)}\n`,
    )
    return new Program('ffmpeg', [
      ...['-hide_banner', '-y', '-protocol_whitelist', 'file,udp,rtp,srtp,crypto'],
      ...['-flags', 'low_delay', '-analyzeduration', '0', '-i', sdp],
      ...['-c:a', 'pcm_s16le', '-flush_packets', '1', wav],
    ])
  },
}

const gstreamerNames: Partial<Record<SrtpSuiteName, readonly [cipher: string, auth: string]>> = {
  AES_CM_128_HMAC_SHA1_80: ['aes-128-icm', 'hmac-sha1-80'],
  AES_CM_128_HMAC_SHA1_32: ['aes-128-icm', 'hmac-sha1-32'],
  AES_CM_256_HMAC_SHA1_80: ['aes-256-icm', 'hmac-sha1-80'],
  AES_CM_256_HMAC_SHA1_32: ['aes-256-icm', 'hmac-sha1-32'],
  AEAD_AES_128_GCM: ['aes-128-gcm', 'null'],
  AEAD_AES_256_GCM: ['aes-256-gcm', 'null'],
}

function gstreamerSuite(key: SrtpKey): readonly [cipher: string, auth: string] {
  const names = gstreamerNames[key.suite]
  assert.ok(names, `GStreamer has no ${key.suite}`)
  return names
}

const hex = ({ key }: SrtpKey) => Buffer.from(key).toString('hex')

const gstreamer: Peer = {
  send(key, port) {
    const [cipher, auth] = gstreamerSuite(key)
    return new Program('gst-launch-1.0', [
      ...['audiotestsrc', `freq=${frequency}`, 'is-live=true', 'samplesperbuffer=160', '!'],
      ...['audio/x-raw,rate=8000,channels=1', '!', 'mulawenc', '!'],
      ...['rtppcmupay', 'min-ptime=20000000', 'max-ptime=20000000', '!'],
      ...['srtpenc', `key=${hex(key)}`, `rtp-cipher=${cipher}`, `rtp-auth=${auth}`],
      ...[`rtcp-cipher=${cipher}`, `rtcp-auth=${auth}`, '!'],
      ...['udpsink', 'host=127.0.0.1', `port=${port}`, 'sync=false'],
    ])
  },
  receive(key, port, _folder, wav) {
    const [cipher, auth] = gstreamerSuite(key)
    const names = ['srtp', 'srtcp'].map((kind) => `${kind}-cipher=${cipher},${kind}-auth=${auth}`)
    const caps = `application/x-srtp,media=audio,clock-rate=8000,encoding-name=PCMU,payload=0,ssrc=(uint)${ourSsrc},roc=(uint)0,srtp-key=(buffer)${hex(key)},${names.join()}`
    return new Program('gst-launch-1.0', [
      ...['udpsrc', 'address=127.0.0.1', `port=${port}`, `caps=${caps}`, '!', 'srtpdec', '!'],
      ...['rtppcmudepay', '!', 'mulawdec', '!', 'wavenc', '!', 'filesink', `location=${wav}`],
      'buffer-mode=unbuffered',
    ])
  },
}

for (const [from, sender, received, to, receiver, sent] of [
  ['ffmpeg', ffmpeg, 'AES_CM_128_HMAC_SHA1_80', 'GStreamer', gstreamer, 'AEAD_AES_256_GCM'],
  ['GStreamer', gstreamer, 'AEAD_AES_128_GCM', 'ffmpeg', ffmpeg, 'AES_CM_128_HMAC_SHA1_32'],
  ['ffmpeg', ffmpeg, 'AES_CM_128_HMAC_SHA1_32', 'ffmpeg', ffmpeg, 'AES_CM_128_HMAC_SHA1_80'],
  ['GStreamer', gstreamer, 'AES_CM_256_HMAC_SHA1_80', 'GStreamer', gstreamer, 'AEAD_AES_128_GCM'],
  ['GStreamer', gstreamer, 'AEAD_AES_256_GCM', 'GStreamer', gstreamer, 'AES_CM_256_HMAC_SHA1_32'],
] as const) {
  test(`${from} with ${received} is heard by ${to} with ${sent}`, {
    skip: skipPrograms,
  }, async () => {
    using folder = folderForTest()
    const first = await freePorts(20)
    await using engine = await startMediaEngine({
      workers: 0,
      rtpStartPort: first,
      rtpEndPort: first + 9,
    })
    const address = '127.0.0.1'
    const a = await engine.openLeg({ uuid: 'a', address })
    const b = await engine.openLeg({ uuid: 'b', address, near: a, ssrc: ourSsrc })
    const unused = srtpKey('AES_CM_128_HMAC_SHA1_80', 1)
    const into = srtpKey(received, 21)
    const out = srtpKey(sent, 42)
    a.configure(settings(first + 18, { crypto: { send: unused, receive: into } }))
    b.configure(settings(first + 10, { crypto: { send: out, receive: unused } }))
    a.bridge(b)
    const wav = join(folder.path, 'heard.wav')
    await using hearing = receiver.receive(out, first + 10, folder.path, wav)
    await using speaking = sender.send(into, a.localPort)
    await eventually(
      `${to} to hear ${frequency} Hz`,
      () => {
        const last = lastOf(readRecording(wav), 1000)
        return last.samples.length >= 8000 && shareOf(last, frequency) > 0.9
      },
      60_000,
      async () => ({
        figures: (await engine.figures()).dropped,
        stats: await a.stats(),
        hearing: hearing.text.slice(-1500),
        speaking: speaking.text.slice(-500),
      }),
    )
    // ffmpeg's receiver reports in the clear, as it was given no key to send with.
    const dropped = Object.keys((await engine.figures()).dropped)
    assert.deepEqual(
      dropped.filter((reason) => reason !== 'SRTCP not authentic'),
      [],
    )
  })
}

type Encryption = NonNullable<PhoneOptions['encryption']>

for (const [what, first, second, wish] of [
  ['SRTP on both sides', 'srtp-mand', 'srtp-mand', 'true'],
  ['SRTP at the caller alone', 'srtp-mand', undefined, 'false'],
  ['SRTP at the callee alone', undefined, 'srtp-mand', 'mandatory:AES_CM_128_HMAC_SHA1_80'],
  ['SRTP offered to a callee that takes it either way', undefined, 'srtp', 'optional'],
  ['SRTP offered to a callee that has none', 'srtp-mand', undefined, 'optional'],
] as const satisfies readonly (readonly [
  string,
  Encryption | undefined,
  Encryption | undefined,
  string,
])[]) {
  test(`baresip phones hear each other: ${what}`, { skip: skipPhones }, async () => {
    using folder = folderForTest()
    const conf = copyOfConf(join(folder.path, 'conf'), {
      'dialplan/default.xml': (text) =>
        text.replace(
          /<context name="default">/,
          (line) =>
            `${line}<extension name="to secure phones"><condition field="destination_number" expression="^77(1001)$"><action application="bridge" data="{rtp_secure_media=${wish}}user/$1"/></condition></extension>`,
        ),
    })
    await using server = await Server.start({ conf, rtpPorts: 40 })
    const port = server.ports.internal
    const phone = (user: string, tone: number, encryption: Encryption | undefined) =>
      Phone.start({ server: port, user, tone, ...(encryption && { encryption }) })
    await using caller = await phone('1000', 440, first)
    await using callee = await phone('1001', 1000, second)
    await Promise.all([caller.registered(), callee.registered()])
    await caller.dial('771001')
    await callee.event('CALL_INCOMING')
    await callee.accept()
    await Promise.all([caller.event('CALL_ESTABLISHED'), callee.event('CALL_ESTABLISHED')])
    await Promise.all([caller.hears(1000), callee.hears(440)])
    // What was announced before this answer has come before it.
    const channels = await server.api('show channels')
    const secured = server.events.filter(({ name }) => name === 'CALL_SECURE').length
    const expected = [first, second].filter((encryption) => encryption !== undefined).length
    assert.equal(secured, expected, channels)
    assert.doesNotMatch(await server.api('counters'), /SRTP/)
    await caller.hangUp()
    await Promise.all([caller.event('CALL_CLOSED'), callee.event('CALL_CLOSED')])
    await server.isIdle()
  })
}

test('baresip with keys by DTLS and no ICE: it calls a phone in the clear, and is called by it', {
  skip: skipWithout('baresip') || skipWithoutModules(['dtls_srtp']),
}, async () => {
  using folder = folderForTest()
  const conf = copyOfConf(join(folder.path, 'conf'), {
    'dialplan/default.xml': (text) =>
      text.replace(
        /<context name="default">/,
        (line) =>
          `${line}<extension name="by DTLS"><condition field="destination_number" expression="^88(1000)$"><action application="bridge" data="{rtp_use_dtls=true}user/$1"/></condition></extension>`,
      ),
  })
  await using server = await Server.start({ conf, rtpPorts: 40 })
  const port = server.ports.internal
  await using secure = await Phone.start({
    server: port,
    user: '1000',
    tone: 440,
    encryption: 'dtls_srtp',
  })
  await using plain = await Phone.start({ server: port, user: '1001', tone: 1000 })
  await Promise.all([secure.registered(), plain.registered()])
  for (const [from, to, number] of [
    [secure, plain, '1001'],
    [plain, secure, '881000'],
  ] as const) {
    await from.dial(number)
    await to.event('CALL_INCOMING')
    await to.accept()
    await Promise.all([from.event('CALL_ESTABLISHED'), to.event('CALL_ESTABLISHED')])
    await Promise.all([secure.hears(1000), plain.hears(440)])
    await from.hangUp()
    await Promise.all([from.event('CALL_CLOSED'), to.event('CALL_CLOSED')])
    await server.isIdle()
  }
  const types = server.events
    .filter(({ name }) => name === 'CALL_SECURE')
    .map(({ headers }) => headers.get('secure_type'))
  assert.equal(types.length, 2)
  for (const type of types) assert.match(type ?? '', /^srtp:dtls:A/)
})
