/** The original console program against our event socket. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Program } from '../support/programs.ts'
import { launch, Server } from '../support/server.ts'

const original = process.env['STROWGER_FS_CLI']

test('the fs_cli of FreeSWITCH runs commands and shows the log', {
  skip: original ? false : 'STROWGER_FS_CLI does not name an fs_cli of FreeSWITCH',
}, async () => {
  await using server = await Server.start()
  const secret = readFileSync(join(server.data, 'event_socket_password'), 'utf8').trim()
  const run = async (...args: string[]) => {
    const where = ['-H', '127.0.0.1', '-P', `${server.ports.eventSocket}`, '-p', secret]
    await using program = new Program(original ?? '', [...where, ...args])
    const code = await program.ends()
    return { code, text: program.text }
  }
  assert.match((await run('-x', 'status')).text, /^UP 0 years/)
  assert.match((await run('-x', 'show channels count')).text, /0 total/)
  assert.match((await run('-x', 'nonsense')).text, /-ERR nonsense Command not found!/)
  const wrong = await run('-p', 'wrong', '-x', 'status')
  assert.doesNotMatch(wrong.text, /^UP/)
})

test('our own fs_cli finds port and password in the data folder', async () => {
  await using server = await Server.start()
  await using program = launch('fs_cli', ['--data', server.data, '-x', 'status'])
  assert.equal(await program.ends(), 0, program.text)
  assert.match(program.text, /^UP 0 years/)
})
