/** The feature codes of the stock dialplan: somebody dials one, then calls are made and it is seen what happens. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { describe, it } from 'node:test'
import { delay } from '../../src/base/clock.ts'
import { comes, talk } from '../support/ears.ts'
import { pressKeys } from '../support/keys.ts'
import type { Phone, PhoneCall } from '../support/phone.ts'
import { type StockSwitch, startStockSwitch } from '../support/stock-switch.ts'
import { until } from '../support/until.ts'

/** `from` calls a number; resolves with the call that rings at `to`. */
async function rings(from: Phone, number: string, to: Phone): Promise<[PhoneCall, PhoneCall]> {
  const call = await from.call(number)
  const there = await to.incoming()
  there.ring()
  return [call, there]
}

const header = (call: PhoneCall, name: string) => call.incoming?.request.get(name) ?? ''

/** A call is taken and given up again. */
async function takeAndEnd(call: PhoneCall, there: PhoneCall): Promise<void> {
  there.answer()
  assert.equal((await call.outcome()).status, 200)
  await call.bye()
  await there.hungUp()
}

const phones = (t: StockSwitch, ...users: string[]) =>
  Promise.all(users.map((user) => t.phone(user)))

describe('call forwarding', () => {
  it('*72 sends all calls elsewhere, with who did so in Diversion, until *73', async () => {
    await using t = await startStockSwitch()
    const [a, b, c] = (await phones(t, '1000', '1001', '1002')) as [Phone, Phone, Phone]
    await t.feature(b, '*721002')
    const [call, there] = await rings(a, '1001', c)
    assert.match(header(there, 'Diversion'), /<sip:1001@.*>;reason=unconditional/)
    assert.match(header(there, 'From'), /1000/, 'the caller is still the caller')
    assert.equal(b.calls.all.length, 0)
    await takeAndEnd(call, there)
    await t.feature(b, '*73')
    const [again, own] = await rings(a, '1001', b)
    await takeAndEnd(again, own)
  })

  it('*72 alone asks for the number', async () => {
    await using t = await startStockSwitch()
    const [a, b, c] = (await phones(t, '1000', '1001', '1002')) as [Phone, Phone, Phone]
    const { call } = await t.dial(b, '*72')
    await t.event('CHANNEL_EXECUTE', (event) => event.get('Application') === 'play_and_get_digits')
    await pressKeys(call.rtp, '1002#')
    await call.hungUp()
    await takeAndEnd(...(await rings(a, '1001', c)))
  })

  it('*90 sends calls on only while the telephone is busy', async () => {
    await using t = await startStockSwitch()
    const [a, b, c] = (await phones(t, '1000', '1001', '1002')) as [Phone, Phone, Phone]
    await t.feature(b, '*901002')
    const [free, own] = await rings(a, '1001', b)
    await takeAndEnd(free, own)
    const call = await a.call('1001')
    const busy = await b.incoming()
    busy.reject(486)
    const there = await c.incoming()
    assert.match(header(there, 'Diversion'), /reason=user-busy/)
    await takeAndEnd(call, there)
  })

  it('*92 sends calls on when nobody answers, and when no telephone is there', async () => {
    await using t = await startStockSwitch()
    const [a, b, c] = (await phones(t, '1000', '1001', '1002')) as [Phone, Phone, Phone]
    await t.feature(b, '*921002')
    const call = await a.call('1001')
    const mine = await b.incoming()
    mine.reject(480)
    const there = await c.incoming()
    assert.match(header(there, 'Diversion'), /reason=no-answer/)
    await takeAndEnd(call, there)
    await b.register(0)
    await takeAndEnd(...(await rings(a, '1001', c)))
  })

  it('ends at the first telephone that has sent the call on already', async () => {
    await using t = await startStockSwitch()
    const [a, b, c] = (await phones(t, '1000', '1001', '1002')) as [Phone, Phone, Phone]
    await t.feature(b, '*721002')
    await t.feature(c, '*721001')
    await takeAndEnd(...(await rings(a, '1001', b)))
  })
})

describe('do not disturb', () => {
  it('*78 keeps the telephone from ringing, until *79', async () => {
    await using t = await startStockSwitch()
    const [a, b] = (await phones(t, '1000', '1001')) as [Phone, Phone]
    await t.feature(b, '*78')
    const call = await a.call('1001')
    await t.event(
      'CHANNEL_EXECUTE',
      (event) =>
        event.get('Application') === 'execute_extension' &&
        event.get('Application-Data') === 'unreached XML features',
    )
    assert.equal(b.calls.all.length, 0)
    if (!call.final) call.cancel()
    await t.feature(b, '*79')
    await takeAndEnd(...(await rings(a, '1001', b)))
  })

  it('lets a call that is forwarded while busy go there', async () => {
    await using t = await startStockSwitch()
    const [a, b, c] = (await phones(t, '1000', '1001', '1002')) as [Phone, Phone, Phone]
    await t.feature(b, '*78')
    await t.feature(b, '*901002')
    await takeAndEnd(...(await rings(a, '1001', c)))
    assert.equal(b.calls.all.length, 0)
  })
})

