/** Detectors on whole calls: tones, answering machines, beeps, loudness, voice; what they set, say and start. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Channel } from '../../src/core/channel.ts'
import { hears } from '../support/ears.ts'
import { pressKeys } from '../support/keys.ts'
import type { PhoneCall } from '../support/phone.ts'
import { type SipSwitch, startSipSwitch } from '../support/sip-switch.ts'
import { join, rhythm, silence, spoken } from '../support/speech.ts'
import { toneFrom } from '../support/tone.ts'
import { until } from '../support/until.ts'

const tone = (frequency: number, ms: number) => toneFrom(0, frequency, 8000, ms * 8)

/** Calls an extension of the context; the call and its channel. */
async function call(
  sw: SipSwitch,
  extension: string,
): Promise<{ call: PhoneCall; channel: Channel }> {
  const phone = await sw.phone('1000')
  const made = await phone.call(extension)
  await made.response(200)
  return { call: made, channel: sw.sw.channels.list()[0]! }
}

/** A channel of ours to a phone that answers. */
async function reach(
  sw: SipSwitch,
  application: string,
): Promise<{ call: PhoneCall; channel: Channel }> {
  const phone = await sw.phone('1001')
  await phone.register()
  void sw.api(`originate sofia/internal/1001%example.test ${application}`)
  const made = await phone.incoming()
  made.answer()
  await sw.event('CHANNEL_ANSWER')
  return { call: made, channel: sw.sw.channels.list()[0]! }
}

const named = (sw: SipSwitch, name: string) => sw.events.filter((event) => event.name === name)

describe('tone_detect', () => {
  const extensions = {
    '3001': ['answer', 'tone_detect:fax 1100 r +60 set heard=yes', 'park'],
    '3002': ['answer', 'tone_detect:busy 480,620 r 0 set heard=yes 3', 'park'],
    '3003': ['answer', 'set:execute_on_tone_detect=set hook=yes', 'fax_detect', 'park'],
    '3004': [
      'answer',
      'tone_detect',
      'tone_detect:x',
      'tone_detect:x none',
      'tone_detect:x 1100 r nonsense',
      'set:after=yes',
      'park',
    ],
    '3005': ['answer', 'tone_detect:own 1700 w', 'playback:tone_stream://%(600,0,1700)', 'park'],
  }

  it('fires once on 1100 Hz, runs its application and says how long it took', async () => {
    await using sw = await startSipSwitch({ extensions })
    const began = performance.now()
    const { call: made, channel } = await call(sw, '3001')
    await sw.event('CHANNEL_PARK')
    assert.match(await sw.api(`uuid_buglist ${channel.uuid}`), /tone_detect/)
    await made.rtp.sound(join([tone(1000, 300), tone(1100, 1600), silence(300), tone(1100, 800)]))
    await sw.until(() => channel.variables.get('heard') === 'yes')
    const found = named(sw, 'DETECTED_TONE')
    assert.deepEqual(
      found.map((event) => event.get('Detected-Tone')),
      ['fax'],
    )
    assert.equal(found[0]?.get('Unique-ID'), channel.uuid)
    const ms = Number(channel.variables.get('tone_detect_fax_total_time'))
    assert.ok(ms > 300 && ms <= performance.now() - began, `${ms} ms`)
    assert.doesNotMatch(await sw.api(`uuid_buglist ${channel.uuid}`), /tone_detect/)
  })

  it('wants so many hits of both frequencies, and the command begins it anew', async () => {
    await using sw = await startSipSwitch({ extensions })
    const { call: made, channel } = await call(sw, '3002')
    await sw.event('CHANNEL_PARK')
    const both = tone(480, 250).map((value, i) => (value + tone(620, 250)[i]!) / 2)
    await made.rtp.sound(join([both, silence(600), both, silence(600)]))
    assert.equal(named(sw, 'DETECTED_TONE').length, 0)
    await made.rtp.sound(both)
    await sw.until(() => channel.variables.get('heard') === 'yes')
    assert.equal(named(sw, 'DETECTED_TONE').length, 1)
    const again = `tone_detect ${channel.uuid} one 900 r +9 set again=yes`
    assert.equal(await sw.api(again), "+OK Enabling tone detection 'one' '900' 'r'\n")
    await made.rtp.sound(tone(900, 400))
    await sw.until(() => channel.variables.get('again') === 'yes')
    assert.equal(await sw.api(`tone_detect 0000 x 1100`), '-ERR Cannot locate session!\n')
    assert.equal(await sw.api('tone_detect'), '')
  })

  it('runs execute_on_tone_detect, and notices what is played to the party with w', async () => {
    await using sw = await startSipSwitch({ extensions })
    const { call: made, channel } = await call(sw, '3003')
    await sw.event('CHANNEL_PARK')
    await made.rtp.sound(tone(1100, 600))
    await sw.until(() => channel.variables.get('hook') === 'yes')
    await made.bye()
    await sw.sw.channels.untilEmpty()
    await call(sw, '3005')
    const event = await sw.event('DETECTED_TONE', (one) => one.get('Detected-Tone') === 'own')
    assert.ok(event)
  })

  it('says what is wrong with its words and goes on', async () => {
    await using sw = await startSipSwitch({ extensions })
    const { channel } = await call(sw, '3004')
    await sw.until(() => channel.variables.get('after') === 'yes')
  })
})

