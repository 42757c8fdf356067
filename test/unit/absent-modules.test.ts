import assert from 'node:assert/strict'
import { test } from 'node:test'
import { absentModule } from '../../src/absent-modules.ts'

test('of a module of FreeSWITCH it is said what brings the same, or what is missing without it', () => {
  assert.deepEqual(absentModule('mod_rtc')?.isPartOfUs, true)
  assert.match(absentModule('mod_lua')?.words ?? '', /^Lua scripts are not run/)
  assert.match(absentModule('mod_say_fr')?.words ?? '', /not said in "fr"/)
  assert.equal(absentModule('mod_nonsense'), undefined)
})
