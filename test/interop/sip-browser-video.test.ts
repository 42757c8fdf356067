/** Video between browsers by SIP: JsSIP in Chromium, sound and pictures on one port (BUNDLE). */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { browserMs, Chromium, skipWithoutChromium } from '../support/chromium.ts'
import { jssipCall, jssipPage, startWebSwitch } from '../support/jssip-page.ts'
import { eventually } from '../support/programs.ts'
import type { SipSwitch } from '../support/sip-switch.ts'
import { hears, type Page, sees, state } from '../support/verto-page.ts'

const skip = skipWithoutChromium()
let chromium: Chromium | undefined
before(async () => {
  if (!skip) chromium = await Chromium.launch({ JsSIP: 'jssip' })
})
afterEach(() => chromium?.closePages())
after(() => chromium?.[Symbol.asyncDispose]())

/** As a browser usually has it unless a way to bundle is said. */
function jssip(
  sw: SipSwitch,
  user: string,
  frequency: number,
  colour?: string,
  bundlePolicy?: string,
): Promise<Page> {
  assert.ok(chromium)
  return jssipPage(chromium, sw, user, frequency, colour, { bundlePolicy })
}

/** How many transports the page's connection has. */
const transports = `(async () => [...(await session.connection.getStats()).values()].filter(({ type }) => type === 'transport').length)()`

/** How many pictures it has shown. */
const frames = `(async () => [...(await session.connection.getStats()).values()].find(({ type, kind }) => type === 'inbound-rtp' && kind === 'video').framesDecoded)()`

/** Waits until it has shown some more. */
async function goesOn(page: Page): Promise<void> {
  const before = await page.run<number>(frames)
  await eventually(
    'the picture to go on',
    async () => (await page.run<number>(frames)) > before + 10,
    browserMs,
    async () => [before, await page.run(frames), page.log.slice(-5)],
  )
}

for (const policies of [
  ['balanced', 'balanced'],
  ['max-bundle', 'max-bundle'],
  ['max-bundle', 'max-compat'],
] as const)
  test(`two browsers (${policies.join(', ')}) see each other: sound and video share one port and one handshake each`, {
    skip,
  }, async () => {
    await using sw = await startWebSwitch()
    const anna = await jssip(sw, '1001', 440, 'rgb(200,30,30)', policies[0])
    const bert = await jssip(sw, '1002', 620, 'rgb(30,30,200)', policies[1])
    await anna.run(jssipCall('1002'))
    await Promise.all([state(anna, 'confirmed'), state(bert, 'confirmed')])
    await Promise.all([hears(anna, 620), hears(bert, 440)])
    await Promise.all([sees(anna, [30, 30, 200]), sees(bert, [200, 30, 30])])
    const figures = await sw.sw.media.figures()
    assert.deepEqual([figures.legs, figures.streams, figures.portsInUse], [2, 2, 2])
    // One browser may have begun before the other was there; from now on each packet has its stream.
    await Promise.all([goesOn(anna), goesOn(bert)])
    const { dropped } = await sw.sw.media.figures()
    assert.deepEqual(
      Object.entries(dropped).filter(
        ([why, count]) =>
          /bundle|SRTP/.test(why) ||
          (/payload type|stream/.test(why) && count !== figures.dropped[why]),
      ),
      [],
    )
    assert.match(
      await sw.api(`webrtc why ${sw.channel('1001@example.test').uuid}`),
      /video +passes untouched on the port of the sound, with its ICE and keys \(BUNDLE\)/,
    )
    for (const page of [anna, bert]) assert.equal(await page.run(transports), 1)
    await anna.run('session.terminate()')
    await state(bert, 'ended')
    await sw.until(() => sw.sw.channels.count === 0)
  })