describe('amd and avmd', () => {
  const modules = ['mod_amd', 'mod_avmd']
  const extensions = {
    '3101': ['answer', 'amd', 'set:after=yes', 'park'],
    '3102': ['answer', 'amd:initial_silence=300', 'set:after=yes', 'park'],
    '3103': ['answer', 'avmd_start', 'set:after=yes', 'park'],
  }

  it('a short hello and silence is HUMAN, a long greeting MACHINE', async () => {
    await using sw = await startSipSwitch({ modules, extensions })
    const hello = spoken('Hello?') ?? rhythm([500])
    const greeting =
      spoken('You have reached the voice mail of Peter Smith. Please leave a message.') ??
      rhythm([2500])
    for (const [sound, result] of [
      [hello, 'HUMAN'],
      [greeting, 'MACHINE'],
    ] as const) {
      const { call: made, channel } = await call(sw, '3101')
      const speaking = made.rtp.sound(join([silence(300), sound, silence(1500)]))
      await sw.until(() => channel.variables.get('after') === 'yes')
      assert.equal(channel.variables.get('amd_result'), result, channel.variables.get('amd_cause'))
      await speaking
      await made.bye()
      await sw.sw.channels.untilEmpty()
    }
  })

  it('a party that sends nothing is a machine by its silence; the time can be set', async () => {
    await using sw = await startSipSwitch({ modules, extensions })
    const { channel } = await call(sw, '3102')
    await sw.until(() => channel.variables.get('after') === 'yes')
    const { variables } = channel
    assert.deepEqual(
      [variables.get('amd_result'), variables.get('amd_cause')],
      ['MACHINE', 'INITIALSILENCE'],
    )
  })

  it('avmd finds the beep behind a greeting within 200 ms, once, and tells when it stops', async () => {
    await using sw = await startSipSwitch({ modules, extensions })
    const { call: made, channel } = await reach(sw, '&park()')
    await sw.event('CHANNEL_PARK')
    assert.match(await sw.api(`avmd ${channel.uuid} start`), /^\+OK\n .* started!/)
    assert.match(await sw.api(`avmd ${channel.uuid} start`), /already started/)
    const greeting = spoken('Please leave a message after the tone.') ?? rhythm([1500])
    await made.rtp.sound(join([greeting, silence(300)]))
    assert.equal(channel.variables.get('avmd_detect'), 'FALSE')
    const first = made.rtp.sequence
    const beeping = made.rtp.sound(join([tone(1000, 400), silence(200), tone(1000, 300)]))
    const event = await sw.event('CUSTOM', (one) => one.get('Event-Subclass') === 'avmd::beep')
    // Of the sound, not of the wall's time. The detector needs 112 to 130 ms; the rest may be on its way.
    const took = (made.rtp.sequence - first) * 20
    assert.ok(took < 400, `${took} ms`)
    assert.ok(Math.abs(Number(event.get('Frequency')) - 1000) < 10, event.get('Frequency'))
    assert.equal(event.get('Beep-Status'), 'DETECTED')
    assert.equal(channel.variables.get('avmd_detect'), 'TRUE')
    await beeping
    assert.match(await sw.api(`avmd ${channel.uuid} stop`), /stopped/)
    const end = await sw.event('CUSTOM', (one) => one.get('Event-Subclass') === 'avmd::stop')
    assert.equal(end.get('Beep-Status'), 'DETECTED')
    const found = named(sw, 'CUSTOM').filter((one) => one.get('Event-Subclass') === 'avmd::beep')
    assert.equal(found.length, 1)
    assert.match(await sw.api(`avmd ${channel.uuid} stop`), /not yet been started/)
  })

  it('avmd refuses channels that its configuration leaves out', async () => {
    await using sw = await startSipSwitch({ modules, extensions })
    const { channel } = await call(sw, '3103')
    await sw.until(() => channel.variables.get('after') === 'yes')
    assert.equal(channel.variables.get('avmd_detect'), undefined)
  })
})

