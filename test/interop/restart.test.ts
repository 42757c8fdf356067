/** The server as a process: how it ends, what it keeps over a restart, how it says that it cannot start. */
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Phone, skipWithoutModules } from '../support/baresip.ts'
import { skipWithout } from '../support/programs.ts'
import {
  copyOfConf,
  folderForTest,
  launch,
  Server,
  type ServerPorts,
  serverArguments,
  serverPorts,
} from '../support/server.ts'
import { Sipp } from '../support/sipp.ts'

const skip = skipWithout('baresip') || skipWithoutModules()

test('SIGTERM ends calls with BYE and the process with 0; registrations outlive it', {
  skip,
}, async () => {
  using folder = folderForTest()
  const data = folder.path
  const ports = await serverPorts()
  await using phone = await Phone.start({ server: ports.internal, user: '1000', answers: true })
  {
    await using server = await Server.start({ data, ports })
    await phone.command('uareg', '120').catch(() => undefined) // it may have tried before the server was there
    await phone.registered()
    await phone.dial('9197')
    await phone.hears(1004)
    assert.equal(await server.stop(), 0)
    assert.match((await phone.event('CALL_CLOSED')).param, /peer|BYE/i)
  }
  await using server = await Server.start({ data, ports })
  assert.match(await server.api('show registrations'), /^1000,[\s\S]*1 total/m)
  assert.match(await server.api('originate user/1000 9197 XML default'), /^\+OK/)
  await phone.hears(1004)
  assert.equal(await server.stop(), 0)
})

test('a server whose output nobody reads any more says so once and goes on', async () => {
  await using server = await Server.start()
  server.program.closeOutput()
  for (let call = 0; call < 3; call++)
    assert.match(await server.api('originate loopback/9197 &park()'), /^\+OK/)
  await server.logs(/nobody reads the console any more/)
  assert.match(await server.api('status'), /is ready/)
  assert.equal(server.log.match(/nobody reads the console/g)?.length, 1)
  assert.doesNotMatch(server.log, /uncaught/)
})

test('a second SIGTERM ends it at once', { skip: skipWithout('sipp') }, async () => {
  await using server = await Server.start()
  await using party = await Sipp.start({ scenario: 'uas', server: server.ports.internal })
  const target = `sofia/internal/sip:b@127.0.0.1:${party.port}`
  assert.match(await server.api(`originate ${target} &park()`), /^\+OK/)
  await party.program[Symbol.asyncDispose]() // nobody answers the BYE
  server.program.signal('SIGTERM')
  await server.program.says(/SIGTERM: ending/)
  server.program.signal('SIGTERM')
  // Whoever waits for the answer to its BYE ends well, with 0.
  assert.equal(await server.program.ends(), 1)
})

/** A start that must fail: one line that says why, and an exit code that says so. */
async function refuses(args: readonly string[], pattern: RegExp): Promise<void> {
  await using program = launch('strowger', args)
  const code = await program.ends()
  assert.notEqual(code, 0)
  const words = program.text.split('\n').filter((line) => line.startsWith('strowger: '))
  assert.equal(words.length, 1, program.text)
  assert.match(words[0] ?? '', pattern)
  assert.doesNotMatch(program.text, /^\s+at /m)
}

test('a port that is taken is named, and the server does not start', async () => {
  await using server = await Server.start()
  const spare = await serverPorts()
  const taken: [keyof ServerPorts, RegExp][] = [
    ['internal', new RegExp(`127\\.0\\.0\\.1:${server.ports.internal}\\b`)],
    ['eventSocket', new RegExp(`127\\.0\\.0\\.1:${server.ports.eventSocket}\\b`)],
  ]
  for (const [which, pattern] of taken) {
    using folder = folderForTest()
    const ports = { ...spare, [which]: server.ports[which] }
    await refuses(serverArguments(ports, folder.path), pattern)
  }
})

test('a data folder that cannot be written is named', async () => {
  using folder = folderForTest()
  const file = join(folder.path, 'file')
  writeFileSync(file, '')
  await refuses(serverArguments(await serverPorts(), join(file, 'data')), /cannot write .*file/)
})

test('a broken configuration is named with file and line', async () => {
  using folder = folderForTest()
  const data = join(folder.path, 'data')
  const ports = await serverPorts()
  const conf = copyOfConf(join(folder.path, 'conf'), {
    'dialplan/public.xml': (text) => text.replace('</context>', '</contxt>'),
  })
  await refuses(serverArguments(ports, data, conf), /public\.xml:\d+:\d+/)
  const empty = join(folder.path, 'empty')
  mkdirSync(empty)
  assert.equal(readdirSync(empty).length, 0)
  await refuses(serverArguments(ports, data, empty), /freeswitch\.xml/)
})
