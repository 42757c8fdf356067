import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onLog } from '../../../../src/base/log.ts'
import { readSettings } from '../../../../src/core/settings.ts'
import { switchSettings } from '../../../../src/core/switch-settings.ts'
import { profileSettings } from '../../../../src/endpoints/sofia/settings.ts'
import { parseXml } from '../../../../src/xml/parse.ts'

test('a param of another switch is known by name, and told only where it asks for something', () => {
  const lines: string[] = []
  using _log = onLog(({ text }) => void lines.push(text))
  const params = (...names: string[]) =>
    parseXml(
      `<settings>${names.map((name) => `<param name="${name}" value="false"/>`).join('')}</settings>`,
      'x.xml',
    )
  readSettings(params('enable-rfc-5626', 'enable-compact-headers', 'tls'), profileSettings)
  assert.deepEqual(lines, [])
  readSettings(params('bitpacking'), profileSettings)
  readSettings(params('events-use-dispatch'), switchSettings)
  assert.equal(lines.length, 2)
  for (const line of lines) assert.match(line, /is known but has no effect here/)
})

test('each param stands in the table of a profile once', () => {
  const names = profileSettings.map(({ name }) => name.toLowerCase())
  assert.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  )
})