describe('follow me', () => {
  it('*21 lets another telephone ring too; it has the call once it has pressed 1', async () => {
    await using t = await startStockSwitch()
    const [a, b, c] = (await phones(t, '1000', '1001', '1002')) as [Phone, Phone, Phone]
    await t.feature(b, '*21001002')
    const call = await a.call('1001')
    const [desk, mobile] = await Promise.all([b.incoming(), c.incoming()])
    desk.ring()
    mobile.ring()
    mobile.answer()
    await t.event('CHANNEL_ANSWER', (event) => /^sofia.*1002/.test(event.get('Channel-Name') ?? ''))
    assert.equal(call.final, undefined, 'answered is not enough')
    // A key that comes in the very moment of the answer is nobody's.
    await until(async () => {
      await pressKeys(mobile.rtp, '1')
      await delay(300)
      return call.final !== undefined
    }, 'the key to be taken')
    assert.equal((await call.outcome()).status, 200)
    await b.cancelled.next('the other one is told')
    await talk(call, mobile)
    await call.bye()
    await mobile.hungUp()
  })

  it('leads to the own mailbox when nobody takes the call, never to that of another number', async () => {
    await using t = await startStockSwitch()
    const [a, b, c] = (await phones(t, '1000', '1001', '1002')) as [Phone, Phone, Phone]
    await t.feature(b, '*21001002')
    const call = await a.call('1001')
    const both = await Promise.all([b.incoming(), c.incoming()])
    for (const one of both) one.reject(486)
    const boxes = () =>
      t.events
        .filter((event) => event.name === 'CHANNEL_EXECUTE')
        .filter((event) => event.get('Application') === 'voicemail')
        .map((event) => event.get('Application-Data'))
    await t.until(() => boxes().length > 0)
    assert.deepEqual(boxes(), ['default 127.0.0.1 1001'])
    await call.outcome()
    await call.bye()
  })

  it('*20 forgets the numbers', async () => {
    await using t = await startStockSwitch()
    const [a, b, c] = (await phones(t, '1000', '1001', '1002')) as [Phone, Phone, Phone]
    await t.feature(b, '*21001002')
    await t.feature(b, '*20')
    await takeAndEnd(...(await rings(a, '1001', b)))
    assert.equal(c.calls.all.length, 0)
  })
})

describe('caller id', () => {
  const isHidden = (there: PhoneCall) =>
    /anonymous/i.test(header(there, 'From')) && !/1000/.test(header(there, 'Remote-Party-ID'))

  it('*67 hides it once, *31 always but for *82, until *32', async () => {
    await using t = await startStockSwitch()
    const [a, b] = (await phones(t, '1000', '1001')) as [Phone, Phone]
    const dials = async (number: string) => {
      const [call, there] = await rings(a, number, b)
      const hidden = isHidden(there)
      await takeAndEnd(call, there)
      return hidden
    }
    assert.equal(await dials('*671001'), true)
    assert.equal(await dials('1001'), false)
    await t.feature(a, '*31')
    assert.equal(await dials('1001'), true)
    assert.equal(await dials('*821001'), false)
    await t.feature(a, '*32')
    assert.equal(await dials('1001'), false)
  })
})

describe('speed dial', () => {
  it('*75 keeps a number of one user under two digits, *0 calls it', async () => {
    await using t = await startStockSwitch()
    const [a, b, c] = (await phones(t, '1000', '1001', '1002')) as [Phone, Phone, Phone]
    await t.feature(a, '*75071001')
    await takeAndEnd(...(await rings(a, '*007', b)))
    const { call } = await t.dial(c, '*007')
    await call.hungUp()
    assert.equal(b.calls.all.length, 1, 'another user has his own numbers')
  })
})

