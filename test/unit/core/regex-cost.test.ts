/** No pattern may hold up the switch, whatever the subject. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the dollars are what is tested
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compilePattern, fillIn } from '../../../src/core/regex/regex.ts'
import { noFlags } from '../../../src/core/regex/regex-cursor.ts'
import { matchCost, nativeSource } from '../../../src/core/regex/regex-native.ts'
import { parseRegex } from '../../../src/core/regex/regex-parse.ts'

function isQuick(expression: string, subject: string): boolean {
  const pattern = compilePattern(expression)
  // Work, not time: the machine may be busy with something else.
  const before = process.cpuUsage()
  pattern.exec(subject)
  const { user, system } = process.cpuUsage(before)
  return user + system < 1_000_000
}

test('patterns that multiply their ways with every round end all the same', () => {
  const a = 'a'.repeat(40)
  assert.ok(isQuick('(a+)+$', `${a}!`))
  assert.ok(isQuick('^(a|aa)+$', `${a}!`))
  assert.ok(isQuick('(x+x+)+y', 'x'.repeat(60)))
  assert.ok(isQuick('^(\\w+\\s?)*$', `${'word '.repeat(20)}!`))
  assert.ok(isQuick('(.*)(.*)(.*)(.*)(.*)=', 'x'.repeat(5000)))
  assert.ok(isQuick('.*.*=', 'x'.repeat(60_000)))
  assert.ok(isQuick('(a{1,20}){1,20}$', `${a}!`))
  assert.ok(isQuick('((?1)a)|b', 'a'.repeat(100)))
})

test('a match that goes too deep is no match, and the pattern goes on working', () => {
  const pattern = compilePattern('^(?:(ab)|c\\b)*$')
  assert.equal(pattern.exec('ab'.repeat(30_000)), undefined)
  assert.deepEqual(pattern.exec('abab'), ['abab', 'ab'])
})

test('a subject or pattern that is too long is refused', () => {
  assert.equal(compilePattern('a').exec('a'.repeat(70_000)), undefined)
  assert.throws(() => compilePattern('a'.repeat(20_000)), { code: 'REGEX_BAD' })
  assert.throws(() => compilePattern('('.repeat(300) + ')'.repeat(300)), { code: 'REGEX_BAD' })
})

test('plain patterns are left to the engine of JavaScript, doubtful ones are not', () => {
  const source = (pattern: string) => nativeSource(parseRegex(pattern, noFlags))
  assert.equal(source('^(\\d{3})-?x$'), '^([0-9]{3})\\x2d{0,1}x$')
  assert.equal(source('(?i)a.'), '[Aa][^\\x0a]')
  for (const doubtful of [
    '(?:(a)|b)*',
    '(a*)*',
    '(a)?\\1',
    'a++',
    '(?<=a)b',
    '(?m)^a',
    '(?|(a)|(b))',
  ]) {
    assert.equal(source(doubtful), undefined, doubtful)
  }
})

test('the cost of a pattern grows with its repeats', () => {
  const cost = (pattern: string) => matchCost(parseRegex(pattern, noFlags).root)
  assert.deepEqual(cost('^\\d{10}$'), { factor: 1, degree: 0 })
  assert.deepEqual(cost('a*b?c+'), { factor: 2, degree: 2 })
  assert.deepEqual(cost('a{2,5}'), { factor: 4, degree: 0 })
  assert.equal(cost('(a+)+').degree, Number.POSITIVE_INFINITY)
})

test('a pattern is compiled once', () => {
  assert.equal(compilePattern('^one(\\d)$'), compilePattern('^one(\\d)$'))
})

test('$1 and ${1} are filled in, other dollars stay', () => {
  const match = ['abc', 'b', undefined]
  assert.equal(fillIn('<$1>$$x${1}-$2-$9', match), '<b>$$xb--')
  assert.equal(fillIn('${name} $x ${1x $', match), '${name} $x ${1x $')
  assert.equal(fillIn('$10$0', match), 'abc')
})
