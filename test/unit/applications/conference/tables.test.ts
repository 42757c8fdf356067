import assert from 'node:assert/strict'
import { test } from 'node:test'
import { subCommands } from '../../../../src/applications/conference/command.ts'
import { controlActions, usualControls } from '../../../../src/applications/conference/controls.ts'

test('every action of the built-in keys is there', () => {
  for (const action of usualControls.values())
    assert.ok(Object.hasOwn(controlActions, action), action)
  assert.equal(Object.keys(controlActions).length, 31)
})

test('every sub-command of the field is there, each once', () => {
  const names = subCommands.map(({ name }) => name)
  assert.equal(names.length, 84)
  assert.equal(new Set(names).size, names.length)
})
