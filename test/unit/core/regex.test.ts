/** Regular expressions against PCRE2: a table of patterns with subjects, each judged by PCRE2 itself. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SwitchError } from '../../../src/base/errors.ts'
import { compilePattern } from '../../../src/core/regex/regex.ts'
import { loadPcre } from '../../support/pcre.ts'

const pcre = await loadPcre()

/** What ours answers, with empty groups as unset ones and none at the end, as the judge gives them. */
function ours(expression: string, subject: string): (string | undefined)[] | undefined | 'bad' {
  let found: readonly (string | undefined)[] | undefined
  try {
    found = compilePattern(expression).exec(subject)
  } catch (thrown) {
    assert.ok(thrown instanceof SwitchError, String(thrown))
    return 'bad'
  }
  return found && trimmed(found)
}

function trimmed(groups: readonly (string | undefined)[]): (string | undefined)[] {
  const list = groups.map((group) => group || undefined)
  while (list.length > 1 && list.at(-1) === undefined) list.pop()
  return list
}

const numbers = [
  '12',
  '123',
  '1234',
  '5551234567',
  '+15551234567',
  '911',
  '005',
  '12\n',
  '',
  '9',
  'abc',
]

const tables: Record<string, readonly (readonly [pattern: string, ...subjects: string[]])[]> = {
  'patterns of dialplans': [
    ['^(\\d{3})(\\d{4})$', '5551234', '555123', '55512345'],
    ['^\\+?1?(\\d{10})$', ...numbers],
    ['^(10[01][0-9])$', '1000', '1019', '1020'],
    ['^9?(?:1)?([2-9]\\d{2}[2-9]\\d{6})$', '912125551212', '2125551212'],
    ['^\\*(\\d+)#$', '*12#', '12#'],
    ['^\\Q1*2\\E$', '1*2', '112'],
    ['^(\\w+)@([^;]+)', 'joe@example.com;x=1', '@x'],
    ['^127\\.0\\.0\\.1$', '127.0.0.1', '127x0x0x1'],
    ['^(usr|grp)', 'usr1', 'xgrp'],
    ['^cause_(\\w+)$', 'cause_USER_BUSY', 'cause_'],
    ['^hang([A-Z_]+)$', 'hangUSER_BUSY', 'hang1'],
    ['(.)$', ...numbers],
    ['(.)(.)$', ...numbers],
    ['(.*)', ...numbers],
    ['(.+)', ...numbers],
    ['(2)(.*)$', ...numbers],
    ['(?<!0)5$', '15', '05', '5'],
    ['(?<=00)(\\d+)$', '0012', '0112'],
    ['(?U)^(\\d+)(\\d*)$', ...numbers],
    ['(?i)^abc$', 'ABC', 'abd'],
    ['(?x) ^ 1 2 3 $', ...numbers],
    ['*12', '12'],
    ['.', ...numbers],
    ['[', '['],
    ['^(12$', '12'],
    ['\\A12\\Z', ...numbers],
    ['\\A12\\z', ...numbers],
    ['\\bcat\\b', 'a cat', 'concat'],
    ['^$', '', 'a', '\n'],
    ['^(.)-(.)$', 'a-b', 'ab'],
    ['^(.*)x$', '12x', '12'],
    ['^(1)?(?(1)2|3)$', '12', '3', '13'],
    ['^(3)(.)?', '3', '34'],
    ['^(5+)(\\d*)$', '5555', '5512'],
    ['^(?!911)(\\d{3})$', ...numbers],
    ['^(?>\\d*)5$', '125', '5'],
    ['^(?:(1)|(2))(3)?$', '1', '23', '3'],
    ['^(?:10|20)(1|2)$', '101', '202', '303'],
    ['^(?=.*9)(\\d+)$', '192', '182'],
    ['^(?P<area>\\d{3})(?<rest>\\d+)$', ...numbers],
    ['^(?|1(.)|2(.))$', '1a', '2b', '3c'],
    ['^(\\d)(\\d)$', ...numbers],
    ['^(\\d+) (\\w+)$', '12 ab', '12ab'],
    ['^(\\d+)(\\d*)$', ...numbers],
    ['^(\\d+):(\\d+)$', '1:2', '12'],
    ['^(\\d+?)(\\d*)$', ...numbers],
    ['^(a(?1)?b)$', 'aabb', 'aab', 'ab'],
    ['^1(2)\\g1$', '122', '123'],
    ['^1(?<q>2)\\k<q>$', '122', '121'],
    ['^1(\\d)(\\d)(\\d)?$', ...numbers],
    ['^12$|^13$', '12', '13', '14'],
    ['^12(?#a note)3$', ...numbers],
    ['^12\\K(3)$', ...numbers],
    ['^12|34$', '1299', '9934', '9'],
    ['^1\\R?2$', '12', '1\n2', '1\r\n2', '1x2'],
    ['^2(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)$', '212345678901', '2123'],
    ['^5(a)?(\\d)$', '5a1', '51'],
    ['^8((\\d)(\\d))$', '812', '81'],
    ['^[2-9]\\d{2}[^0]$', '2345', '2340'],
    ['^[[:^digit:]]+$', 'abc', 'ab1'],
    ['^[[:digit:]]+[[:alpha:]]?$', '12a', '12ab'],
    ['^\\d++5$', '1235', '123'],
    ['^\\d\\w\\S\\D$', '1a.x', '1a 1'],
    ['^\\d{3,5}$', ...numbers],
    ['^\\p{L}+$', 'abc', 'ab1'],
    ['^\\x31\\x{32}$', ...numbers],
    ['^a(\\d)\\1$', 'a11', 'a12'],
    ['^a\\hb$', 'a b', 'a\tb', 'a\nb'],
    ['^b\\((.)\\)', 'b(x)', 'bx'],
    ['^resp_(\\d+)$', 'resp_404', 'resp_'],
    ['^5&(.)|^6(.)', '5&a', '6b'],
  ],
  'the end of the subject': [
    ['a$', 'a', 'a\n', 'a\n\n', 'ab'],
    ['a\\Z', 'a\n', 'a\n\n'],
    ['a\\z', 'a', 'a\n'],
    ['(?m)^b$', 'a\nb\nc', 'b\n'],
    ['(?m)^', '\n'],
    ['(?m)x\\n^', 'x\n', 'x\ny'],
    ['\\Gab', 'ab', 'xab'],
  ],
  repeats: [
    ['(a*)*', 'b', 'aa', ''],
    ['(a*)+', 'b', 'aa'],
    ['(a?)*?b', 'aab'],
    ['(|a)+', 'aa'],
    ['(a|)+', 'aa', ''],
    ['(a?b?)*c', 'abbac'],
    ['(?:(a)|b)*', 'ab', 'aba'],
    ['(?:(a)|(b)|c)+', 'abc', 'bac'],
    ['((x)?y)+', 'xyy', 'yxy'],
    ['(a(b)?)+', 'aba'],
    ['a{2}b{1,}c{0,2}', 'aabcc', 'abc'],
    ['a{,3}', 'a{,3}', 'aaa'],
    ['x{a}', 'x{a}'],
    ['a{', 'a{'],
    ['a{0}b', 'b'],
    ['a{2,1}', 'a'],
    ['a{65536}', 'a'],
    ['a**', 'a'],
    ['a{2}{3}', 'aaaaaa'],
    ['^*', 'a'],
    ['\\b*a', 'a'],
    ['(?=a)*b', 'ab'],
    ['a++b', 'aab', 'aaa'],
    ['a*+a', 'aaa'],
    ['(?:ab)?+ab', 'ab', 'abab'],
    ['(?>a+)ab', 'aaab'],
    ['(a|b)++c', 'abc'],
    ['(?U)a+?', 'aaa'],
    ['(?x)a+ +', 'aa'],
    ['a+?b', 'aab'],
  ],
  groups: [
    ['(?|(a)|(b))(c)', 'ac', 'bc'],
    ['(?|(a)(b)|(x))(y)', 'aby', 'xy'],
    ['(?P<n>a)(?P=n)', 'aa', 'ab'],
    ["(?'n'a)\\g{n}", 'aa'],
    ['(a)\\g{-1}', 'aa'],
    ['\\1(a)', 'aa'],
    ['(a)?\\1b', 'b', 'aab'],
    ['(a)\\2', 'a'],
    ['(?<n>a)(?<n>b)', 'ab'],
    ['(?J)(?<n>a)|(?<n>b)', 'b'],
    ['(?n)(a)(?<x>b)', 'ab'],
    ['\\((?:[^()]|(?R))*\\)', 'x(a(b)c)y'],
    ['(?<n>a|b(?&n)c)$', 'bbacc'],
    ['(?(DEFINE)(?<x>\\d+))(?&x)-(?&x)', '12-34'],
    ['(?(?=a)ab|b)', 'ab', 'b', 'ac'],
    ['^((.)(?1)\\2|.?)$', 'abcba', 'abca'],
    ['(?R)', 'a'],
    ['(?<=ab|c)d', 'abd', 'cd', 'bd'],
    ['(?<=a+)b', 'ab'],
    ['(?=(a))a', 'a'],
    ['(?!(a))b', 'b'],
    ['(a', 'a'],
    ['a)', 'a'],
    ['(?z)', 'a'],
    ['(?#', 'a'],
    ['()', 'a'],
    ['', '', 'abc'],
    ['a||b', 'b'],
  ],
  flags: [
    ['a(?i)b|c', 'aB', 'C', 'AB'],
    ['(a(?i)b|c)d', 'aBd', 'Cd', 'CD'],
    ['(?i:a)b', 'Ab', 'AB'],
    ['(?^i:a)', 'A'],
    ['(?i)a(?-i)b', 'Ab', 'AB'],
    ['(?s).', '\n'],
    ['.', '\n', '\r'],
    ['(?i)[^a]', 'A', 'b'],
    ['(?i)(a)\\1', 'aA'],
    ['(?x)a b # c\n d', 'abd'],
    ['(?xx)[a b]', ' ', 'a'],
  ],
  classes: [
    ['[]a]+', ']a'],
    ['[^]a]+', 'xyz]'],
    ['[z-a]', 'z'],
    ['[a-\\d]', '-'],
    ['[\\d-z]', '-'],
    ['[\\d-]', '-'],
    ['[\\Qa-c\\E]+', 'a-c', 'b'],
    ['[[:foo:]]', 'a'],
    ['[:digit:]', 'd'],
    ['[[:<:]]b', 'a b', 'ab'],
    ['[\\b]', '\b'],
    ['[\\x41-\\x43]+', 'ABCD'],
    ['[--a]', '5'],
    ['[\\s\\S]*', 'a\nb'],
    ['[^\\d]+', 'ab1'],
    ['[\\R]', 'R'],
    ['[a', 'a'],
  ],
  escapes: [
    ['\\x41\\x{42}\\103\\o{104}', 'ABCD'],
    ['\\i', 'i'],
    ['a\\', 'a'],
    ['\\012', '\n'],
    ['(a)\\18', 'aa'],
    ['\\cA', '\x01'],
    ['\\e\\a\\f\\t', '\x1b\x07\f\t'],
    ['\\R', '\r\n', '\n', '\r'],
    ['\\v', '\x0b'],
    ['\\N+', 'ab\nc'],
    ['a\\Q\\Eb', 'ab'],
    ['a\\Q\\E*b', 'aab'],
    ['\\p{Lu}', 'a', 'A'],
    ['\\p{Nope}', 'a'],
    ['foo\\Kbar', 'foobar'],
    ['\\Bfoo', 'afoo', 'foo'],
  ],
}

