import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onLog } from '../../../src/base/log.ts'
import { idle, yes } from '../../../src/core/setting-words.ts'
import { readSettings } from '../../../src/core/settings.ts'
import { parseXml } from '../../../src/xml/parse.ts'

const table = [
  yes('known', 'false', 'a setting'),
  ...idle('tls', 'not in this version', { fits: 'off' }),
  ...idle('tls-version', 'not in this version', { onlyWith: 'tls' }),
  ...idle('timer-name', 'the engine has its own', { fits: ['soft'] }),
  ...idle('watchdog', 'nothing to watch'),
]

/** The names that the log has a word for. */
function toldOf(params: string): string[] {
  const told: string[] = []
  using _log = onLog(({ area, text }) => {
    if (area === 'core/settings')
      told.push(text.replace(/^\S+ (unknown param )?/, '').split(/[ =]/)[0] ?? '')
  })
  readSettings(parseXml(`<settings>${params}</settings>`, 'test.conf.xml'), table)
  return told
}

const param = (name: string, value: string) => `<param name="${name}" value="${value}"/>`

test('what has no effect here is told, unless the file asks for what is so anyway', () => {
  assert.deepEqual(toldOf(param('watchdog', 'no') + param('known', 'true')), ['watchdog'])
  assert.deepEqual(toldOf(param('timer-name', 'soft')), [])
  assert.deepEqual(toldOf(param('timer-name', 'none')), ['timer-name'])
  for (const off of ['false', 'no', '0', '']) assert.deepEqual(toldOf(param('tls', off)), [])
  assert.deepEqual(toldOf(param('nonsense', 'no')), ['nonsense'])
})

test('what belongs to something that is off is passed over, and told when that is on', () => {
  const version = param('tls-version', 'tlsv1.2')
  assert.deepEqual(toldOf(version + param('tls', 'false')), [])
  assert.deepEqual(toldOf(version + param('tls', 'true')), ['tls-version', 'tls'])
})

test('what a file says is told once, until it is read again', () => {
  const lines: string[] = []
  using _log = onLog(({ text }) => void lines.push(text))
  const text = `<settings>${param('watchdog', 'no')}${param('nonsense', 'no')}</settings>`
  const node = parseXml(text, 'test.conf.xml')
  for (const read of [node, node, parseXml(text, 'test.conf.xml')]) readSettings(read, table)
  assert.equal(lines.length, 4)
})
