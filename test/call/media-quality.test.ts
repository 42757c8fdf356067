/** Quality that can be seen: a bad line in variables, commands and events, and `media why` for what goes wrong in calls. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SwitchEvent } from '../../src/core/events.ts'
import type { LegDescription, MediaLeg } from '../../src/media/engine.ts'
import { writeReports } from '../../src/rtp/rtcp.ts'
import { Impairment } from '../support/impairment.ts'
import { phone, settled, startEngine } from '../support/media.ts'
import type { PhoneCall } from '../support/phone.ts'
import { RtpPeer } from '../support/rtp-peer.ts'
import { type SipSwitch, type SipSwitchOptions, startSipSwitch } from '../support/sip-switch.ts'
import { peerCipher, srtpKey } from '../support/srtp.ts'
import { until } from '../support/until.ts'

interface Talk {
  readonly out: PhoneCall
  readonly into: PhoneCall
  readonly a: string
  readonly b: string
}

async function talk(
  sw: SipSwitch,
  edit: (sdp: string) => string = (sdp) => sdp,
  number = '1001',
  codecs?: readonly number[],
): Promise<Talk> {
  const caller = await sw.phone('1000')
  const called = await sw.phone('1001')
  assert.equal((await called.register()).status, 200)
  const out = await caller.call(number, { edit })
  const into = await called.incoming()
  into.answer(codecs)
  assert.equal((await out.outcome()).status, 200)
  await sw.event('CHANNEL_BRIDGE')
  const uuid = (direction: string) =>
    sw.sw.channels.list().find((channel) => channel.direction === direction)?.uuid ?? ''
  return { out, into, a: uuid('inbound'), b: uuid('outbound') }
}

function open(options: SipSwitchOptions = {}): Promise<SipSwitch> {
  return startSipSwitch(options)
}

/** Asks a leg until it is as looked for. */
async function described(
  leg: MediaLeg,
  holds: (description: LegDescription) => boolean,
): Promise<LegDescription> {
  let description: LegDescription | undefined
  await until(
    async () => {
      description = await leg.describe()
      return description !== undefined && holds(description)
    },
    'a leg to be as looked for',
    () => description?.drops,
  )
  return description!
}

/** Asks until the answer has what is looked for. */
async function told(sw: SipSwitch, line: string, wanted: RegExp): Promise<string> {
  let text = ''
  await until(
    async () => {
      text = await sw.api(line)
      return wanted.test(text)
    },
    `${line} to have ${wanted}`,
    () => text,
  )
  return text
}

function variableOf(dump: string, name: string): number {
  const value = new RegExp(`^variable_rtp_audio_${name}: (\\S+)$`, 'm').exec(dump)?.[1]
  assert.ok(value !== undefined, `${name} is in\n${dump}`)
  return Number(value)
}

