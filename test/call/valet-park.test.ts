/** Valet parking with whole calls. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Channel } from '../../src/core/channel.ts'
import { receiveDigit } from '../../src/core/receive-digit.ts'
import { context } from '../support/dialplan.ts'
import { hears, talk } from '../support/ears.ts'
import type { FakeLeg } from '../support/fake-media.ts'
import type { PhoneCall } from '../support/phone.ts'
import { startSipSwitch } from '../support/sip-switch.ts'
import { startSwitch } from '../support/switch.ts'
import { until } from '../support/until.ts'

const languages = `<language name="en"><phrases><macros>
<macro name="valet_announce_ext"><input pattern="^([^:]+):(.*)$"><match><action function="play-file" data="said-$2.wav"/></match></input></macro>
<macro name="valet_lot_full"><input pattern="(.*)"><match><action function="play-file" data="full.wav"/></match></input></macro>
<macro name="valet_lot_empty"><input pattern="(.*)"><match><action function="play-file" data="empty.wav"/></match></input></macro>
</macros></phrases></language>`

async function open() {
  const test = await startSwitch({
    modules: [
      'mod_dialplan_xml',
      'mod_dptools',
      'mod_commands',
      'mod_loopback',
      'mod_valet_parking',
    ],
    languages,
    dialplan: context('default', {
      '60[0-9]+': 'answer; valet_park lot ${destination_number}; set after=yes; park',
      auto: 'answer; valet_park lot auto in 6001 6002; set after=yes; park',
      fetch: 'answer; valet_park lot auto out 6001 6099; set after=yes; park',
      ask: 'answer; valet_park lot ask 4 4 5000 ask.wav',
      short:
        'answer; set valet_parking_timeout=1; set valet_parking_orbit_exten=orbit; valet_park lot 7',
      keyed:
        'answer; set valet_parking_orbit_exten=orbit; set valet_parking_orbit_exit_key=9; valet_park lot 7',
      blind: 'answer; set valet_announce_to=null/parker; valet_park lot auto in 6001 6002',
      talk: 'bridge null/guest',
      five: 'valet_park lot 5',
      orbit: 'set came=yes; hangup USER_BUSY',
    }),
  })
  return {
    ...test,
    async dial(extension: string, number: string): Promise<Channel> {
      const reply = await test.api(
        `originate {origination_caller_id_number=${number}}null/${number} ${extension}`,
      )
      const channel = test.sw.channels.get(reply.slice(4).trim())
      assert.ok(channel, reply)
      return channel
    },
    played: (channel: Channel) => (channel.media as FakeLeg).asked.join(' '),
    actions: () =>
      test.events
        .filter(({ subclass }) => subclass === 'valet_parking::info')
        .map((event) => event.get('Action')),
  }
}

test('who dials a place first stands there, who dials it next fetches him', async () => {
  await using lot = await open()
  const parked = await lot.dial('6001', '2000')
  await until(() => lot.actions().includes('hold'), 'him to be parked')
  assert.equal(
    await lot.api('valet_info'),
    `<lots>\n  <lot name="lot">\n    <extension uuid="${parked.uuid}">6001</extension>\n  </lot>\n</lots>\n`,
  )
  const other = await lot.dial('6001', '2001')
  await until(() => parked.partner === other, 'them to talk')
  assert.equal(await lot.api('valet_info lot'), '<lots>\n  <lot name="lot">\n  </lot>\n</lots>\n')
  parked.hangup('NORMAL_CLEARING')
  await until(() => other.variables.get('after') === 'yes', 'the other one to go on')
  assert.deepEqual(lot.actions(), ['hold', 'bridge', 'exit'])
  // The place is free again.
  const next = await lot.dial('6001', '2002')
  await until(() => lot.actions().length === 4, 'the next one to be parked')
  assert.equal(next.partner, undefined)
})

test('auto in finds a free place and says which; a full lot says so; auto out fetches the oldest', async () => {
  await using lot = await open()
  const first = await lot.dial('auto', '2000')
  await until(() => lot.actions().length === 1, 'the first to be parked')
  assert.match(lot.played(first), /said-6001\.wav/)
  const second = await lot.dial('auto', '2001')
  await until(() => lot.actions().length === 2, 'the second to be parked')
  assert.match(lot.played(second), /said-6002\.wav/)
  const third = await lot.dial('auto', '2002')
  await until(() => third.variables.get('after') === 'yes', 'the third to be refused')
  assert.match(lot.played(third), /full\.wav/)
  const fetcher = await lot.dial('fetch', '2003')
  await until(() => first.partner === fetcher, 'the first to be fetched')
  const other = await lot.dial('fetch', '2004')
  await until(() => second.partner === other, 'the second to be fetched')
  const late = await lot.dial('fetch', '2005')
  await until(() => late.variables.get('after') === 'yes', 'nobody to be there')
  assert.match(lot.played(late), /empty\.wav/)
})

test('a place can be keyed in', async () => {
  await using lot = await open()
  const parked = await lot.dial('6044', '2000')
  await until(() => lot.actions().length === 1, 'him to be parked')
  const other = await lot.dial('ask', '2001')
  await until(() => lot.played(other).includes('ask.wav'), 'the question')
  for (const digit of '6044') receiveDigit(other, { digit, duration: 800, source: 'RTP' })
  await until(() => parked.partner === other, 'them to talk')
})

for (const [extension, digit] of [
  ['short', ''],
  ['keyed', '9'],
] as const)
  test(`who is not fetched goes to the orbit ${digit ? 'by a key' : 'when his time is up'}`, async () => {
    await using lot = await open()
    const parked = await lot.dial(extension, '2000')
    await until(() => lot.actions().length >= 1, 'him to be parked')
    if (digit) receiveDigit(parked, { digit, duration: 800, source: 'RTP' })
    await until(() => !parked.isUp, 'the orbit')
    assert.equal(parked.variables.get('came'), 'yes')
    assert.match(await lot.api('valet_info'), /<lot name="lot">\n {2}<\/lot>/)
  })

test('asked for in the middle of a talk the other one is parked, and who asked hears where', async () => {
  await using lot = await open()
  const caller = await lot.dial('talk', '2000')
  await until(() => caller.partner !== undefined, 'them to talk')
  const { partner } = caller
  assert.ok(partner)
  caller.queue.add({ application: 'valet_park', data: 'lot auto in 5 9' })
  await until(() => lot.actions().includes('hold'), 'the other one to be parked')
  assert.match(lot.played(caller), /said-5\.wav/)
  assert.equal(caller.isUp, false)
  assert.equal(
    await lot.api('valet_info'),
    `<lots>\n  <lot name="lot">\n    <extension uuid="${partner.uuid}">5</extension>\n  </lot>\n</lots>\n`,
  )
  const other = await lot.dial('five', '2001')
  await until(() => partner.partner === other, 'him to be fetched')
})

test('who has parked somebody blindly is called and told the place', async () => {
  await using lot = await open()
  const parked = await lot.dial('blind', '2000')
  await until(() => lot.actions().includes('hold'), 'him to be parked')
  const words = () => lot.media.legs.map((leg) => leg.asked.join(' '))
  await until(
    () => words().some((asked) => asked.includes('said-6001.wav')),
    'the parker to be told',
  )
  assert.doesNotMatch(lot.played(parked), /said-/)
  await until(() => lot.sw.channels.count === 1, 'the parker to be gone')
})

test('an attended transfer to auto in: the parker hears the place, the other one stands in it', async () => {
  await using sw = await startSipSwitch({
    modules: ['mod_valet_parking', 'mod_tone_stream'],
    languages: languages.replaceAll('said-$2.wav', 'tone_stream://%(2000,0,600)'),
    extensions: {
      '7000': [
        'answer',
        'set:valet_hold_music=tone_stream://%(1000,0,900)',
        'valet_park:lot auto in 1 9',
      ],
      '7001': ['answer', 'valet_park:lot 1'],
      '7100': ['answer', 'playback:silence_stream://-1'],
    },
  })
  const [guest, parker, third] = await Promise.all([
    sw.phone('1000'),
    sw.phone('1001'),
    sw.phone('1002'),
  ])
  await parker.register()
  const ringing = guest.call('1001')
  const held = await parker.incoming()
  held.answer()
  const guestCall: PhoneCall = await ringing
  assert.equal((await guestCall.outcome()).status, 200)
  const consultation = await parker.call('7000')
  assert.equal((await consultation.outcome()).status, 200)
  await until(() => hears(consultation.rtp, [600, 900]) === '600', 'the parker to hear the place')
  const { dialog } = consultation
  assert.ok(dialog)
  const replaces = `${dialog.callId}%3Bto-tag%3D${dialog.remoteTag}%3Bfrom-tag%3D${dialog.localTag}`
  await held.request('REFER', [
    ['Refer-To', `<sip:7000@${sw.server}?Replaces=${replaces}>`],
    ['Referred-By', parker.contact],
  ])
  await until(() => hears(guestCall.rtp, [600, 900]) === '900', 'the guest to hear music')
  assert.match(await sw.api('valet_info'), /<extension uuid="[^"]+">1<\/extension>/)
  const fetching = await third.call('7001')
  assert.equal((await fetching.outcome()).status, 200)
  await talk(guestCall, fetching)
  await Promise.all([guestCall.rtp.tone(500, 30), fetching.rtp.tone(1300, 30)])
  assert.equal(hears(guestCall.rtp, [500, 900, 1300]), '1300')
  assert.equal(hears(fetching.rtp, [500, 900, 1300]), '500')
  await fetching.bye()
})