describe('hot desk', () => {
  async function logIn(t: StockSwitch, phone: Phone, user: string, pin: string): Promise<void> {
    t.events.length = 0
    const { call } = await t.dial(phone, '*11')
    const asks = (name: string) =>
      t.event(
        'CHANNEL_EXECUTE',
        (event) =>
          event.get('Application') === 'play_and_get_digits' &&
          event.get('Application-Data')?.includes(name) === true,
      )
    await asks('desk_user')
    await pressKeys(call.rtp, `${user}#`)
    await asks('desk_pin')
    await pressKeys(call.rtp, `${pin}#`)
    await call.hungUp()
  }

  it('*11 with number and PIN makes a telephone that of the guest, *12 gives it back', async () => {
    await using t = await startStockSwitch()
    const [a, own, desk] = (await phones(t, '1000', '1001', '1005')) as [Phone, Phone, Phone]
    await t.api('vm_fsdb_pref_password_set default 127.0.0.1 1001 2468')
    await logIn(t, desk, '1001', '2468')
    await takeAndEnd(...(await rings(a, '1001', desk)))
    assert.equal(own.calls.all.length, 0)
    const [call, there] = await rings(desk, '1000', a)
    assert.match(header(there, 'From'), /1001/, 'he calls as himself')
    await takeAndEnd(call, there)
    await t.feature(desk, '*12')
    await takeAndEnd(...(await rings(a, '1001', own)))
  })

  it('does not take a wrong PIN', async () => {
    await using t = await startStockSwitch()
    const [a, own, desk] = (await phones(t, '1000', '1001', '1005')) as [Phone, Phone, Phone]
    await logIn(t, desk, '1001', '4711')
    await takeAndEnd(...(await rings(a, '1001', own)))
  })
})

describe('screening', () => {
  it('*26: the called one hears who calls, and takes the call with 1', async () => {
    await using t = await startStockSwitch()
    const [a, b] = (await phones(t, '1000', '1001')) as [Phone, Phone]
    await t.feature(b, '*26')
    const { call } = await t.dial(a, '1001')
    await t.event('RECORD_START')
    await call.rtp.tone(440, 50)
    await pressKeys(call.rtp, '#')
    const there = await b.incoming()
    there.answer()
    await comes(there.rtp, 440)
    await pressKeys(there.rtp, '1')
    await t.event('CHANNEL_BRIDGE')
    await talk(call, there)
    const file = t.channel('1000@127.0.0.1').variables.get('screened_name') ?? ''
    assert.ok(existsSync(file))
    await call.bye()
    await there.hungUp()
    await t.until(() => t.sw.channels.list().length === 0)
    await until(() => !existsSync(file), 'the name to be forgotten')
  })
})

describe('day and night', () => {
  it('*281 and *282 say whether the office is open, whatever the clock says', async () => {
    await using t = await startStockSwitch()
    const [a, b] = (await phones(t, '1005', '1001')) as [Phone, Phone]
    await t.feature(a, '*281')
    await takeAndEnd(...(await rings(a, '2900', b)))
    await t.feature(a, '*282')
    const { status, call } = await t.dial(a, '2900')
    assert.equal(status, 200)
    await t.event('CHANNEL_EXECUTE', (event) => event.get('Application') === 'ivr')
    await call.bye()
    await t.feature(a, '*280')
    assert.equal(await t.api('db exists/127.0.0.1-office/mode'), 'false')
  })
})

describe('pickup', () => {
  for (const code of ['*8', '**1001', '886']) {
    it(`${code} takes a call that rings elsewhere; there it ends as answered elsewhere`, async () => {
      await using t = await startStockSwitch()
      const [a, b, c] = (await phones(t, '1000', '1001', '1002')) as [Phone, Phone, Phone]
      const [call] = await rings(a, '1001', b)
      const { status, call: picked } = await t.dial(c, code)
      assert.equal(status, 200)
      assert.equal((await call.outcome()).status, 200)
      const cancel = await b.cancelled.next('CANCEL')
      assert.match(cancel.get('Reason') ?? '', /SIP;cause=200;text="Call completed elsewhere"/)
      await talk(call, picked)
      await call.bye()
      await picked.hungUp()
    })
  }

  it('886 takes a call for a group, which stops ringing everywhere', async () => {
    await using t = await startStockSwitch()
    const [a, b, c, d] = (await phones(t, '1005', '1001', '1002', '1006')) as [
      Phone,
      Phone,
      Phone,
      Phone,
    ]
    const [call] = await rings(a, '2000', b)
    await c.incoming()
    const { call: picked } = await t.dial(d, '886')
    for (const phone of [b, c]) {
      const cancel = await phone.cancelled.next('CANCEL')
      assert.match(cancel.get('Reason') ?? '', /Call completed elsewhere/)
    }
    await talk(call, picked)
  })

  it('leaves a call alone that somebody has', async () => {
    await using t = await startStockSwitch()
    const [a, b, c] = (await phones(t, '1000', '1001', '1002')) as [Phone, Phone, Phone]
    const [call, there] = await rings(a, '1001', b)
    there.answer()
    await call.outcome()
    await t.event('CHANNEL_BRIDGE')
    const { call: late } = await t.dial(c, '*8')
    await late.hungUp()
    await talk(call, there)
  })
})

