/** Text messages with JsSIP in Chromium. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Chromium, skipWithoutChromium } from '../support/chromium.ts'
import { jssipPage, startWebSwitch } from '../support/jssip-page.ts'
import { eventually } from '../support/programs.ts'

const skip = skipWithoutChromium()

let chromium: Chromium | undefined
before(async () => {
  if (!skip) chromium = await Chromium.launch({ JsSIP: 'jssip' })
})
after(() => chromium?.[Symbol.asyncDispose]())

test('JsSIP and a plain phone write to each other', { skip }, async () => {
  assert.ok(chromium)
  await using sw = await startWebSwitch()
  const page = await jssipPage(chromium, sw, '1000', 440)
  const phone = await sw.phone('1001')
  await phone.register()
  await page.run(`(() => {
    window.texts = []
    ua.on('newMessage', ({ originator, request }) => originator === 'remote' && texts.push(request.body))
    ua.sendMessage('sip:1001@example.test', 'from the browser', { eventHandlers: {
      succeeded: () => texts.push('taken'), failed: ({ cause }) => texts.push('failed: ' + cause) } })
  })()`)
  const came = await phone.requests.next('a MESSAGE', ({ method }) => method === 'MESSAGE')
  assert.equal(came.body, 'from the browser')
  const { status } = await phone.request(
    'MESSAGE',
    '1000',
    [['Content-Type', 'text/plain']],
    'and back',
  )
  assert.equal(status, 202)
  await eventually('the browser to show it', async () => {
    const texts = await page.run<string[]>('window.texts')
    return texts.includes('taken') && texts.includes('and back')
  })
})