describe('call progress by rhythm', () => {
  const configuration = `<configuration name="spandsp.conf"><descriptors><descriptor name="1">
<tone name="BUSY_TONE"><element freq1="480" freq2="620" min="464" max="536"/><element freq1="0" freq2="0" min="464" max="572"/>
<element freq1="480" freq2="620" min="464" max="536"/></tone>
<tone name="BAD"><element freq1="x" freq2="0" min="1" max="2"/></tone></descriptor></descriptors></configuration>`

  it('hears the tones of a descriptor of spandsp.conf.xml', async () => {
    await using sw = await startSipSwitch({
      modules: ['mod_spandsp'],
      configuration,
      extensions: { '3201': ['answer', 'spandsp_start_tone_detect:1', 'park'] },
    })
    const { call: made, channel } = await call(sw, '3201')
    await sw.event('CHANNEL_PARK')
    const both = tone(480, 500).map((value, i) => (value + tone(620, 500)[i]!) / 2)
    // A busy machine stands still now and then: what is read late is no pause of the tone.
    const standsStill = setTimeout(
      () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250),
      200,
    )
    await made.rtp.sound(join([both, silence(500), both, silence(500)]))
    clearTimeout(standsStill)
    const event = await sw.event('DETECTED_TONE')
    assert.equal(event.get('Detected-Tone'), 'BUSY_TONE')
    const { uuid } = channel
    assert.equal(await sw.api(`spandsp_stop_tone_detect ${uuid}`), '+OK\n')
    assert.match(await sw.api(`spandsp_start_tone_detect ${uuid} 99`), /^-ERR/)
    assert.equal(await sw.api(`spandsp_start_tone_detect ${uuid} 1`), '+OK\n')
  })
})

