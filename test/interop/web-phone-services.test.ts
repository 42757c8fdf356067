/** The web phone in Chromium with telephones and the server's services: codecs, a menu, two joined, mailbox and lamp, a conference, messages. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Phone, skipWithoutModules } from '../support/baresip.ts'
import { skipWithoutChromium } from '../support/chromium.ts'
import { skipWithout } from '../support/programs.ts'
import type { Server } from '../support/server.ts'
import type { WebPhone } from '../support/web-phone.ts'
import { pin, WebPhonePair } from '../support/web-phone-pair.ts'

const skip = skipWithoutChromium([])
const skipPhones = skipWithout('baresip') || skipWithoutModules(['opus'])

/** The part of the page that shows the call with somebody. */
const cardOf = (party: string) => `.call:has(.party:has-text("${party}"))`

async function keys(phone: WebPhone, text: string): Promise<void> {
  for (const key of text) await phone.page.click(`.call .pad button:has-text("${key}")`)
}

const hearsSpeech = (phone: WebPhone) =>
  phone.until('somebody who speaks', async () => (await phone.heard()).level > -55)

describe('the web phone with others', { skip }, () => {
  let pair: WebPhonePair
  let server: Server
  let vera: WebPhone
  let bob: WebPhone

  before(async () => {
    pair = await WebPhonePair.start()
    ;({ server, vera, bob } = pair)
  })
  after(() => pair?.[Symbol.asyncDispose]())

  it('writes to another one and is answered, keeps both over a reload, and says when nobody gets it', async () => {
    const write = async (phone: WebPhone, to: string, text: string) => {
      await phone.page.evaluate("document.querySelector('#messages').open = true")
      if (to) await phone.page.fill('#message-to', to)
      await phone.page.fill('#message-text', text)
      await phone.page.click('#write button')
    }
    await write(vera, '1001', 'Lunch at one?')
    await vera.says('#message-list', /To 1001: Lunch at one\?/)
    await bob.says('#notice', /Message from 1000: Lunch at one\?/)
    await bob.says('#messages summary', /1 new/)
    await bob.page.click('#messages summary')
    await bob.says('#messages summary', /^Messages$/)
    await bob.page.click('#message-list button')
    await write(bob, '', 'At two.')
    await vera.says('#message-list', /From 1001: At two\./)
    await vera.page.reload()
    await vera.says('#message-list', /From 1001: At two\.[\s\S]*To 1001: Lunch at one\?/)
    await write(vera, '1019', 'Who is there?')
    await vera.says('#notice', /The message to 1019 was not sent: nobody could be reached there/)
    assert.equal(
      await vera.page.evaluate("document.querySelector('#message-text').value"),
      'Who is there?',
    )
    await vera.page.evaluate("document.querySelector('#messages').open = false")
  })

  for (const codec of ['PCMU', 'PCMA', 'G722', 'opus'] as const) {
    it(`talks with a telephone that speaks ${codec}, whoever calls`, {
      skip: skipPhones,
    }, async () => {
      await using phone = await Phone.start({
        server: server.ports.internal,
        user: '1003',
        tone: 600,
        codec,
        answers: true,
      })
      await phone.registered()
      await vera.dial('1003')
      await vera.state('Connected')
      await Promise.all([vera.hears(600), phone.hears(1000)])
      await vera.press('Hang up')
      await vera.over()
      await phone.event('CALL_CLOSED')
      await phone.dial('1000')
      await vera.state('Calls you')
      await vera.press('Answer')
      await vera.state('Connected')
      await Promise.all([vera.hears(600), phone.hears(1000)])
      await phone.hangUp()
      await vera.over()
    })
  }

  it('chooses from a menu by its keys, also after a hold', async () => {
    await vera.dial('5000')
    await vera.state('Connected')
    await hearsSpeech(vera)
    await vera.press('Hold')
    await vera.state('On hold')
    await vera.press('Resume')
    await vera.state('Connected')
    await hearsSpeech(vera)
    await vera.press('Keys')
    await keys(vera, '1')
    await vera.hears(1000)
    await vera.press('Hang up')
    await vera.over()
  })

  it('joins both whom it talks with, and is out', { skip: skipPhones }, async () => {
    await using carl = await Phone.start({
      server: server.ports.internal,
      user: '1003',
      tone: 600,
      codec: 'opus',
      answers: true,
    })
    await carl.registered()
    await vera.dial('1001')
    await bob.state('Calls you')
    await bob.press('Answer')
    await vera.state('Connected')
    await Promise.all([vera.hears(1500), bob.hears(1000)])
    await vera.dial('1003')
    const other = cardOf('1003')
    await vera.until('both calls, the first on hold', async () => {
      const [first, second] = await Promise.all([
        vera.page.textContent(`${cardOf('1001')} .state`),
        vera.page.textContent(`${other} .state`),
      ])
      return /^On hold/.test(first ?? '') && /^Connected/.test(second ?? '')
    })
    await carl.hears(1000)
    await vera.page.click(`${other} button:has-text("Transfer"):visible`)
    await vera.page.click(`${other} .others button`)
    await vera.over()
    await Promise.all([bob.hears(600), carl.hears(1500, true)])
    await bob.press('Hang up')
    await bob.over()
    await carl.event('CALL_CLOSED')
    await server.isIdle()
  })

  it('hears a message that was left, by the lamp of its mailbox, and the lamp goes out', async () => {
    server.forgetEvents()
    await bob.dial('1000')
    await vera.state('Calls you')
    await vera.press('Decline')
    await vera.over()
    await bob.state('Connected')
    // Past the greeting, to the tone.
    await bob.press('Keys')
    await hearsSpeech(bob)
    await keys(bob, '#')
    // The tone is short: the server says when it is over.
    await server.event('RECORD_START')
    // What is long enough to be kept, and to be found below.
    await pause(5000)
    await bob.press('Hang up')
    await bob.over()
    await vera.until('the lamp', async () =>
      /1 new message/.test((await vera.page.textContent('#mailbox')) ?? ''),
    )
    await vera.page.click('#mailbox')
    await vera.state('Connected')
    await hearsSpeech(vera)
    await vera.press('Keys')
    await keys(vera, `${pin}#`)
    await vera.until('the menu', () =>
      Promise.resolve(
        server.events.some(({ headers }) => headers.get('VM-Action') === 'authentication'),
      ),
    )
    await keys(vera, '1')
    await vera.hears(1500)
    await keys(vera, '7')
    await vera.until('no lamp', async () => !(await vera.page.isVisible('#mailbox')))
    await vera.press('Hang up')
    await vera.over()
    await server.isIdle()
  })

  it('shows who is in a conference, and who speaks', async () => {
    const members = async (phone: WebPhone) => (await phone.page.textContent('#conferences')) ?? ''
    await vera.dial('3000')
    await vera.until('one member', async () => /you/.test(await members(vera)))
    await bob.dial('3000')
    await bob.until('two members', async () => /1000[\s\S]*you/.test(await members(bob)))
    await vera.until('the other one', async () => /1001/.test(await members(vera)))
    await vera.until('somebody who speaks', async () => /talking/.test(await members(vera)))
    await Promise.all([vera.hears(1500), bob.hears(1000)])
    // The same for a page that was loaded anew.
    await vera.page.reload()
    await vera.state('Connected')
    await vera.until('both members', async () => /1001/.test(await members(vera)))
    await Promise.all([vera.hears(1500), bob.hears(1000)])
    await bob.press('Hang up')
    await vera.until('one member again', async () => !/1001/.test(await members(vera)))
    await vera.press('Hang up')
    await vera.over()
    await vera.until('no conference', async () => (await members(vera)) === '')
  })

  it('has no fault in its console', () => assert.deepEqual(pair.faults, []))
})
