/** What may be written after fs_cli. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SwitchError } from '../../../src/base/errors.ts'
import { parseCommandLine, usage } from '../../../src/cli/options.ts'

const given: readonly [about: string, args: string[], result: object][] = [
  ['nothing asks for nothing', [], {}],
  ['short options take the next word', ['-H', 'pbx', '-P', '8022'], { host: 'pbx', port: 8022 }],
  ['or the rest of their own', ['-Hpbx', '-psecret'], { host: 'pbx', password: 'secret' }],
  [
    'letters may stand in a row',
    ['-qRx', 'status'],
    { isQuiet: true, reconnects: true, execute: 'status' },
  ],
  [
    'long options take = or the next word',
    ['--host=pbx', '--execute', 'show calls'],
    { host: 'pbx', execute: 'show calls' },
  ],
  [
    'a value may hold = and begin with -',
    ['--password=a=b', '-x', '-v'],
    { password: 'a=b', execute: '-v' },
  ],
  [
    'long options may be shortened',
    ['--exec', 'version', '--pass=x'],
    { execute: 'version', password: 'x' },
  ],
  [
    'an exact name wins over longer ones',
    ['--log-uuid'],
    { logUuidLength: Number.POSITIVE_INFINITY },
  ],
  ['the short uuid has eight characters', ['-S'], { logUuidLength: 8 }],
  [
    'a bare word is a profile, wherever it stands',
    ['home', '-b'],
    { profile: 'home', isBatch: true },
  ],
  ['-- ends the options', ['--', '-odd'], { profile: '-odd' }],
  ['-? asks for help, as -h and --help do', ['-?'], { wants: 'help' }],
  ['time-outs are milliseconds', ['-t', '500', '-T', '0'], { timeout: 500, connectTimeout: 0 }],
  ['--no-color takes the colours away', ['--no-color'], { hasColour: false }],
]
for (const [about, args, result] of given) {
  test(about, () => assert.deepEqual(parseCommandLine(args), result))
}

const refused: readonly [about: string, args: string[], message: RegExp][] = [
  ['a port outside 1 to 65535', ['-P', '65536'], /--port .*1 to 65535, not 65536/],
  ['a port that is no number', ['-P', '80x'], /80x/],
  ['a debug level above 7', ['-d', '8'], /0 to 7/],
  ['an option that does not exist', ['--frob'], /no option --frob/],
  ['a letter that does not exist', ['-qz'], /no option -z/],
  ['an option without its value', ['-x'], /-x needs a command/],
  ['a value for an option that takes none', ['--quiet=1'], /--quiet takes no value/],
  ['a short form of two options', ['--log'], /--loglevel or --log-uuid/],
  ['two profiles', ['one', 'two'], /one or two/],
]
for (const [about, args, message] of refused) {
  test(`${about} is refused`, () => {
    assert.throws(
      () => parseCommandLine(args),
      (thrown) =>
        thrown instanceof SwitchError &&
        thrown.code === 'CLI_BAD_OPTION' &&
        message.test(thrown.message),
    )
  })
}

test('the usage names every option with its short form', () => {
  const text = usage('fs_cli')
  for (const row of ['-H, --host host', '-n, --no-color', '    --data folder', '-r, --retry']) {
    assert.ok(text.includes(row), row)
  }
})
