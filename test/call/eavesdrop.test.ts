/** eavesdrop, three_way, displace and loudness on whole calls, proved by the tones in what each telephone received. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Channel } from '../../src/core/channel.ts'
import { hears } from '../support/ears.ts'
import { pressKeys } from '../support/keys.ts'
import type { PhoneCall } from '../support/phone.ts'
import { type SipSwitch, startSipSwitch } from '../support/sip-switch.ts'
import { until } from '../support/until.ts'

const all = [500, 900, 1300]
const target = '${global_getvar(target)}'

const extensions = {
  '2001': ['bridge:sofia/internal/1001%example.test'],
  '2002': ['answer', 'playback:tone_stream://%(60000,0,700);loops=-1'],
  '2003': ['answer', 'park'],
  '8801': [`eavesdrop:${target}`, 'set:after=yes', 'park'],
  '8802': ['answer', 'set:eavesdrop_whisper_aleg=true', `eavesdrop:${target}`],
  '8803': ['answer', 'set:eavesdrop_bridge_bleg=true', `eavesdrop:${target}`],
  '8804': [
    'answer',
    'set:eavesdrop_require_group=sales,other',
    `eavesdrop:${target}`,
    'set:after=yes',
    'park',
  ],
  '8805': ['answer', `three_way:${target}`],
  '8806': ['set:eavesdrop_indicate_idle=tone_stream://%(200,0,1900)', 'eavesdrop:all'],
  '8807': ['answer', 'set:eavesdrop_enable_dtmf=false', `eavesdrop:${target}`],
  '8808': ['answer', `native_eavesdrop:${target} write`],
}

/** 1000 talks with 1001; the channel of 1000 is the target. */
async function talk(sw: SipSwitch): Promise<{ a: PhoneCall; b: PhoneCall; channel: Channel }> {
  const caller = await sw.phone('1000')
  const called = await sw.phone('1001')
  await called.register()
  const a = await caller.call('2001')
  const b = await called.incoming()
  b.answer()
  await a.response(200)
  await sw.until(() => sw.sw.channels.list().some((one) => one.partner !== undefined))
  const channel = sw.sw.channels.list().find((one) => one.direction === 'inbound')!
  await sw.api(`global_setvar target=${channel.uuid}`)
  return { a, b, channel }
}

async function spyOn(sw: SipSwitch, extension: string): Promise<PhoneCall> {
  const phone = await sw.phone('1002')
  const call = await phone.call(extension)
  await Promise.race([call.response(200), call.response(183).catch(() => undefined)])
  return call
}

/** Everybody speaks for so many packets: 500, 900 and 1300 Hz. */
function speak(calls: readonly PhoneCall[], packets = 45): Promise<unknown> {
  return Promise.all(calls.map((call, i) => call.rtp.tone(all[i]!, packets)))
}

const bugs = (sw: SipSwitch, name: string) => sw.events.filter((event) => event.name === name)

