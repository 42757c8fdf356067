/** Browsers that see each other over Verto, in Chromium: two of Verto, and one of Verto with JsSIP. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { browserMs, Chromium, skipWithoutChromium } from '../support/chromium.ts'
import { jssipCall, jssipPage } from '../support/jssip-page.ts'
import { eventually } from '../support/programs.ts'
import {
  framesOf,
  hears,
  type Page,
  sees,
  startVertoAndSip,
  state,
  vertoPage,
  vertoScripts,
} from '../support/verto-page.ts'

const skip = skipWithoutChromium()
let chromium: Chromium
before(async () => {
  if (!skip) chromium = await Chromium.launch({ JsSIP: 'jssip', ...vertoScripts })
})
afterEach(() => chromium?.closePages())
after(() => chromium?.[Symbol.asyncDispose]())

const red = [200, 30, 30] as const
const blue = [30, 30, 200] as const
const green = [30, 160, 30] as const
const paint = (colour: readonly number[]) => `rgb(${colour.join()})`

const sent = (page: Page) =>
  page.run<{ out: { pliCount: number; keyFramesEncoded: number; framesSent: number } }>('figures()')

/** Sound and picture of each browser have one port together. */
async function areBundled({ sw }: Awaited<ReturnType<typeof startVertoAndSip>>): Promise<void> {
  const counts = async () => {
    const { legs, streams, portsInUse } = await sw.media.figures()
    return [legs, streams, portsInUse].join()
  }
  // What stood there before may just be closing.
  await eventually(
    'two legs and two streams on two ports',
    async () => (await counts()) === '2,2,2',
    undefined,
    counts,
  )
}

test('two browsers of Verto see each other; a wish for a whole picture reaches the sender, and hold stops the pictures', {
  skip,
}, async () => {
  await using sw = await startVertoAndSip()
  const anna = await vertoPage(chromium, sw, '1001', 440, paint(red))
  const bert = await vertoPage(chromium, sw, '1002', 620, paint(blue))
  await anna.run("dial('2002')")
  await Promise.all([state(anna, 'answered'), state(bert, 'answered')])
  await Promise.all([hears(anna, 620), hears(bert, 440)])
  await Promise.all([sees(anna, blue), sees(bert, red)])
  await areBundled(sw)
  const channel = sw.sw.channels.list().find(({ direction }) => direction === 'inbound')
  assert.equal(channel?.variables.get('video_media_flow'), 'sendrecv')
  assert.equal(channel?.variables.get('rtp_use_video_codec_name'), 'VP8')

  const before = await sent(bert)
  await eventually(
    'a PLI at the sender, and a whole picture of it',
    async () => {
      // A browser passes over a wish that comes soon after another.
      await anna.run("modify('videoRefresh')")
      const { out } = await sent(bert)
      return (
        out.pliCount > before.out.pliCount && out.keyFramesEncoded > before.out.keyFramesEncoded
      )
    },
    browserMs,
  )

  await anna.run("modify('hold')")
  await sw.event('CHANNEL_HOLD')
  const framesSent = async () => (await sent(anna)).out.framesSent
  // Those that were on their way may still come.
  await eventually(
    'pictures that go nowhere',
    async () => {
      const held = await framesOf(bert)
      const from = await framesSent()
      await eventually('pictures', async () => (await framesSent()) > from + 20, browserMs)
      return (await framesOf(bert)) === held
    },
    browserMs,
  )
  await anna.run("modify('unhold')")
  await Promise.all([sees(anna, blue), sees(bert, red)])
  await anna.run('hangUp()')
  await state(bert, 'ended')
  await sw.until(() => sw.sw.channels.count === 0)
})

test('a picture survives the loss of the socket: the browser that comes back sees and is seen', {
  skip,
}, async () => {
  await using sw = await startVertoAndSip()
  const anna = await vertoPage(chromium, sw, '1001', 440, paint(red))
  const bert = await vertoPage(chromium, sw, '1002', 620, paint(blue))
  await anna.run("dial('2002')")
  await Promise.all([sees(anna, blue), sees(bert, red)])
  await anna.run('lose()')
  await state(anna, 'attached')
  await Promise.all([hears(anna, 620), hears(bert, 440)])
  await Promise.all([sees(anna, blue), sees(bert, red)])
  await areBundled(sw)
})