for (const way of ['SSRC', 'MID'] as const)
  test(`two pictures of one browser have the same payload types on one port, are told by ${way}, and both are seen`, {
    skip,
  }, async () => {
    await using sw = await startWebSwitch()
    const anna = await jssip(sw, '1001', 440, 'rgb(200,30,30)', 'max-bundle')
    const bert = await jssip(sw, '1002', 620, 'rgb(30,30,200)', 'max-bundle')
    await anna.run("options.mediaStream.addTrack(video(440, 'rgb(30,200,30)').getVideoTracks()[0])")
    await anna.run(`window.hidesSources = ${way === 'MID'}`)
    await anna.run(jssipCall('1002'))
    await Promise.all([state(anna, 'confirmed'), state(bert, 'confirmed')])
    const pictures = `(async () => [...(await session.connection.getStats()).values()].filter(({ type, kind, framesDecoded }) => type === 'inbound-rtp' && kind === 'video' && framesDecoded > 10).length)()`
    await eventually(
      'two pictures',
      async () => (await bert.run(pictures)) === 2,
      browserMs,
      async () => [(await sw.sw.media.figures()).dropped, bert.log],
    )
    await Promise.all([hears(anna, 620), hears(bert, 440), sees(anna, [30, 30, 200])])
    const { portsInUse, streams } = await sw.sw.media.figures()
    assert.deepEqual([portsInUse, streams], [2, 4])
    const offer = sw.channel('1001@example.test').variables.get('switch_r_sdp') ?? ''
    assert.equal(/a=ssrc:/.test(offer), way === 'SSRC')
    await anna.run('session.terminate()')
    await sw.until(() => sw.sw.channels.count === 0)
  })

test('who heard a ringback, which is sound alone, is offered the picture later, and takes it to the port of the sound', {
  skip,
}, async () => {
  await using sw = await startWebSwitch()
  const anna = await jssip(sw, '1001', 440, 'rgb(200,30,30)', 'max-bundle')
  const bert = await jssip(sw, '1002', 620, 'rgb(30,30,200)')
  await bert.run('window.answersAfter = 1000')
  await anna.run(jssipCall('9198'))
  await Promise.all([state(anna, 'confirmed'), state(bert, 'confirmed')])
  // Its own camera was let go by the browser when the sound alone was accepted.
  await sees(anna, [30, 30, 200])
  await Promise.all([hears(anna, 620), hears(bert, 440)])
  const { streams, portsInUse } = await sw.sw.media.figures()
  assert.deepEqual([streams, portsInUse], [2, 2])
  for (const page of [anna, bert]) assert.equal(await page.run(transports), 1)
  await bert.run("again('hold')")
  await bert.run("again('unhold')")
  await goesOn(anna)
  await anna.run('session.terminate()')
  await sw.until(() => sw.sw.channels.count === 0)
  await eventually(
    'the ports to be free',
    async () => (await sw.sw.media.figures()).portsInUse === 0,
  )
})

test('video that a max-bundle browser adds within the call comes by the port of the sound, outlives a hold, and goes again', {
  skip,
}, async () => {
  await using sw = await startWebSwitch()
  const anna = await jssip(sw, '1001', 440, undefined, 'max-bundle')
  const bert = await jssip(sw, '1002', 620, undefined, 'max-bundle')
  await anna.run(jssipCall('1002'))
  await Promise.all([state(anna, 'confirmed'), state(bert, 'confirmed')])
  await Promise.all([hears(anna, 620), hears(bert, 440)])
  await anna.run(`(() => {
    const stream = video(440, 'rgb(200,30,30)')
    window.sender = session.connection.addTrack(stream.getVideoTracks()[0], stream)
  })()`)
  await anna.run("again('renegotiate')")
  await sees(bert, [200, 30, 30])
  assert.equal((await sw.sw.media.figures()).portsInUse, 2)
  await anna.run("again('hold')")
  await anna.run("again('unhold')")
  await goesOn(bert)
  await Promise.all([hears(anna, 620), hears(bert, 440)])
  for (const page of [anna, bert]) assert.equal(await page.run(transports), 1)
  await anna.run(
    'session.connection.getTransceivers().find(({ sender }) => sender === window.sender).stop()',
  )
  await anna.run("again('renegotiate')")
  await eventually('the streams to close', async () => (await sw.sw.media.figures()).streams === 0)
  await Promise.all([hears(anna, 620), hears(bert, 440)])
  await anna.run('session.terminate()')
  await sw.until(() => sw.sw.channels.count === 0)
  await eventually(
    'the ports to be free',
    async () => (await sw.sw.media.figures()).portsInUse === 0,
  )
})