describe('eavesdrop', () => {
  it('hears both; 2 speaks to the party, 1 to the other, 3 to both, 0 to nobody, * ends it', async () => {
    await using sw = await startSipSwitch({ extensions })
    const { a, b, channel } = await talk(sw)
    const spy = await spyOn(sw, '8801')
    await sw.until(() => bugs(sw, 'MEDIA_BUG_START').length > 0)
    const heard = async () => {
      await speak([a, b, spy])
      return [hears(a.rtp, all), hears(b.rtp, all), hears(spy.rtp, all)]
    }
    assert.deepEqual(await heard(), ['900', '500', '500 900'])
    assert.match(await sw.api(`uuid_buglist ${channel.uuid}`), /<function>eavesdrop<\/function>/)
    const expected = {
      2: ['900 1300', '500', '500 900'],
      1: ['900', '500 1300', '500 900'],
      3: ['900 1300', '500 1300', '500 900'],
      0: ['900', '500', '500 900'],
    }
    for (const key of ['2', '1', '3', '0'] as const) {
      await pressKeys(spy.rtp, key)
      await sw.until(() => bugs(sw, 'DTMF').some((one) => one.get('DTMF-Digit') === key))
      assert.deepEqual(await heard(), expected[key], `after ${key}`)
    }
    await pressKeys(spy.rtp, '*')
    await sw.until(() => bugs(sw, 'MEDIA_BUG_STOP').length > 0)
    await sw.until(() => sw.sw.channels.list().some((one) => one.variables.get('after') === 'yes'))
    assert.equal(channel.isUp, true)
    assert.doesNotMatch(await sw.api(`uuid_buglist ${channel.uuid}`), /eavesdrop/)
  })

  it('whispers from the start, hears one side alone, and takes no keys where it is told so', async () => {
    await using sw = await startSipSwitch({ extensions })
    const { a, b, channel } = await talk(sw)
    const whispering = await spyOn(sw, '8802')
    await sw.until(() => bugs(sw, 'MEDIA_BUG_START').length === 1)
    await speak([a, b, whispering])
    assert.deepEqual([hears(a.rtp, all), hears(b.rtp, all)], ['900', '500 1300'])
    await whispering.bye()
    await sw.until(() => bugs(sw, 'MEDIA_BUG_STOP').length === 1)
    for (const extension of ['8803', '8808']) {
      const before = bugs(sw, 'MEDIA_BUG_START').length
      const halfDeaf = await spyOn(sw, extension)
      await sw.until(() => bugs(sw, 'MEDIA_BUG_START').length > before)
      await speak([a, b, halfDeaf])
      assert.equal(hears(halfDeaf.rtp, all), '900')
      await halfDeaf.bye()
    }
    const keyless = await spyOn(sw, '8807')
    await sw.until(() => bugs(sw, 'MEDIA_BUG_START').length === 4)
    await pressKeys(keyless.rtp, '3')
    await sw.until(() => bugs(sw, 'DTMF').length > 0)
    await speak([a, b, keyless])
    assert.deepEqual([hears(a.rtp, all), hears(b.rtp, all)], ['900', '500'])
    await channel.hangup('NORMAL_CLEARING')
    await keyless.hungUp()
  })

  it('hears only channels of the required group', async () => {
    await using sw = await startSipSwitch({ extensions })
    const { a, b, channel } = await talk(sw)
    const refused = await spyOn(sw, '8804')
    await sw.until(() => sw.sw.channels.list().some((one) => one.variables.get('after') === 'yes'))
    assert.equal(bugs(sw, 'MEDIA_BUG_START').length, 0)
    await refused.bye()
    channel.variables.set('eavesdrop_group', "support,'sales,other'")
    const spy = await spyOn(sw, '8804')
    await sw.until(() => bugs(sw, 'MEDIA_BUG_START').length === 1)
    await speak([a, b, spy])
    assert.equal(hears(spy.rtp, all), '500 900')
  })

  it('lets three talk with three_way, and ends with the call', async () => {
    await using sw = await startSipSwitch({ extensions })
    const { a, b } = await talk(sw)
    const third = await spyOn(sw, '8805')
    await sw.until(() => bugs(sw, 'MEDIA_BUG_START').length === 1)
    await speak([a, b, third])
    assert.deepEqual(
      [hears(a.rtp, all), hears(b.rtp, all), hears(third.rtp, all)],
      ['900 1300', '500 1300', '500 900'],
    )
    await a.bye()
    await third.hungUp()
    await sw.sw.channels.untilEmpty()
  })

  it('hears a channel to which a sound is played, and speaks beside the sound', async () => {
    await using sw = await startSipSwitch({ extensions })
    const phone = await sw.phone('1000')
    const call = await phone.call('2002')
    await call.response(200)
    const [channel] = sw.sw.channels.list()
    await sw.api(`global_setvar target=${channel?.uuid}`)
    const spy = await spyOn(sw, '8801')
    await sw.until(() => bugs(sw, 'MEDIA_BUG_START').length === 1)
    await speak([call])
    assert.equal(hears(spy.rtp, [...all, 700]), '500 700')
    await pressKeys(spy.rtp, '2')
    await sw.until(() => bugs(sw, 'DTMF').length > 0)
    await Promise.all([speak([call]), spy.rtp.tone(1300, 45)])
    assert.equal(hears(call.rtp, [...all, 700]), '1300 700')
  })

  it('goes from call to call for all, and tells when there is none', async () => {
    await using sw = await startSipSwitch({ extensions })
    const spy = await spyOn(sw, '8806')
    await until(() => hears(spy.rtp, [1900]) === '1900', 'the music in between')
    assert.equal(hears(spy.rtp, [1900]), '1900')
    const phones = [await sw.phone('1000'), await sw.phone('1001')]
    const calls = [await phones[0]!.call('2003'), await phones[1]!.call('2003')]
    for (const call of calls) await call.response(200)
    await sw.until(() => bugs(sw, 'MEDIA_BUG_START').length === 1)
    await speak(calls)
    const first = hears(spy.rtp, all)
    await pressKeys(spy.rtp, '*')
    await sw.until(() => bugs(sw, 'MEDIA_BUG_START').length === 2)
    await speak(calls)
    assert.deepEqual([first, hears(spy.rtp, all)].sort(), ['500', '900'])
  })
})

