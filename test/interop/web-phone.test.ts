/** The web phone in Chromium with the server's own configuration: calls, tones both ways, hold, keys, transfer, reload, what it says. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { skipWithoutChromium } from '../support/chromium.ts'
import { password, type Server } from '../support/server.ts'
import { VertoClient } from '../support/verto-client.ts'
import type { WebPhone } from '../support/web-phone.ts'
import { WebPhonePair } from '../support/web-phone-pair.ts'

const skip = skipWithoutChromium([])

describe('the web phone', { skip }, () => {
  let pair: WebPhonePair
  let server: Server
  let vera: WebPhone
  let bob: WebPhone

  before(async () => {
    pair = await WebPhonePair.start()
    ;({ server, vera, bob } = pair)
  })
  after(() => pair?.[Symbol.asyncDispose]())

  it('calls the echo and hears its own tone', async () => {
    await vera.dial('9196')
    await vera.state('Connected')
    await vera.hears(1000)
    await vera.press('Hang up')
    await vera.over()
    const ended = await server.event('CHANNEL_HANGUP_COMPLETE', { 'Channel-Name': /verto/ })
    assert.equal(ended.headers.get('Hangup-Cause'), 'NORMAL_CLEARING')
    assert.equal(ended.headers.get('variable_read_codec'), 'opus')
  })

  it('goes on with its call when the page is loaded anew', async () => {
    await vera.dial('9196')
    await vera.state('Connected')
    await vera.hears(1000)
    await vera.page.reload()
    await vera.state('Connected')
    await vera.hears(1000)
    await vera.press('Hang up')
    await vera.over()
  })

  it('is on hold, and mute, after a reload as before it, and talks again', async () => {
    await vera.dial('9196')
    await vera.state('Connected')
    await vera.hears(1000)
    await vera.press('Mute')
    await vera.press('Hold')
    await vera.state('On hold')
    await vera.page.reload()
    await vera.state('On hold')
    await vera.says('.call .party', /^9196$/)
    await vera.press('Resume')
    await vera.until('to be mute still', async () =>
      /^Connected.*muted/.test((await vera.page.textContent('.call .state')) ?? ''),
    )
    await vera.press('Mute')
    await vera.hears(1000)
    await vera.press('Hang up')
    await vera.over()
  })

  it('calls another browser, and both hear each other', async () => {
    await vera.dial('1001')
    await bob.state('Calls you')
    await bob.press('Answer')
    await vera.state('Connected')
    await Promise.all([vera.hears(1500), bob.hears(1000)])
  })

  it('puts the other one on hold, who hears music, and talks again', async () => {
    await vera.press('Hold')
    await vera.state('On hold')
    await bob.until('other sound than the tone', async () => {
      const { frequency, level } = await bob.heard()
      return level > -60 && Math.abs(frequency - 1000) > 20
    })
    await vera.press('Resume')
    await vera.state('Connected')
    await Promise.all([vera.hears(1500), bob.hears(1000)])
  })

  it('is not heard while it is mute', async () => {
    await vera.press('Mute')
    await bob.until('silence', async () => (await bob.heard()).level < -70)
    await vera.press('Mute')
    await bob.hears(1000)
  })

  it('transfers the other one, who hears where it went', async () => {
    await vera.press('Transfer')
    await vera.page.fill('.transfer .target', '9196')
    await vera.page.click('.transfer button[type=submit]')
    await vera.over()
    await bob.hears(1500)
    await bob.press('Hang up')
    await bob.over()
  })

  it('sends keys', async () => {
    // A call before this one went to the same number: its end is told first.
    await server.isIdle()
    server.forgetEvents()
    await vera.dial('9196')
    await vera.state('Connected')
    await vera.press('Keys')
    await vera.page.click('.call .pad button:has-text("5")')
    // The pad has the focus: the keyboard's digits are keys, too.
    await vera.page.keyboard.press('7')
    await vera.until(
      'both to be shown',
      async () => (await vera.page.textContent('.pressed')) === '57',
    )
    await vera.press('Hang up')
    await vera.over()
    const ended = await server.event('CHANNEL_HANGUP_COMPLETE', {
      'Caller-Destination-Number': '9196',
    })
    assert.match(ended.headers.get('variable_digits_dialed') ?? '', /57/)
  })

  it('says why a call failed, and remembers it', async () => {
    await vera.dial('7777')
    await vera.says('#notice', /^7777: there is no such number$/)
    await vera.says('#history', /7777 – there is no such number/)
  })

  it('tells of a call that was missed, and keeps it apart from one that was declined', async () => {
    await bob.dial('1000')
    await vera.state('Calls you')
    await vera.press('Decline')
    await vera.over()
    await bob.press('Hang up')
    await bob.over()
    await bob.dial('1000')
    await vera.state('Calls you')
    await bob.press('Hang up')
    await vera.over()
    await vera.says('#notice', /^Missed call from .*1001/)
    await vera.says('#history', /^Missed: .*Declined: /s)
  })

  it('can be used by the keyboard alone, which always is somewhere', async () => {
    const focusIsAt = (words: string) =>
      vera.until(
        `the focus to be at ${words}`,
        async () => (await vera.page.evaluate('document.activeElement.textContent')) === words,
      )
    const { keyboard } = vera.page
    await vera.page.fill('#number', '')
    await keyboard.press('Enter')
    await vera.until(
      'the number that was called last',
      async () =>
        (await vera.page.evaluate<string>("document.getElementById('number').value")) === '7777',
    )
    await vera.page.fill('#number', '')
    await bob.dial('1000')
    await vera.state('Calls you')
    await keyboard.press('Shift+Tab')
    await keyboard.press('Shift+Tab')
    await focusIsAt('Answer')
    await keyboard.press('Enter')
    await vera.state('Connected')
    await focusIsAt('Mute')
    await bob.press('Hang up')
    await vera.over()
    await vera.until(
      'the focus to be at the number',
      async () => (await vera.page.evaluate('document.activeElement.id')) === 'number',
    )
  })

  it('fits on a small screen with a call and a conference on it', async () => {
    await vera.page.setViewportSize({ width: 390, height: 844 })
    await vera.dial('3000')
    await vera.state('Connected')
    await vera.press('Keys')
    await vera.until('the conference', () => vera.page.isVisible('.members li'))
    for (const size of ['200%', '']) {
      await vera.page.evaluate(`document.documentElement.style.fontSize = '${size}'`)
      const wide = await vera.page.evaluate<number>('document.documentElement.scrollWidth')
      assert.equal(wide, 390, `letters of ${size || '100%'}`)
    }
    await vera.press('Hang up')
    await vera.over()
  })

  it('says that a password is wrong', async () => {
    const carl = await pair.phones.show(pair.url, 700)
    await carl.signIn('1002', 'wrong')
    await carl.until('the refusal', async () =>
      /wrong/.test((await carl.page.textContent('#sign-in-fault')) ?? ''),
    )
    await carl.signIn('1002', password)
    await carl.until('to be signed in', () => carl.page.isVisible('#phone'))
    assert.equal(await carl.page.isVisible('#operator'), false, 'he may not see that page')
  })

  it('says that there were too many tries, and when the next may be', async () => {
    for (let refused = 0; refused < 30; ) {
      using client = await VertoClient.connect(pair.port)
      while (refused < 30 && !client.isClosed) {
        const reply = await client.login('1002', 'wrong').catch(() => undefined)
        if (reply?.['error']) refused++
      }
    }
    const dora = await pair.phones.show(pair.url, 800)
    await dora.signIn('1002', password)
    await dora.says(
      '#sign-in-fault',
      /^Too many wrong passwords .* Try again at .*\d+.* \(in \d+ seconds\)\.$/,
    )
  })

  it('has no fault in its console', () => assert.deepEqual(pair.faults, []))
})
