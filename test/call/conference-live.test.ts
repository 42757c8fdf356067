/** Conferences in browsers: the live array of members, what moderators may do, and chat. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { vertoOf } from '../../src/endpoints/verto/verto.ts'
import { context } from '../support/dialplan.ts'
import type { FakeLeg } from '../support/fake-media.ts'
import { browserAnswer, type Message, type VertoClient } from '../support/verto-client.ts'
import { startVerto, type VertoSwitch } from '../support/verto-switch.ts'

const dialplan = context('here', {
  room: 'conference 3000@live',
  lead: 'conference 3000@live+flags{moderator}',
  elsewhere: 'set arrived=yes; park',
})
const profile =
  '<param name="domain" value="example.test"/><param name="conference-flags" value="livearray-sync"/>'
const configuration = `<configuration name="conference.conf"><profiles><profile name="live">${profile}</profile></profiles></configuration>`

const start = () => startVerto({ dialplan, modules: ['mod_conference'], configuration })

/** Comes in; what its browser is told of the conference. */
async function join(t: VertoSwitch, client: VertoClient, number: string, callID: string) {
  await client.invite(number, callID, { userVariables: { color: callID } })
  await client.wait('verto.answer')
  const leg = t.media.legs.find(({ uuid }) => uuid === callID) as FakeLeg
  leg.events.emit('secured', {
    suite: 'AES_CM_128_HMAC_SHA1_80',
    cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256',
    role: 'active',
    ms: 1,
  })
  const event = await client.wait('verto.event')
  assert.equal(event['eventType'], 'channelPvtData')
  return event['pvtData'] as Message
}

const send = (client: VertoClient, eventChannel: string, data: object) =>
  client.call('verto.broadcast', { eventChannel, data })

/** The next event of a channel that is so. */
async function next(client: VertoClient, passes: (data: Message) => boolean): Promise<Message> {
  const message = await client.take(
    ({ method, params }) => method === 'verto.event' && params.data && passes(params.data),
    'an event',
  )
  return message['params'].data
}