for (const [title, rows] of Object.entries(tables)) {
  test(`PCRE2 agrees on ${title}`, () => {
    for (const [pattern, ...subjects] of rows) {
      for (const subject of subjects) {
        const judged = pcre.judge(pattern, subject)
        const expected = Array.isArray(judged) ? trimmed(judged) : judged
        assert.deepEqual(
          ours(pattern, subject),
          expected,
          `${pattern} on ${JSON.stringify(subject)}`,
        )
      }
    }
  })
}

test('/pattern/ takes the flags i and s, and no others', () => {
  assert.deepEqual(compilePattern('/^abc$/i').exec('ABC'), ['ABC'])
  assert.equal(compilePattern('/^abc$/').exec('ABC'), undefined)
  assert.deepEqual(compilePattern('/^a.c$/s').exec('a\nc'), ['a\nc'])
  assert.equal(compilePattern('/^a b c$/x').exec('abc'), undefined)
  assert.equal(compilePattern('/^b$/m').exec('a\nb'), undefined)
  assert.deepEqual(compilePattern('/a/b/').exec('xa/b'), ['a/b'])
  assert.throws(() => compilePattern('/^abc'), { code: 'REGEX_BAD' })
})

test('a leading underscore is an Asterisk pattern, anchored at both ends', () => {
  assert.deepEqual(compilePattern('_NXX').exec('234'), ['234'])
  assert.equal(compilePattern('_NXX').exec('134'), undefined)
  assert.equal(compilePattern('_NXX').exec('2345'), undefined)
  assert.deepEqual(compilePattern('_9Z.').exec('91'), ['91'])
  assert.equal(compilePattern('_9Z.').exec('90'), undefined)
})

test('subjects and patterns are matched as the bytes of their UTF-8', () => {
  assert.deepEqual(compilePattern('^Zo(..)$').exec('Zoë'), ['Zoë', 'ë'])
  assert.deepEqual(compilePattern('ë+').exec('Zoë'), ['ë'])
  assert.equal(compilePattern('/É/i').exec('é'), undefined)
})

test('groups tells how many captures there are, and a match lists them all', () => {
  const pattern = compilePattern('(a)(?:b)(?|(c)|(d))(x)?')
  assert.equal(pattern.groups, 3)
  assert.deepEqual(pattern.exec('abd'), ['abd', 'a', 'd', undefined])
})

test('what is not done is refused, with the character it stands at', () => {
  for (const expression of ['(*FAIL)', '(?C1)a', '\\X', '(?(R)a|b)']) {
    assert.throws(() => compilePattern(expression), { code: 'REGEX_UNSUPPORTED' }, expression)
  }
  assert.throws(() => compilePattern('ab[c'), /at character \d+ of \[ab\[c\]/)
  assert.throws(() => compilePattern('(?=a\\K)'), { code: 'REGEX_BAD' })
  assert.throws(() => compilePattern('\\x{100}'), { code: 'REGEX_BAD' })
})
