/** Browsers as phones: JsSIP and SIP.js in Chromium over WebSocket, with an echo, with each other and with a plain phone. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { profileNamed } from '../../src/endpoints/sofia/profiles.ts'
import { Chromium, skipWithoutChromium } from '../support/chromium.ts'
import { Coturn, skipWithoutCoturn } from '../support/coturn.ts'
import { comes } from '../support/ears.ts'
import { jssipCall, jssipPage, startWebSwitch, webSocketOf } from '../support/jssip-page.ts'
import { eventually } from '../support/programs.ts'
import { knowsRelaysOnly, relayOnly } from '../support/relay-only.ts'
import type { SipSwitch } from '../support/sip-switch.ts'
import { hears, type Page, state } from '../support/verto-page.ts'

const skip = skipWithoutChromium()
let chromium: Chromium | undefined
before(async () => {
  if (!skip) chromium = await Chromium.launch({ JsSIP: 'jssip', SIP: 'sip.js' })
})
afterEach(() => chromium?.closePages())
after(() => chromium?.[Symbol.asyncDispose]())

function jssip(
  sw: SipSwitch,
  user: string,
  frequency: number,
  protocol?: 'ws' | 'wss',
): Promise<Page> {
  assert.ok(chromium)
  return jssipPage(chromium, sw, user, frequency, undefined, { protocol })
}

test('JsSIP registers over a WebSocket, calls an echo and hears itself', { skip }, async () => {
  await using sw = await startWebSwitch()
  const page = await jssip(sw, '1000', 440)
  const [registration] = profileNamed(sw.sw, 'internal')?.registrations.list() ?? []
  assert.equal(registration?.status, 'Registered(WS-NAT)')
  assert.match(registration.uri, /\.invalid;transport=ws;fs_nat=yes;fs_path=sip%3A/)
  await page.run(jssipCall('9196'))
  await state(page, 'confirmed')
  await hears(page, 440)
  const channel = sw.channel('1000@example.test')
  assert.equal(channel.secureType.startsWith('srtp:dtls:'), true)
  assert.equal(channel.readCodec?.name, 'opus')
  await page.run('session.terminate()')
  await sw.until(() => sw.sw.channels.count === 0)
})

test('two JsSIP browsers call each other, and each hears the other', { skip }, async () => {
  await using sw = await startWebSwitch()
  const [anna, bert] = [await jssip(sw, '1001', 440), await jssip(sw, '1002', 620)]
  await anna.run(jssipCall('1002'))
  await Promise.all([state(anna, 'confirmed'), state(bert, 'confirmed')])
  await Promise.all([hears(anna, 620), hears(bert, 440)])
  // Opus on both sides: what comes goes on, nothing is decoded.
  const { readCodec } = sw.channel('1001@example.test')
  assert.equal(readCodec?.name, 'opus')
  await anna.run("again('hold')")
  await sw.event('CHANNEL_HOLD')
  await anna.run("again('unhold')")
  await sw.event('CHANNEL_UNHOLD')
  await Promise.all([hears(anna, 620), hears(bert, 440)])
  await bert.run('session.terminate()')
  await state(anna, 'ended')
  await sw.until(() => sw.sw.channels.count === 0)
})

test('a plain phone with G.711 and a browser call each other, sound and digits both ways', {
  skip,
}, async () => {
  await using sw = await startWebSwitch()
  const page = await jssip(sw, '1003', 440)
  const phone = await sw.phone('1004')
  await phone.register()
  const outgoing = await phone.call('1003')
  assert.equal((await outgoing.outcome()).status, 200)
  await state(page, 'confirmed')
  const talking = outgoing.rtp.speak(620)
  await hears(page, 620)
  await comes(outgoing.rtp, 440, { from: 0, least: 0.95 })
  await page.run("session.sendDTMF('5', { transportType: 'RFC2833', duration: 100 })")
  await eventually('the digit at the phone', () =>
    outgoing.rtp.arrived.some(
      ({ payloadType, payload }) => payloadType === 101 && payload[0] === 5,
    ),
  )
  await talking.end()
  await outgoing.bye()
  await state(page, 'ended')
  await sw.until(() => sw.sw.channels.count === 0)

  const incoming = phone.incoming()
  await page.run(jssipCall('1004'))
  const answered = await incoming
  answered.answer()
  await state(page, 'confirmed')
  const speaking = answered.rtp.speak(700)
  await hears(page, 700)
  await speaking.end()
  await page.run('session.terminate()')
  await sw.until(() => sw.sw.channels.count === 0)
})

/** The same with SIP.js. */
async function sipjs(sw: SipSwitch, user: string, frequency: number): Promise<Page> {
  assert.ok(chromium)
  const page = await chromium.page()
  await page.run(`(async () => {
    const { UserAgent, Registerer, Inviter, SessionState, Web } = window.SIP
    window.state = { registered: false, failed: '', incoming: 0, ended: '' }
    const ua = new UserAgent({
      uri: UserAgent.makeURI('sip:${user}@example.test'),
      transportOptions: { server: '${webSocketOf(sw)}' },
      authorizationUsername: '${user}',
      authorizationPassword: 'pw-${user}',
      logLevel: 'error',
      sessionDescriptionHandlerFactory: Web.defaultSessionDescriptionHandlerFactory(
        // It stops the tracks of each call at its end.
        () => Promise.resolve(tone(${frequency})),
      ),
      sessionDescriptionHandlerFactoryOptions: {
        iceGatheringTimeout: 5000,
        peerConnectionConfiguration: { iceServers: [] },
      },
      delegate: {
        onInvite: (invitation) => {
          state.incoming++
          watch(invitation)
          void invitation.accept()
        },
      },
    })
    const watch = (session) => {
      window.session = session
      session.stateChange.addListener((now) => {
        if (now === SessionState.Established) {
          hear(session.sessionDescriptionHandler.remoteMediaStream)
          state.confirmed = true
        }
        if (now === SessionState.Terminated) state.ended = 'terminated'
      })
    }
    window.dial = (number) => {
      const inviter = new Inviter(ua, UserAgent.makeURI('sip:' + number + '@example.test'))
      watch(inviter)
      return inviter.invite()
    }
    // Another offer within the call: done when its answer has been taken, not when it was sent.
    window.again = (hold) => new Promise((resolve, reject) => {
      session.invite({
        sessionDescriptionHandlerOptions: { hold },
        requestDelegate: { onAccept: () => resolve(), onReject: ({ message }) => reject(new Error(String(message.statusCode))) },
      }).catch(reject)
    })
    await ua.start()
    const registerer = new Registerer(ua)
    registerer.stateChange.addListener((now) => { state.registered = now === 'Registered' })
    await registerer.register()
  })()`)
  await state(page, 'registered')
  return page
}

