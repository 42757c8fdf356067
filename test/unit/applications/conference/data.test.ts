import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flagsOf, readConferenceData } from '../../../../src/applications/conference/data.ts'

test('a bare name has the default profile, no pin and no flags', () => {
  assert.deepEqual(readConferenceData('3000'), {
    name: '3000',
    profile: 'default',
    pin: undefined,
    flags: [],
  })
})

test('profile, pin and flags stand behind the name', () => {
  assert.deepEqual(readConferenceData('room@wideband+1234+flags{mute|deaf}'), {
    name: 'room',
    profile: 'wideband',
    pin: '1234',
    flags: ['mute', 'deaf'],
  })
})

test('flags may stand before the pin, and a name may have a dollar or a blank around it', () => {
  assert.deepEqual(readConferenceData(' room-$1@default+flags{moderator}+99 '), {
    name: 'room-$1',
    profile: 'default',
    pin: '99',
    flags: ['moderator'],
  })
})

test('without a name there is no conference', () => {
  for (const text of ['', '@default', '+flags{mute}', '+12'])
    assert.equal(readConferenceData(text), undefined)
})

test('flags are separated by bars, commas or blanks', () => {
  assert.deepEqual(flagsOf('mute|deaf, moderator  ghost'), ['mute', 'deaf', 'moderator', 'ghost'])
  assert.deepEqual(flagsOf(undefined), [])
})

test('a bridge names whom to dial, its flags taken out first', () => {
  assert.deepEqual(
    readConferenceData('bridge:_uuid_@wideband:sofia/internal/1000@a.b+flags{mute}'),
    {
      name: '_uuid_',
      profile: 'wideband',
      pin: undefined,
      flags: ['mute'],
      bridgeTo: 'sofia/internal/1000@a.b',
    },
  )
  assert.equal(readConferenceData('bridge:room@default'), undefined)
})

test('the profile stands behind the last @', () => {
  const data = readConferenceData('3000@example.test@wideband')
  assert.deepEqual([data?.name, data?.profile], ['3000@example.test', 'wideband'])
})