describe('loudness and voice', () => {
  const extensions = {
    '3301': ['answer', 'wait_for_silence:200 10 5 8000', 'set:after=yes', 'park'],
    '3302': ['answer', 'wait_for_silence:200 10 5 400', 'set:after=yes', 'park'],
    '3303': ['answer', 'detect_audio:500 5 8000', 'set:after=yes', 'park'],
    '3304': ['answer', 'detect_silence:500 5 8000', 'set:after=yes', 'park'],
    '3305': ['answer', 'vad_test'],
    '3306': [
      'answer',
      'wait_for_silence:200 10 5 9000 tone_stream://%(200,0,400)',
      'set:after=yes',
      'park',
    ],
  }

  it('wait_for_silence ends behind speech, at its time-out, or with its file, and says which', async () => {
    await using sw = await startSipSwitch({ extensions })
    const first = await call(sw, '3301')
    await first.call.rtp.sound(rhythm([400, 100]))
    await sw.until(() => first.channel.variables.get('after') === 'yes')
    const { variables } = first.channel
    assert.equal(variables.get('wait_for_silence_timeout'), 'false')
    assert.equal(variables.get('wait_for_silence_silence_hits'), '0')
    assert.ok(Number(variables.get('wait_for_silence_listenhits')) > 5)
    await first.call.bye()
    await sw.sw.channels.untilEmpty()
    const second = await call(sw, '3302')
    await sw.until(() => second.channel.variables.get('after') === 'yes')
    assert.equal(second.channel.variables.get('wait_for_silence_timeout'), 'true')
    await second.call.bye()
    await sw.sw.channels.untilEmpty()
    const third = await call(sw, '3306')
    await sw.until(() => third.channel.variables.get('after') === 'yes')
    assert.equal(third.channel.variables.get('wait_for_silence_timeout'), undefined)
  })

  it('detect_audio waits for sound, detect_silence for its end', async () => {
    await using sw = await startSipSwitch({ extensions })
    const loud = await call(sw, '3303')
    const speaking = loud.call.rtp.sound(rhythm([1000]))
    await sw.until(() => loud.channel.variables.get('after') === 'yes')
    assert.equal(loud.channel.variables.get('detect_audio_timeout'), 'false')
    await speaking
    await loud.call.bye()
    await sw.sw.channels.untilEmpty()
    const quiet = await call(sw, '3304')
    await sw.until(() => quiet.channel.variables.get('after') === 'yes')
    assert.equal(quiet.channel.variables.get('detect_silence_timeout'), 'false')
  })

  it('vad_test sends speech back and nothing of the silence', async () => {
    await using sw = await startSipSwitch({ extensions })
    const { call: made } = await call(sw, '3305')
    await made.rtp.sound(silence(500))
    assert.equal(made.rtp.arrived.length, 0)
    await made.rtp.sound(tone(700, 1000))
    assert.equal(hears(made.rtp, [700]), '700')
    await made.rtp.sound(silence(900))
    const before = made.rtp.arrived.length
    await made.rtp.sound(silence(300))
    assert.equal(made.rtp.arrived.length, before)
  })
})

describe('userspy', () => {
  it('hears every call of a user, with music in between', async () => {
    await using sw = await startSipSwitch({
      modules: ['mod_spy'],
      extensions: {
        '3401': [
          'answer',
          'set:hold_music=tone_stream://%(60000,0,1900);loops=-1',
          'userspy:1000@example.test',
        ],
        '2001': ['bridge:sofia/internal/1001%example.test'],
      },
    })
    const boss = await (await sw.phone('1002')).call('3401')
    await boss.response(200)
    await until(() => hears(boss.rtp, [1900]) === '1900', 'the music in between')
    const called = await sw.phone('1001')
    await called.register()
    const caller = await sw.phone('1000')
    for (let round = 1; round <= 2; round++) {
      const a = await caller.call('2001')
      const b = await called.incoming()
      b.answer()
      await a.response(200)
      await sw.until(() => named(sw, 'MEDIA_BUG_START').length === round)
      await Promise.all([a.rtp.tone(500, 45), b.rtp.tone(900, 45)])
      assert.equal(hears(boss.rtp, [500, 900, 1900]), '500 900')
      await pressKeys(boss.rtp, '3')
      await sw.until(() => named(sw, 'DTMF').length === round)
      await Promise.all([boss.rtp.tone(1300, 45), b.rtp.tone(900, 45)])
      assert.equal(hears(b.rtp, [1300]), '1300')
      await a.bye()
      await sw.until(() => named(sw, 'MEDIA_BUG_STOP').length === round)
    }
    await boss.bye()
    await sw.sw.channels.untilEmpty()
  })
})