test('loss and jitter of a line: in uuid_dump, mediaStats, media, the variables and the events, all the same', async () => {
  await using sw = await open({ settings: { 'rtcp-audio-interval-msec': '400' } })
  const { out, into, a } = await talk(sw)
  // Before the line: what is sent to a bad line comes back by it.
  await into.rtp.tone(880, 10)
  await using line = await Impairment.open(out.rtp.target, { loss: 0.08, jitter: 25, seed: 5 })
  out.rtp.target = line.port
  await out.rtp.tone(440, 250)
  let dump = ''
  await until(
    async () => {
      dump = await sw.api(`uuid_dump ${a}`)
      const { length } = line.passed
      return length + line.lost === 250 && variableOf(dump, 'in_packet_count') === length
    },
    'all packets to have come',
    () => dump,
  )
  const loss = variableOf(dump, 'in_jitter_loss_rate')
  assert.ok(Math.abs(loss - line.lossRate * 100) < 0.5, `${loss} %, was ${line.lossRate * 100} %`)
  const jitter = variableOf(dump, 'in_jitter')
  assert.ok(Math.abs(jitter - line.jitter()) < Math.max(2, line.jitter() * 0.15), `${jitter} ms`)
  const lost = variableOf(dump, 'in_lost_packet_count')
  assert.equal(variableOf(dump, 'in_flaw_total'), lost)
  const mos = variableOf(dump, 'in_mos')
  assert.ok(mos > 2 && mos < 4.1, `${mos}`)
  assert.ok(Math.abs(variableOf(dump, 'in_quality_percentage') - (100 - loss)) < 0.02)
  assert.equal(sw.sw.channels.get(a)?.variables.get('rtp_audio_in_mos'), undefined)
  assert.equal(await sw.api(`uuid_set_media_stats ${a}`), '+OK Success\n')
  assert.equal(Number(sw.sw.channels.get(a)?.variables.get('rtp_audio_in_flaw_total')), lost)

  const stats = JSON.parse(
    await sw.api(`json {"command":"mediaStats","data":{"uuid":"${a}"}}`),
  ) as { response: { audio: Record<string, number> } }
  assert.equal(stats.response.audio['in_lost_packet_count'], lost)
  const rows = JSON.parse(await sw.api('media json')) as {
    legs: { uuid: string; lossPercent: number; mos: number }[]
  }
  const row = rows.legs.find(({ uuid }) => uuid === a)
  assert.ok(Math.abs((row?.lossPercent ?? 0) - loss) < 0.1)
  assert.match(await sw.api('media'), /^2 legs with sound: /)
  const why = await sw.api(`media why ${a}`)
  assert.match(why, /likely cause: leg A: [\d.]+ % of its packets do not come in time/)

  // What the far end reports of what we send.
  const ssrc = Number(sw.sw.channels.get(a)?.variables.get('rtp_use_ssrc'))
  const block = { ssrc, fraction: 51, lost: 4, highest: 20, jitter: 80, lastReport: 0, delay: 0 }
  const report = writeReports(out.rtp.ssrc, 'phone', undefined, block, false)
  const target = line.target + 1
  out.rtp.socket.send(report, target, '127.0.0.1')
  const event = await sw.event('RECV_RTCP_MESSAGE')
  assert.equal(event.get('Unique-ID'), a)
  assert.equal(event.get('SSRC'), '00001000')
  assert.equal(event.get('Source0-SSRC'), ssrc.toString(16).padStart(8, '0'))
  assert.equal(event.get('Source0-Fraction'), '51')
  assert.equal(event.get('Source0-Lost'), '4')
  assert.equal(event.get('Source0-Jitter'), '80')
  assert.equal(event.get('RTP-Rate'), '8000')
  // The first ones may have gone before anything came.
  const isAboutIt = (one: SwitchEvent) => one.get('Source0-SSRC') === '00001000'
  await sw.event('SEND_RTCP_MESSAGE', (one) => one.get('Unique-ID') === a && isAboutIt(one))
  assert.match(
    await sw.api(`media why ${a}`),
    /line out +the far end misses 4 packets, jitter 10\.0 ms/,
  )

  await out.bye()
  const end = await sw.event('CHANNEL_HANGUP_COMPLETE', (one) => one.get('Unique-ID') === a)
  const ended = (name: string) => Number(end.get(`variable_rtp_audio_${name}`))
  assert.equal(ended('in_flaw_total'), lost)
  assert.equal(ended('in_jitter_loss_rate'), loss)
  assert.equal(ended('out_lost_packet_count'), 4)
  assert.ok(ended('rtcp_packet_count') >= 1)
  assert.ok(ended('in_jitter_burst_rate') >= 0 && ended('in_largest_jb_size') === 0)
  assert.ok(Math.abs(ended('in_mos') - mos) < 0.15)
})

test('nothing is measured, nothing is invented', async () => {
  await using sw = await open()
  const { out, a } = await talk(sw)
  const dump = await sw.api(`uuid_dump ${a}`)
  assert.match(dump, /^variable_rtp_audio_in_packet_count: 0$/m)
  assert.doesNotMatch(dump, /rtp_audio_in_(mos|quality_percentage|jitter_min_variance)/)
  assert.match(await sw.api('media'), /^- +- +- /m)
  await out.bye()
  const end = await sw.event('CHANNEL_HANGUP_COMPLETE', (one) => one.get('Unique-ID') === a)
  assert.equal(end.get('variable_rtp_audio_in_mos'), undefined)
})

test('media why: a phone behind NAT that never sends, and one that goes silent', async () => {
  await using sw = await open()
  const { into, a } = await talk(sw, (sdp) => sdp.replace(/^c=.*$/m, 'c=IN IP4 10.0.0.5'))
  await into.rtp.tone(880, 20)
  const nat = await told(sw, `media why ${a}`, /behind NAT and never sent a packet/)
  assert.match(nat, /^ {2}SILENT /m)
  assert.match(nat, /likely cause: leg A: we send to 10\.0\.0\.5:\d+ but nothing comes back/)
  // The other one spoke a moment ago, and then no more.
  await told(sw, `media why ${a}`, /leg B: 20 packets came, and none for \d+ s/)
  const json = JSON.parse(await sw.api(`media why ${a} json`)) as {
    legs: { uuid: string; silentSince: number | null; causes: string[] }[]
  }
  assert.equal(json.legs.length, 2)
  assert.ok(json.legs.every(({ silentSince }) => silentSince !== null))
})