describe('a conference in browsers', () => {
  it('tells who comes in which channels are his, and shows all members', async () => {
    await using t = await start()
    using vera = await t.client('1000', 's1')
    using bob = await t.client('1001', 's2')
    const told = await join(t, vera, 'lead', 'c1')
    const { conferenceMemberID, ...rest } = told
    assert.deepEqual(rest, {
      callID: 'c1',
      action: 'conference-liveArray-join',
      laChannel: 'conference-liveArray.3000@example.test',
      laName: '3000',
      role: 'moderator',
      chatID: 'conf+3000@example.test',
      canvasCount: 0,
      modChannel: 'conference-mod.3000@example.test',
      chatChannel: 'conference-chat.3000@example.test',
      infoChannel: 'conference-info.3000@example.test',
    })
    const channel = told['laChannel']
    const denied = await bob.call('verto.subscribe', { eventChannel: channel })
    assert.deepEqual(denied['error'], { unauthorizedChannels: [channel] }, 'he is not in')
    const subscribed = await vera.call('verto.subscribe', { eventChannel: channel })
    assert.deepEqual(subscribed['result'].subscribedChannels, [channel])
    const liveArray = { command: 'bootstrap', context: channel, name: '3000', obj: {} }
    await send(vera, channel, { liveArray })
    const boot = await next(vera, ({ action }) => action === 'bootObj')
    assert.equal(boot['wireSerno'], -1)
    const [[uuid, row]] = boot['data']
    assert.equal(uuid, 'c1')
    assert.deepEqual(row.slice(0, 4), [
      String(conferenceMemberID).padStart(4, '0'),
      '1000',
      'Vera',
      'PCMU@8000',
    ])
    assert.deepEqual(JSON.parse(row[4]).audio.muted, false)
    assert.equal(JSON.parse(row[4]).oldStatus, 'ACTIVE')
    assert.deepEqual(row.slice(5), [{ color: 'c1' }, null])
    await join(t, bob, 'room', 'c2')
    const added = await next(vera, ({ action }) => action === 'add')
    assert.equal(added['hashKey'], 'c2')
    assert.equal(added['arrIndex'], 1)
    await bob.call('verto.bye', { dialogParams: { callID: 'c2' } })
    const gone = await next(vera, ({ action }) => action === 'del')
    assert.equal(gone['hashKey'], 'c2')
    assert.ok(gone['wireSerno'] > added['wireSerno'])
    const part = await bob.wait('verto.event')
    assert.equal(part['pvtData'].action, 'conference-liveArray-part')
  })

  it('a browser that comes back to its conference is told of it again', async () => {
    await using t = await start()
    using vera = await t.client('1000', 's1')
    const told = await join(t, vera, 'lead', 'c1')
    vera.socket.terminate()
    await t.until(() => vertoOf(t.sw)?.calls.get('c1')?.isDetached === true)
    using again = await t.client('1000', 's1')
    await again.wait('verto.attach')
    await again.call('verto.attach', { sdp: browserAnswer, dialogParams: { callID: 'c1' } })
    const event = await again.wait('verto.event')
    assert.deepEqual(event['pvtData'], told)
    const channel = told['laChannel']
    const subscribed = await again.call('verto.subscribe', { eventChannel: channel })
    assert.deepEqual(subscribed['result'].subscribedChannels, [channel])
  })

  it('a moderator mutes, and the list shows it; others may not', async () => {
    await using t = await start()
    using vera = await t.client('1000', 's1')
    using bob = await t.client('1001', 's2')
    const lead = await join(t, vera, 'lead', 'c1')
    const member = await join(t, bob, 'room', 'c2')
    assert.equal(member['modChannel'], undefined)
    const modChannel = lead['modChannel']
    const channels = [lead['laChannel'], modChannel]
    await vera.call('verto.subscribe', { eventChannel: channels })
    const control = (client: VertoClient, command: string, value?: unknown) =>
      send(client, modChannel, {
        application: 'conf-control',
        command,
        id: Number(member['conferenceMemberID']),
        value,
      })
    assert.equal((await control(bob, 'mute'))['result'].message, 'Permission Denied.')
    await control(vera, 'mute')
    const response = await next(vera, ({ action }) => action === 'response')
    assert.equal(response['conf-command'], `3000 mute ${member['conferenceMemberID']}`)
    const row = (await next(vera, ({ hashKey }) => hashKey === 'c2'))['data']
    assert.equal(JSON.parse(row[4]).oldStatus, 'MUTE')
    await control(vera, 'nosuch')
    const refused = await next(vera, ({ action }) => action === 'response')
    assert.equal(refused['error'], 'Invalid Command')
    await control(vera, 'transfer', ['elsewhere'])
    await t.until(() => t.sw.channels.get('c2')?.variables.get('arrived') === 'yes')
    await control(vera, 'list-videoLayouts')
    assert.deepEqual((await next(vera, ({ responseData }) => responseData))['responseData'], [])
  })

  it('hold of a browser shows, and a bye takes the rights away', async () => {
    await using t = await start()
    using vera = await t.client('1000', 's1')
    const { laChannel } = await join(t, vera, 'room', 'c1')
    await vera.call('verto.subscribe', { eventChannel: laChannel })
    await vera.call('verto.modify', { action: 'hold', dialogParams: { callID: 'c1' } })
    const row = (await next(vera, ({ action }) => action === 'modify'))['data']
    assert.equal(JSON.parse(row[4]).oldStatus, 'HOLD')
    await vera.call('verto.bye', { dialogParams: { callID: 'c1' } })
    await vera.wait('verto.event')
    await t.until(() => !t.sw.eventChannels.permits('s1', laChannel))
  })

  it('all who are in chat with each other', async () => {
    await using t = await start()
    using vera = await t.client('1000', 's1')
    using bob = await t.client('1001', 's2')
    const { chatChannel } = await join(t, vera, 'room', 'c1')
    await join(t, bob, 'room', 'c2')
    await bob.call('verto.subscribe', { eventChannel: chatChannel })
    await send(vera, chatChannel, { action: 'send', message: 'hello all', type: 'message' })
    assert.deepEqual(await next(bob, ({ message }) => message), {
      direction: 'outbound',
      message: 'hello all',
      fromDisplay: 'Vera',
      from: '1000@example.test',
      type: 'message',
    })
  })

  it('whoever asks is told what conferences there are', async () => {
    await using t = await start()
    using vera = await t.client('1000', 's1')
    const eventChannel = 'conference.3000@example.test'
    await send(vera, eventChannel, { action: 'bootstrap' })
    const none = await next(vera, ({ action }) => action === 'conferenceDescription')
    assert.equal(none['conferenceState'], 'inactive')
    await join(t, vera, 'room', 'c1')
    await send(vera, eventChannel, { action: 'bootstrap' })
    const some = await next(vera, ({ action }) => action === 'conferenceDescription')
    assert.equal(some['conferenceState'], 'active')
    assert.equal(some['userCount'], '1')
  })
})
