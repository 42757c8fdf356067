/** What a start finds that an end before it left: every moment at which a message can be cut off. */
import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Folder, MessageStore } from '../../../../src/applications/voicemail/store.ts'
import { memoryStore } from '../../../../src/stores/memory.ts'
import { sqliteDatabase } from '../../../../src/stores/sqlite-database.ts'
import { startSwitch } from '../../../support/switch.ts'

const domain = 'example.test'

/** Files and rows as a crash left them; `start` begins a switch that finds them. */
function afterCrash() {
  const folder = mkdtempSync(join(tmpdir(), 'strowger-settle-'))
  const box = join(folder, 'storage', 'voicemail', 'default', domain, '1001')
  mkdirSync(box, { recursive: true })
  const database = sqliteDatabase(join(folder, 'voicemail_default.db'))
  const store = new MessageStore(database)
  return {
    folder,
    box,
    store,
    file(name: string, content = 'sound') {
      const path = join(box, name)
      writeFileSync(path, content)
      utimesSync(path, 1000, 1000)
      return path
    },
    row(uuid: string, inFolder: Folder, flags: '' | 'save' | 'delete' = '') {
      store.insert({
        createdEpoch: 1000,
        readEpoch: 0,
        user: '1001',
        domain,
        uuid,
        callerName: 'Joe',
        callerNumber: '5551',
        folder: inFolder,
        path: join(box, `msg_${uuid}.wav`),
        length: inFolder === 'recording' ? 0 : 5,
        flags,
        readFlags: 'B_NORMAL',
        forwardedBy: '',
      })
    },
    start() {
      return startSwitch({
        modules: ['mod_commands', 'mod_voicemail'],
        store: memoryStore(),
        databaseDir: folder,
        globals: { storage_dir: join(folder, 'storage') },
        directory: `<domain name="${domain}"><user id="1001"/></domain>`,
        configuration: `<configuration name="voicemail.conf"><profiles><profile name="default"/></profiles></configuration>`,
      })
    },
    [Symbol.dispose]() {
      database[Symbol.dispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const uuid = (digit: number) => `00000000-0000-4000-8000-00000000000${digit}`

test('a recording that was cut off leaves neither message nor file', async () => {
  using crash = afterCrash()
  crash.row(uuid(1), 'recording')
  crash.file(`.recording_${uuid(1)}.wav`)
  await using sw = await crash.start()
  assert.equal(await sw.api(`vm_boxcount 1001@${domain}|all`), '0:0:0:0')
  assert.deepEqual(readdirSync(crash.box), [])
  assert.equal(crash.store.get(uuid(1)), undefined)
})

test('a recording that was whole becomes a message, its row or its answer missing', async () => {
  using crash = afterCrash()
  // The file has its name, the row does not know it yet.
  crash.row(uuid(1), 'recording')
  crash.file(`msg_${uuid(1)}.wav`)
  // The row knows it, the caller has not said what becomes of it.
  crash.row(uuid(2), 'pending')
  crash.file(`msg_${uuid(2)}.wav`)
  await using sw = await crash.start()
  assert.equal(await sw.api(`vm_boxcount 1001@${domain}|all`), '2:0:0:0')
  // Of the first nobody had written down how long it is: the file was asked (three seconds, in these tests).
  assert.equal(crash.store.get(uuid(1))?.length, 3)
  assert.equal(crash.store.get(uuid(2))?.length, 5)
  assert.equal(crash.store.get(uuid(1))?.callerNumber, '5551')
})

test('what was deleted goes, also when its file has gone already', async () => {
  using crash = afterCrash()
  crash.row(uuid(1), 'inbox', 'delete')
  crash.file(`msg_${uuid(1)}.wav`)
  crash.row(uuid(2), 'inbox', 'delete')
  await using sw = await crash.start()
  assert.equal(await sw.api(`vm_list 1001@${domain}`), '')
  assert.deepEqual(readdirSync(crash.box), [])
})

test('what was saved while it was new has been heard', async () => {
  using crash = afterCrash()
  crash.row(uuid(1), 'inbox', 'save')
  crash.file(`msg_${uuid(1)}.wav`)
  await using sw = await crash.start()
  assert.equal(await sw.api(`vm_boxcount 1001@${domain}|all`), '0:1:0:0')
})

test('a message without its file is forgotten, a file without its message becomes one', async () => {
  using crash = afterCrash()
  crash.row(uuid(1), 'inbox')
  crash.file(`msg_${uuid(2)}.wav`)
  crash.file('greeting_1.wav')
  crash.file('notes.txt')
  await using sw = await crash.start()
  assert.equal(await sw.api(`vm_boxcount 1001@${domain}|all`), '1:0:0:0')
  assert.equal(crash.store.get(uuid(1)), undefined)
  assert.equal(crash.store.get(uuid(2))?.createdEpoch, 1000)
  assert.ok(existsSync(join(crash.box, 'greeting_1.wav')))
})

test('a folder that is not there costs no message: its disk may come back', async () => {
  using crash = afterCrash()
  crash.row(uuid(1), 'inbox')
  rmSync(crash.box, { recursive: true })
  await using sw = await crash.start()
  assert.equal(await sw.api(`vm_boxcount 1001@${domain}|all`), '1:0:0:0')
})

test('a recording of this very process is not swept', async () => {
  using crash = afterCrash()
  const path = join(crash.box, `.recording_${uuid(1)}.wav`)
  writeFileSync(path, 'sound')
  await using _ = await crash.start()
  assert.ok(existsSync(path))
})