test('media why: payload types that were not agreed, packets of another length, muted here, on hold', async () => {
  await using sw = await open()
  const { out, into, a } = await talk(sw)
  for (let i = 0; i < 12; i++) await out.rtp.packet(Buffer.alloc(20), 18, 160)
  await told(sw, `media why ${a}`, /payload type 18 \(G729\) that was not agreed: 12 dropped/)
  await Promise.all([out.rtp.tone(440, 25), into.rtp.tone(440, 5)])
  for (let i = 0; i < 12; i++) await into.rtp.packet(Buffer.alloc(240, 0xff), 0, 240)
  await told(sw, `media why ${a}`, /leg B: the peer's packets are 30 ms though the SDP says 20 ms/)
  assert.equal(await sw.api(`uuid_audio ${a} start read mute 1`), '+OK\n')
  await told(
    sw,
    `media why ${a}`,
    /leg A: muted here by uuid_audio or set_mute: what this party says/,
  )
  assert.equal(await sw.api(`uuid_audio ${a} stop`), '+OK\n')
  assert.equal((await out.reinvite([0, 101], 'sendonly')).status, 200)
  await told(sw, `media why ${a}`, /leg A: one-way: the far end is on hold \(a=sendonly\)/)
})

test('media why: past this server', async () => {
  await using sw = await open({
    extensions: { '2003': ['set:bypass_media=true', 'bridge:sofia/internal/1001%example.test'] },
  })
  const { a } = await talk(sw, undefined, '2003')
  await told(
    sw,
    `media why ${a}`,
    /likely cause: leg A: the parties send to each other past this server/,
  )
})

test('media why: keys that differ, and a source that is not the party', async () => {
  await using engine = await startEngine()
  const suite = 'AES_CM_128_HMAC_SHA1_80'
  const crypto = { send: srtpKey(suite, 1), receive: srtpKey(suite, 2) }
  const { leg, peer } = await phone(engine, { crypto })
  peer.cipher = peerCipher(srtpKey(suite, 3), crypto.send)
  await settled(leg)
  await peer.tone(440, 30, 'PCMU', 0)
  const refused = await described(leg, ({ drops }) => drops['SRTP not authentic'] === 30)
  assert.equal(refused.suite, suite)
  assert.equal(refused.stats.in.packets, 0)
  assert.equal(JSON.stringify(refused).includes('"key"'), false, 'no key leaves the worker')

  const other = await phone(engine, { latch: false })
  const stranger = await RtpPeer.open()
  stranger.target = other.leg.localPort
  await settled(other.leg)
  await stranger.tone(440, 12, 'PCMU', 0)
  const foreign = await described(other.leg, ({ drops }) => drops['source'] === 12)
  assert.equal(foreign.strangeSource, `127.0.0.1:${stranger.port}`)
  assert.equal((await engine.figures()).dropped['source'], 12, 'the worker counts it, too')
  for (const one of [peer, other.peer, stranger]) await one[Symbol.asyncDispose]()
})

test('a jitter buffer and what it made up: in the figures of the call', async () => {
  await using sw = await open({
    modules: ['mod_spandsp'],
    settings: { 'outbound-codec-prefs': 'G722' },
    extensions: {
      '2004': [
        'set:jitterbuffer_msec=60:300',
        'set:rtp_jitter_buffer_during_bridge=true',
        'answer',
        'bridge:sofia/internal/1001%example.test',
      ],
    },
  })
  const { out, a } = await talk(sw, undefined, '2004', [9, 101])
  await using line = await Impairment.open(out.rtp.target, { loss: 0.1, jitter: 20, seed: 9 })
  out.rtp.target = line.port
  await out.rtp.tone(440, 150)
  const dump = await sw.api(`uuid_dump ${a}`)
  assert.ok(variableOf(dump, 'in_largest_jb_size') >= 2)
  assert.ok(variableOf(dump, 'in_jb_depth') >= 0)
  const made = variableOf(dump, 'in_concealed_packet_count')
  const lost = variableOf(dump, 'in_lost_packet_count')
  // Where the phone stood still there was nothing to be made of.
  const most = lost * 2 + 10 + out.rtp.stoodStillMs / 20
  assert.ok(made > lost / 2 && made < most, `${made} made up for ${lost} lost`)
  assert.match(
    await sw.api(`media why ${a}`),
    /sound in +PCMU .*coded anew for the other party[\s\S]*buffer +holds [\d.]+ ms, .*packets made up/,
  )
})

test('media: what cannot be asked', async () => {
  await using sw = await open()
  assert.match(await sw.api('media why'), /^-USAGE: /)
  assert.match(await sw.api('media nonsense'), /^-USAGE: /)
  assert.equal(await sw.api('media why 1234'), '-ERR no call has the uuid 1234\n')
  assert.equal(await sw.api('uuid_set_media_stats 1234'), '-ERR Operation failed\n')
  assert.match(await sw.api('media'), /^0 legs with sound/)
})
