/** The whole matrix of menu keys: every key in every menu, with the keys that FreeSWITCH has and with others. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  actionOf,
  deletedMenu,
  escapeMenu,
  forwardMenu,
  greetingMenu,
  keyList,
  mainMenu,
  messageMenu,
  optionsMenu,
  playingMenu,
  recordedMenu,
  soundMenu,
  urgentMenu,
} from '../../../../src/applications/voicemail/menus.ts'
import { profileSettings } from '../../../../src/applications/voicemail/settings.ts'

const usual = new Map(profileSettings.map((setting) => [setting.name, setting.default ?? '']))

function values(changed: Readonly<Record<string, string>> = {}) {
  return { text: (name: string) => changed[name] ?? usual.get(name) ?? '' }
}

const menus = {
  main: mainMenu,
  options: optionsMenu,
  playing: playingMenu,
  sound: soundMenu,
  message: messageMenu,
  deleted: deletedMenu,
  recorded: recordedMenu,
  urgent: urgentMenu,
  forward: forwardMenu,
  greeting: greetingMenu,
  escape: escapeMenu,
} as const

const keys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#']

/** A column for each key, in the order of a telephone; `·` where it means nothing. */
// biome-ignore format: a table keeps its columns
const matrix = [
  //           1                  2                  3              4         5           6             7         8           9    *         0         #
  ['main',     'new',             'saved',           '·',           '·',      'options',  '·',          '·',      'undelete', '·', '·',      '·',      'leave'],
  ['options',  'record greeting', 'choose greeting', 'record name', '·',      '·',        'change PIN', '·',      '·',        '·', '·',      'back',   '·'],
  ['playing',  'choose',          'choose',          'choose',      '·',      '·',        '·',          'choose', 'choose',   '·', 'skip',   'choose', 'ask'],
  ['sound',    'restart',         '·',               '·',           'back',   '·',        'ahead',      '·',      '·',        '·', '·',      'pause',  '·'],
  ['message',  'previous',        'save',            'next',        'email',  'call back', '·',         'delete', 'forward',  '·', '·',      'repeat', '·'],
  ['deleted',  'previous',        'save',            'next',        'email',  'call back', '·',         'delete', 'undelete', '·', '·',      'repeat', '·'],
  ['recorded', 'hear',            'keep',            'again',       '·',      '·',        '·',          '·',      '·',        '·', '·',      '·',      '·'],
  ['urgent',   '·',               '·',               '·',           '·',      '·',        '·',          '·',      '·',        '·', 'urgent', '·',      '·'],
  ['forward',  'introduce',       '·',               '·',           '·',      '·',        '·',          '·',      'send',     '·', '·',      '·',      '·'],
  ['greeting', '·',               '·',               '·',           '·',      '·',        '·',          '·',      '·',        '·', '·',      'log in', 'record'],
  ['escape',   '·',               '·',               '·',           '·',      '·',        '·',          '·',      '·',        '·', '·',      '·',      '·'],
] as const

for (const [name, ...meanings] of matrix) {
  const menu = menus[name]
  test(`keys of the menu "${name}" mean what the settings say`, () => {
    assert.equal(meanings.length, keys.length)
    for (const [index, key] of keys.entries()) {
      const meaning = actionOf(menu, key, values()) ?? '·'
      assert.equal(meaning, meanings[index], `key ${key}`)
    }
  })
}

test('every key of every menu can be put elsewhere', () => {
  for (const [name] of matrix) {
    for (const [setting, action] of menus[name]) {
      for (const key of keys) {
        // Where two settings have the same key the first one counts: all others are out of the way.
        const others = Object.fromEntries([...usual.keys()].map((each) => [each, '']))
        const changed = values({ ...others, [setting]: key })
        assert.equal(actionOf(menus[name], key, changed), action, `${name} ${setting}`)
        for (const other of keys)
          if (other !== key) assert.equal(actionOf(menus[name], other, changed), undefined)
      }
    }
  }
})

test('operator and vmain keys count where the profile has them', () => {
  const own = values({ 'operator-key': '9', 'vmain-key': '*' })
  assert.equal(actionOf(greetingMenu, '9', own), 'operator')
  assert.equal(actionOf(greetingMenu, '*', own), 'vmain')
  assert.equal(actionOf(escapeMenu, '9', own), 'operator')
  assert.equal(actionOf(escapeMenu, '*', own), 'vmain')
})

test('several keys may log in', () => {
  const own = values({ 'login-keys': '0*' })
  assert.equal(actionOf(greetingMenu, '0', own), 'log in')
  assert.equal(actionOf(greetingMenu, '*', own), 'log in')
})

test('nothing that was pressed means nothing', () => {
  for (const [name] of matrix) assert.equal(actionOf(menus[name], '', values()), undefined)
})

test('phrases get the keys in the order they say them', () => {
  const list = keyList(
    values(),
    'play-new-messages-key',
    'play-saved-messages-key',
    'config-menu-key',
    'terminator-key',
  )
  assert.equal(list, '1:2:5:#')
})
