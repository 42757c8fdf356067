/** Sound of two baresip phones that leaves the server in the middle of a call and comes back; and sound that is proxied. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { Phone, skipWithoutModules } from '../support/baresip.ts'
import { eventually, skipWithout } from '../support/programs.ts'
import { copyOfConf, folderForTest, Server } from '../support/server.ts'

const skip = skipWithout('baresip') || skipWithoutModules()

async function phones(server: Server): Promise<[Phone, Phone]> {
  const port = server.ports.internal
  const started = await Promise.all([
    Phone.start({ server: port, user: '1000', tone: 440 }),
    Phone.start({ server: port, user: '1001', tone: 1000, answers: true }),
  ])
  await Promise.all(started.map((phone) => phone.registered()))
  return started
}

/** 1000 calls 1001 and both hear each other; the caller's uuid. */
async function talk(server: Server, caller: Phone, callee: Phone): Promise<string> {
  await caller.dial('1001')
  await Promise.all([caller.event('CALL_ESTABLISHED'), callee.event('CALL_ESTABLISHED')])
  await Promise.all([caller.hears(1000), callee.hears(440)])
  return (await server.api('show channels')).split('\n')[1]?.split(',')[0] ?? ''
}

async function figure(server: Server, name: string): Promise<number> {
  const all = JSON.parse(await server.api('counters media as json')) as Record<
    string,
    Record<string, number>
  >
  return Object.values(all).find((figures) => name in figures)?.[name] ?? -1
}

async function end(server: Server, caller: Phone, callee: Phone): Promise<void> {
  await caller.hangUp()
  await Promise.all([caller.event('CALL_CLOSED'), callee.event('CALL_CLOSED')])
  await server.isIdle()
}

test('uuid_media and uuid_media_3p: the phones hear each other past the server and through it', {
  skip,
}, async () => {
  await using server = await Server.start({ rtpPorts: 20 })
  const [caller, callee] = await phones(server)
  await using _caller = caller
  await using _callee = callee
  const uuid = await talk(server, caller, callee)
  for (const command of ['uuid_media', 'uuid_media_3p']) {
    assert.equal(await server.api(`${command} off ${uuid}`), '+OK Success')
    await eventually('no leg to be left', async () => (await figure(server, 'legs')) === 0)
    await Promise.all([caller.hears(1000, true), callee.hears(440, true)])
    assert.equal(await server.api(`${command} ${uuid}`), '+OK Success')
    await eventually('both legs to be back', async () => (await figure(server, 'legs')) === 2)
    await Promise.all([caller.hears(1000, true), callee.hears(440, true)])
  }
  await end(server, caller, callee)
})

test('inbound-proxy-media: the phones hear each other, and their codecs are their own affair', {
  skip,
}, async () => {
  using folder = folderForTest()
  const conf = copyOfConf(join(folder.path, 'conf'), {
    'sip_profiles/internal.xml': (text) =>
      text.replace(/<!-- (<param name="inbound-proxy-media" value="true"\/>) -->/, '$1'),
    // A codec that is none of ours any more: nobody may look.
    'vars.xml': (text) => text.replace(/_codec_prefs=[^"]*/g, '_codec_prefs=G722'),
  })
  await using server = await Server.start({ conf, rtpPorts: 20 })
  const [caller, callee] = await phones(server)
  await using _caller = caller
  await using _callee = callee
  const uuid = await talk(server, caller, callee)
  assert.equal(await server.api(`uuid_getvar ${uuid} read_codec`), 'PROXY')
  await end(server, caller, callee)
  assert.equal(await figure(server, 'streams'), 0)
})