test('a caller who hears a ringback is answered with video before the other one picks up, and sees him then', {
  skip,
}, async () => {
  await using sw = await startVertoAndSip({
    extensions: {
      2100: ['set:ringback=%(2000,4000,440)', 'bridge:verto.rtc/1002@example.test'],
    },
  })
  const anna = await vertoPage(chromium, sw, '1001', 440, paint(red))
  const bert = await vertoPage(chromium, sw, '1002', 620, paint(blue))
  await bert.run('void (window.mayAnswer = new Promise((pickUp) => { window.pickUp = pickUp }))')
  await anna.run("dial('2100')")
  await state(anna, 'media')
  await bert.run('pickUp()')
  await Promise.all([sees(anna, blue), sees(bert, red)])
  const { attached } = await anna.run<{ attached: number }>('state')
  assert.equal(attached, 0, 'nothing was offered anew')
})

test('who is put through to another browser sees that one', { skip }, async () => {
  await using sw = await startVertoAndSip()
  const anna = await vertoPage(chromium, sw, '1001', 440, paint(red))
  const bert = await vertoPage(chromium, sw, '1002', 620, paint(blue))
  const carl = await vertoPage(chromium, sw, '1003', 800, paint(green))
  await anna.run("dial('2002')")
  await Promise.all([sees(anna, blue), sees(bert, red)])
  await anna.run("modify('transfer', { destination: '2003' })")
  await state(anna, 'ended')
  await Promise.all([sees(bert, green), sees(carl, blue)])
  await Promise.all([hears(bert, 800), hears(carl, 620)])
})

test('a camera that is switched on within the call is shown to the other one, who has his on already', {
  skip,
}, async () => {
  await using sw = await startVertoAndSip()
  const anna = await vertoPage(chromium, sw, '1001', 440)
  const bert = await vertoPage(chromium, sw, '1002', 620, paint(blue))
  await bert.run("dial('2001')")
  await Promise.all([state(anna, 'answered'), state(bert, 'answered')])
  await hears(bert, 440)
  await anna.run(`(() => {
    const [track] = video(440, '${paint(red)}').getVideoTracks()
    stream.addTrack(track)
    connection.addTrack(track, stream)
    return update()
  })()`)
  await Promise.all([sees(anna, blue), sees(bert, red)])
  await hears(bert, 440)
  await areBundled(sw)
})

for (const caller of ['Verto', 'SIP'] as const)
  test(`a browser of Verto and one of SIP see each other, called by ${caller}`, {
    skip,
  }, async () => {
    await using sw = await startVertoAndSip()
    const anna = await vertoPage(chromium, sw, '1001', 440, paint(red))
    const bert = await jssipPage(chromium, sw, '1002', 620, paint(blue))
    if (caller === 'Verto') await anna.run("dial('1002')")
    else await bert.run(jssipCall('2001'))
    await Promise.all([state(anna, 'answered'), state(bert, 'confirmed')])
    await Promise.all([hears(anna, 620), hears(bert, 440)])
    await Promise.all([sees(anna, blue), sees(bert, red)])
    await areBundled(sw)
    const before = await sent(anna)
    let askedAt = Number.NEGATIVE_INFINITY
    await eventually(
      'a PLI at the browser of Verto',
      async () => {
        // It reaches a picture that is being sent: a browser that stands still for a moment is asked again.
        if (performance.now() - askedAt > 2000) {
          askedAt = performance.now()
          await bert.run(
            "session.sendInfo('application/media_control+xml', '<media_control><vc_primitive><to_encoder><picture_fast_update/></to_encoder></vc_primitive></media_control>')",
          )
        }
        const { out } = await sent(anna)
        return out.pliCount > before.out.pliCount
      },
      browserMs,
    )
    await bert.run("again('hold')")
    await sw.event('CHANNEL_HOLD')
    await bert.run("again('unhold')")
    await sw.event('CHANNEL_UNHOLD')
    await Promise.all([sees(anna, blue), sees(bert, red)])
    await anna.run('hangUp()')
    await state(bert, 'ended')
    await sw.until(() => sw.sw.channels.count === 0)
  })