describe('paging and intercom', () => {
  it('8 and a user: the telephone is told to answer by itself', async () => {
    await using t = await startStockSwitch()
    const [a, b] = (await phones(t, '1000', '1001')) as [Phone, Phone]
    const [call, there] = await rings(a, '81001', b)
    assert.match(header(there, 'Call-Info'), /answer-after=0/)
    assert.match(there.incoming?.request.uri.toString() ?? '', /;intercom=true/)
    await takeAndEnd(call, there)
  })

  it('*801: what is said after the tone is played to all telephones of the group', async () => {
    await using t = await startStockSwitch()
    const [a, b, c] = (await phones(t, '1005', '1001', '1002')) as [Phone, Phone, Phone]
    const { call } = await t.dial(a, '*801')
    await t.event('RECORD_START')
    await call.rtp.tone(440, 60)
    await pressKeys(call.rtp, '#')
    await call.hungUp()
    const calls = await Promise.all([b.incoming(), c.incoming()])
    for (const one of calls) assert.match(header(one, 'Call-Info'), /answer-after=0/)
    for (const one of calls) one.answer()
    await Promise.all(calls.map((one) => comes(one.rtp, 440)))
    await Promise.all(calls.map((one) => one.hungUp()))
  })
})

describe('keys during a call', () => {
  it('*2 of either party records both to one file', async () => {
    await using t = await startStockSwitch()
    const [a, b] = (await phones(t, '1000', '1001')) as [Phone, Phone]
    const [call, there] = await rings(a, '1001', b)
    there.answer()
    await call.outcome()
    await t.event('CHANNEL_BRIDGE')
    await pressKeys(call.rtp, '*2')
    await t.event('RECORD_START')
    await talk(call, there)
    await pressKeys(there.rtp, '*2')
    await t.event('RECORD_STOP')
    await call.bye()
    const folder = t.sw.globals.get('recordings_dir') ?? ''
    assert.equal(readdirSync(folder).length, 1)
  })

  it('*3 of the called party takes both into a conference', async () => {
    await using t = await startStockSwitch()
    const [a, b] = (await phones(t, '1000', '1001')) as [Phone, Phone]
    const [call, there] = await rings(a, '1001', b)
    there.answer()
    await call.outcome()
    await t.event('CHANNEL_BRIDGE')
    await pressKeys(there.rtp, '*3')
    const inside = () =>
      t.events.filter(
        (event) => event.name === 'CHANNEL_EXECUTE' && event.get('Application') === 'conference',
      )
    await t.until(() => inside().length === 2)
    assert.match(inside()[0]?.get('Application-Data') ?? '', /^3001-127\.0\.0\.1@default/)
    await talk(call, there)
  })

  it('*4 of the called party: another user is asked, and gets the caller when it hangs up', async () => {
    await using t = await startStockSwitch()
    const [a, b, c] = (await phones(t, '1000', '1001', '1002')) as [Phone, Phone, Phone]
    const [call, there] = await rings(a, '1001', b)
    there.answer()
    await call.outcome()
    await t.event('CHANNEL_BRIDGE')
    await pressKeys(there.rtp, '*4')
    await t.event('CHANNEL_EXECUTE', (event) => event.get('Application') === 'read')
    await pressKeys(there.rtp, '1002#')
    const third = await c.incoming()
    third.answer()
    await talk(there, third)
    await there.bye()
    await talk(call, third)
    await call.bye()
    await third.hungUp()
  })
})

describe('directory by name', () => {
  it('411: the keys of a name, then 1, call who has it', async () => {
    await using t = await startStockSwitch()
    const [a, b] = (await phones(t, '1000', '1001')) as [Phone, Phone]
    const { call } = await t.dial(a, '411')
    await t.event('CHANNEL_EXECUTE', (event) => event.get('Application') === 'directory')
    await pressKeys(call.rtp, '1001#1')
    const there = await b.incoming()
    there.answer()
    await t.event('CHANNEL_BRIDGE')
    await talk(call, there)
  })
})

describe('hold music', () => {
  it('*291 chooses what those hear whom the user holds, *290 the usual one', async () => {
    await using t = await startStockSwitch()
    const [a, b] = (await phones(t, '1000', '1001')) as [Phone, Phone]
    await t.feature(b, '*291')
    const musicOf = async () => {
      const [call, there] = await rings(a, '1001', b)
      there.answer()
      await call.outcome()
      const leg = t.sw.channels.list().find((one) => one.direction === 'outbound')
      const music = leg?.variables.get('hold_music')
      await call.bye()
      await there.hungUp()
      return music
    }
    assert.match((await musicOf()) ?? '', /^tone_stream:\/\/v=-20/)
    await t.feature(b, '*290')
    assert.doesNotMatch((await musicOf()) ?? '', /^tone_stream:\/\/v=-20/)
  })
})