test('SIP.js: an echo, a call with JsSIP both ways, hold, digits as events and by INFO, and the end', {
  skip,
}, async () => {
  await using sw = await startWebSwitch({ 'liberal-dtmf': 'true' })
  const [anna, bert] = [await sipjs(sw, '1005', 440), await jssip(sw, '1006', 620)]
  await anna.run("void dial('9196')")
  await state(anna, 'confirmed')
  await hears(anna, 440)
  await anna.run('session.bye()')
  await sw.until(() => sw.sw.channels.count === 0)
  await anna.run("state.confirmed = false; void dial('1006')")
  await Promise.all([state(anna, 'confirmed'), state(bert, 'confirmed')])
  await Promise.all([hears(anna, 620), hears(bert, 440)])
  await anna.run('again(true)')
  await sw.event('CHANNEL_HOLD')
  await anna.run('again(false)')
  await sw.event('CHANNEL_UNHOLD')
  await Promise.all([hears(anna, 620), hears(bert, 440)])
  await anna.run(`session.info({ requestOptions: { body: {
    contentDisposition: 'render',
    contentType: 'application/dtmf-relay',
    content: 'Signal=7\\r\\nDuration=200',
  } } })`)
  await sw.event('DTMF', (event) => event.get('DTMF-Digit') === '7')
  await anna.run("session.sessionDescriptionHandler.sendDtmf('8')")
  await sw.event('DTMF', (event) => event.get('DTMF-Digit') === '8')
  await anna.run('session.bye()')
  await state(bert, 'ended')
  await sw.until(() => sw.sw.channels.count === 0)
  await bert.run(`state.confirmed = false; ${jssipCall('1005')}`)
  await Promise.all([state(anna, 'incoming'), state(bert, 'confirmed')])
  await hears(bert, 440)
  await bert.run('session.terminate()')
  await sw.until(() => sw.sw.channels.count === 0)
})

test('by wss, with a certificate of its own, all is the same; a phone that stops ends its call and registration', {
  skip,
}, async () => {
  await using sw = await startWebSwitch()
  const page = await jssip(sw, '1007', 440, 'wss')
  const registrations = profileNamed(sw.sw, 'internal')?.registrations
  assert.equal(registrations?.list()[0]?.status, 'Registered(WSS-NAT)')
  await page.run(jssipCall('9196'))
  await state(page, 'confirmed')
  await hears(page, 440)
  await page.run('ua.stop()')
  await sw.until(() => sw.sw.channels.count === 0)
  await eventually('no registration', () => registrations?.count === 0)
})

test('a browser that only a relay of ours reaches calls, and is called', {
  skip: skip || skipWithoutCoturn(),
}, async () => {
  // Its own relay lets in what comes from ours, and not what comes from our own port: their addresses differ.
  await using theirs = await Coturn.start({ account: 'browser:pass' })
  await using ours = await Coturn.start({ secret: 'south', relayAddress: '127.0.0.2' })
  // The account is an attribute of the same param.
  const turn = `${ours.url}" secret="south`
  await using sw = await startWebSwitch({ 'ice-mode': 'full', 'turn-server': turn })
  const relay = relayOnly({ url: theirs.url, username: 'browser', credential: 'pass' })
  const script = relay + knowsRelaysOnly
  assert.ok(chromium)
  const page = await jssipPage(chromium, sw, '1000', 440, undefined, { script })
  const goesByRelay = async () => {
    const why = await sw.api(`webrtc why ${sw.sw.channels.list()[0]?.uuid}`)
    assert.match(why, /ICE +full, connected, 127\.0\.0\.2:\d+ with 127\.0\.0\.1:\d+ \(/)
    assert.match(why, /TURN +turn:\S+: allocated, we are 127\.0\.0\.2:\d+ there, in use$/m)
  }
  const isFreed = (count: number) =>
    eventually(
      'the address to be given back',
      () => ours.program.text.split(/: delete: realm=/).length > count,
    )
  await page.run(jssipCall('9196'))
  await state(page, 'confirmed')
  await hears(page, 440)
  await goesByRelay()
  await page.run('session.terminate()')
  await sw.until(() => sw.sw.channels.count === 0)
  await isFreed(1)
  await page.run('void (state.confirmed = false)')
  const contact = await sw.api('sofia_contact internal/1000@example.test')
  await sw.api(`bgapi originate ${contact} &echo()`)
  await state(page, 'confirmed')
  await hears(page, 440)
  await goesByRelay()
  await page.run('session.terminate()')
  await sw.until(() => sw.sw.channels.count === 0)
  await isFreed(2)
})
