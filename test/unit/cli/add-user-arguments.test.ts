/** What may be written after add_user. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SwitchError } from '../../../src/base/errors.ts'
import { parseAddUserArguments } from '../../../src/cli/add-user-arguments.ts'

const options = (...args: string[]) => {
  const parsed = parseAddUserArguments(args)
  assert.notEqual(parsed, 'help')
  return parsed as Exclude<typeof parsed, 'help'>
}

test('an id alone goes into the domain default', () => {
  assert.deepEqual(options('3000'), {
    ids: ['3000'],
    domain: 'default',
    confPath: undefined,
    password: undefined,
    voicemailPin: undefined,
  })
})

test('a range holds both its ends', () => {
  assert.deepEqual(options('--users=3000-3002').ids, ['3000', '3001', '3002'])
})

test('a long name may begin with one dash', () => {
  assert.deepEqual(options('-users=10-11', '-domain=shop').ids, ['10', '11'])
})

test('numbers longer than a double can count stay exact', () => {
  assert.deepEqual(options('--users=90071992547409930-90071992547409931').ids, [
    '90071992547409930',
    '90071992547409931',
  ])
})

test('help is asked for by -h and --help', () => {
  assert.equal(parseAddUserArguments(['--help']), 'help')
  assert.equal(parseAddUserArguments(['-h']), 'help')
})

const refused: readonly [args: string[], message: RegExp][] = [
  [[], /must specify user id/],
  [['5'], /at least 2 digits/],
  [['0123'], /cannot begin with the digit zero/],
  [['12a4'], /must be numeric/],
  [['1000', '1001'], /One user id at a time/],
  [['1000', '--users=10-11'], /not both/],
  [['--users=1000'], /both a start and end/],
  [['--users=1000-'], /both a start and end/],
  [['--users=10-20-30'], /both a start and end/],
  [['--users=x-2000'], /Start of range 'x'/],
  [['--users=1000-y'], /End of range 'y'/],
  [['--users=2000-1000'], /greater than start/],
  [['--users=2000-2000'], /greater than start/],
  [['--users=10-99999999'], /10000 is the most/],
  [['1000', '--domain=../other'], /Domain '..\/other'/],
  [['1000', '--domain='], /Domain ''/],
  [['1000', '--vmpin=12x'], /must consist of digits/],
  [['1000', '--password='], /password is empty/],
  [['1000', '--password=a\nb'], /line breaks/],
  [['1000', '--password=$${default_password}'], /names a variable/],
  [['1000', '--colour=red'], /Unknown option '--colour'/],
]

for (const [args, message] of refused) {
  test(`refuses ${JSON.stringify(args)} with one clear line`, () => {
    assert.throws(
      () => parseAddUserArguments(args),
      (thrown) =>
        thrown instanceof SwitchError && message.test(thrown.message) && !/\n/.test(thrown.message),
    )
  })
}
