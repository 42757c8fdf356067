/** Video in the web phone, in Chromium with the server's own configuration: two phones see each other. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { skipWithoutChromium } from '../support/chromium.ts'
import { freePorts } from '../support/ports.ts'
import { password, Server } from '../support/server.ts'
import { type WebPhone, WebPhones } from '../support/web-phone.ts'

const skip = skipWithoutChromium([])

const cameras = (phone: WebPhone) => phone.page.evaluate<number>('window.cameras')
const hasCameras = (phone: WebPhone, count: number) =>
  phone.until(`${count} cameras to be on`, async () => (await cameras(phone)) === count)
const isPressed = (phone: WebPhone) =>
  phone.page.evaluate<string>(
    `[...document.querySelectorAll('.call button')].find(({ textContent }) => textContent === 'Camera').getAttribute('aria-pressed')`,
  )

describe('video in the web phone', { skip }, () => {
  let server: Server
  let phones: WebPhones
  let vera: WebPhone
  let bob: WebPhone

  before(async () => {
    const port = await freePorts(2)
    const secure = String(port + 1)
    server = await Server.start({ set: { verto_port: String(port), verto_secure_port: secure } })
    const url = `https://127.0.0.1:${secure}/`
    phones = new WebPhones()
    vera = await phones.open(url, '1000', password, 1000)
    bob = await phones.open(url, '1001', password, 1500)
  })
  after(async () => {
    await phones?.[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
  })

  const talk = async () => {
    await vera.dial('1001')
    await bob.state('Calls you')
    await bob.press('Answer')
    await vera.state('Connected')
    await Promise.all([vera.hears(1500), bob.hears(1000)])
  }
  const end = async () => {
    await vera.press('Hang up')
    await Promise.all([vera.over(), bob.over()])
    await hasCameras(vera, 0)
    await hasCameras(bob, 0)
  }

  it('is off at first: a call has sound alone, and the other one cannot switch a camera on', async () => {
    await talk()
    await vera.press('Camera')
    await vera.says('#news', /^The other side takes no/)
    assert.equal(await isPressed(vera), 'false')
    assert.equal(await cameras(bob), 0)
    await Promise.all([vera.hears(1500), bob.hears(1000)])
    await end()
  })

  it('with the switch on, both see each other; it is remembered', async () => {
    for (const phone of [vera, bob]) await phone.page.click('#video')
    await bob.page.reload()
    await bob.until('to be signed in', () => bob.page.isVisible('#phone'))
    await talk()
    await Promise.all([vera.sees(1500), bob.sees(1000)])
    for (const phone of [vera, bob]) {
      assert.ok(await phone.page.isVisible('.own-picture'))
      assert.equal(await isPressed(phone), 'true')
    }
  })

  it('shows nobody while one is on hold, and both again afterwards', async () => {
    await vera.press('Hold')
    await vera.state('On hold')
    await Promise.all([vera.seesNobody(), bob.seesNobody()])
    await vera.press('Resume')
    await Promise.all([vera.sees(1500), bob.sees(1000)])
  })

  it('is switched off and on by the button Camera without a break of the other picture', async () => {
    await vera.press('Camera')
    await bob.seesNobody()
    await hasCameras(vera, 0)
    assert.equal(await isPressed(vera), 'false')
    assert.equal(await vera.page.isVisible('.own-picture'), false)
    await vera.sees(1500)
    await vera.press('Camera')
    await bob.sees(1000)
  })

  it('goes on when the page is loaded anew', async () => {
    await bob.page.reload()
    await bob.state('Connected')
    await Promise.all([vera.sees(1500), bob.sees(1000)])
    await Promise.all([vera.hears(1500), bob.hears(1000)])
    await end()
  })

  it('of the caller is seen by one who shows nothing himself, and who may do so later', async () => {
    await bob.page.click('#video')
    await vera.dial('1001')
    await bob.state('Calls you with video')
    await bob.press('Answer')
    await bob.sees(1000)
    assert.equal(await cameras(bob), 0)
    await bob.press('Camera')
    await Promise.all([vera.sees(1500), bob.sees(1000)])
    await Promise.all([vera.hears(1500), bob.hears(1000)])
    await end()
  })
})