describe('displace and loudness', () => {
  const tone = 'tone_stream://%(60000,0,1700)'

  it('displaces and mixes what a party hears by uuid_displace', async () => {
    await using sw = await startSipSwitch({ extensions })
    const { a, b, channel } = await talk(sw)
    const has = () => [hears(a.rtp, [...all, 1700]), hears(b.rtp, [...all, 1700])]
    assert.equal(await sw.api(`uuid_displace ${channel.uuid} start ${tone}`), '+OK Success\n')
    await speak([a, b])
    assert.deepEqual(has(), ['1700', ''])
    assert.equal(
      await sw.api(`uuid_displace ${channel.uuid} start ${tone}`),
      '-ERR Cannot displace session!\n',
      'only once of each',
    )
    assert.equal(await sw.api(`uuid_displace ${channel.uuid} stop ${tone}`), '+OK Success\n')
    assert.equal(
      await sw.api(`uuid_displace ${channel.uuid} stop ${tone}`),
      '-ERR Cannot stop displace session!\n',
    )
    await sw.api(`uuid_displace ${channel.uuid} start ${tone} 0 mux`)
    await speak([a, b])
    assert.deepEqual(has(), ['900 1700', '500'])
    assert.match(await sw.api(`uuid_buglist ${channel.uuid}`), /<function>displace<\/function>/)
  })

  it('mutes, makes noise instead, and takes everything back with remove_bugs', async () => {
    await using sw = await startSipSwitch({ extensions })
    const { a, b, channel } = await talk(sw)
    await sw.api(`uuid_audio ${channel.uuid} start read mute 1`)
    await sw.api(`uuid_displace ${channel.uuid} start ${tone} 0 mux`)
    await speak([a, b])
    assert.deepEqual([hears(b.rtp, all), hears(a.rtp, [900, 1700])], ['', '900 1700'])
    const list = await sw.api(`uuid_buglist ${channel.uuid}`)
    assert.deepEqual(
      [...list.matchAll(/function>(\w+)</g)].map((one) => one[1]),
      ['audio', 'displace'],
    )
    await sw.api(`uuid_broadcast ${channel.uuid} remove_bugs:: aleg`)
    await sw.until(() => bugs(sw, 'MEDIA_BUG_STOP').length === 2)
    await speak([a, b])
    assert.deepEqual([hears(b.rtp, all), hears(a.rtp, [900, 1700])], ['500', '900'])
    assert.equal(await sw.api(`uuid_buglist ${channel.uuid}`), '<media-bugs>\n</media-bugs>\n')
  })
})
