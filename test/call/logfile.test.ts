/** mod_logfile: what is written to the log stands in the file, whole and in order. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { logger } from '../../src/base/log.ts'
import { eventually } from '../support/programs.ts'
import { startSwitch } from '../support/switch.ts'

const log = logger('test/logfile')
const line = (number: number) => `line ${number} — ${'.'.repeat(100)}`

const ours = (text: string) => text.split('\n').filter((row) => /line \d/.test(row))
const readIfThere = (path: string) =>
  existsSync(path) && statSync(path).isFile() ? readFileSync(path, 'utf8') : ''

/** Writes so many lines in one turn of the event loop while a switch with such a profile runs; the files when it has ended, oldest first. */
async function written(
  lines: number,
  params: Readonly<Record<string, string>>,
  prepare = (_path: string) => {},
): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'strowger-logfile-'))
  const path = join(folder, 'test.log')
  prepare(path)
  const settings = Object.entries({ logfile: path, ...params })
    .map(([name, value]) => `<param name="${name}" value="${value}"/>`)
    .join('')
  try {
    {
      await using _sw = await startSwitch({
        modules: ['mod_logfile'],
        configuration: `<configuration name="logfile.conf"><profiles><profile name="default"><settings>${settings}</settings></profile></profiles></configuration>`,
      })
      log.warning('is open')
      await eventually('the file to be open', () => readIfThere(path).includes('is open'))
      for (let number = 1; number <= lines; number++) log.warning(line(number), `call-${number}`)
    }
    const files = [path]
    while (existsSync(`${path}.${files.length}`)) files.unshift(`${path}.${files.length}`)
    return files.map(readIfThere)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('lines of one turn stand in the file whole and in order, each with its channel and level', async () => {
  const [text = ''] = await written(1000, {})
  const rows = ours(text)
  assert.equal(rows.length, 1000)
  for (const [index, row] of rows.entries()) {
    assert.ok(row.startsWith(`call-${index + 1} `), row)
    assert.ok(row.endsWith(`[WARNING] test/logfile ${line(index + 1)}`), row)
  }
})

test('a file that grows beyond its limit within a turn is rotated there, and no line is lost', async () => {
  const files = await written(1000, { rollover: '150000' })
  assert.equal(files.length, 2)
  const rows = ours(files.join(''))
  assert.deepEqual(
    rows.map((row) => row.slice(row.indexOf('line '))),
    Array.from({ length: 1000 }, (_none, index) => line(index + 1)),
  )
})

test('a file that is rotated several times within a turn leaves no hole in the numbers, and no line is lost', async () => {
  const files = await written(1000, { rollover: '20000' })
  assert.ok(files.length >= 6, `${files.length} files`)
  for (const [index, text] of files.entries()) {
    const size = Buffer.byteLength(text)
    if (index < files.length - 1) assert.ok(size > 18_000 && size < 22_000, `${size} octets`)
  }
  const rows = ours(files.join(''))
  assert.deepEqual(
    rows.map((row) => row.slice(row.indexOf('line '))),
    Array.from({ length: 1000 }, (_none, index) => line(index + 1)),
  )
})

test('as JSON each line is an object of its own', async () => {
  const [text = ''] = await written(100, { format: 'json' })
  const rows = ours(text).map((row) => JSON.parse(row) as Record<string, unknown>)
  assert.deepEqual(
    rows.map(({ uuid, msg }) => [uuid, msg]),
    Array.from({ length: 100 }, (_none, index) => [`call-${index + 1}`, line(index + 1)]),
  )
})

test('a file that cannot be rotated is written on, and the log says so each time', async () => {
  const files = await written(1000, { rollover: '50000', 'maximum-rotate': '1' }, (path) =>
    mkdirSync(`${path}.1`),
  )
  const text = files.join('')
  assert.equal(ours(text).length, 1000)
  const refusals = text.match(/cannot be rotated/g) ?? []
  assert.ok(refusals.length >= 2 && refusals.length <= 4, `${refusals.length} refusals`)
})
