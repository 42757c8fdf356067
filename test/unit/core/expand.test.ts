/** Expansion of `${}`: variables, parts, lists, commands, escapes. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables of the dialplan are written so
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ExpandScope, expand } from '../../../src/core/expand/expand.ts'

const values: Record<string, string | readonly string[]> = {
  number: '0123456789',
  short: 'ab',
  inner: '<${short}>',
  which: 'short',
  list: ['one', 'two', 'three'],
  single: ['only'],
  city: 'Zürich',
}
const scope: ExpandScope = {
  variable: (name) =>
    values[name.toLowerCase()] ?? (name === 'domain' ? 'example.test' : undefined),
  outer: (name) => (name === 'domain' ? 'example.test' : undefined),
  command: (name, args) => {
    if (name === 'echo') return args
    if (name === 'wrap') return `<${args}>`
    if (name === 'later') return Promise.resolve(args.toUpperCase())
    return undefined
  },
}

function cases(list: readonly (readonly [text: string, expected: string])[], over = scope): void {
  for (const [text, expected] of list) assert.equal(expand(text, over), expected, text)
}

test('a text without variables and escapes is given back as it is', () => {
  cases([
    ['', ''],
    ['plain $1 $ $$ text', 'plain $1 $ $$ text'],
    ['a\\b', 'a\\b'],
    ['\\$', '\\$'],
  ])
})

test('names are found in any case, unset ones are empty', () => {
  cases([
    ['[${number}]', '[0123456789]'],
    ['${NUMBER}', '0123456789'],
    ['[${nothing}][${}]', '[][]'],
    ['$${short}', 'ab'],
  ])
})

test('a variable without its closing brace still expands', () => {
  cases([
    ['x${short', 'xab'],
    ['${', ''],
  ])
})

test('what a variable holds is expanded again, and a name may be made of variables', () => {
  cases([
    ['${inner}', '<ab>'],
    ['${${which}}', 'ab'],
    ['${inner:0:2}', '<a'],
  ])
})

test('a variable that holds itself ends after a hundred rounds', () => {
  const selfish: ExpandScope = { variable: () => 'x${self}' }
  const made = expand('${self}', selfish)
  assert.equal(made, `${'x'.repeat(101)}\${self}`)
})

test('a variable that holds itself twice costs a bounded amount', () => {
  const made = expand('${self}', { variable: () => '${self}${self}' })
  assert.ok(typeof made === 'string' && made.length < 1_000_000)
})

test('offset and length cut a part out', () => {
  cases([
    ['${number:3}', '3456789'],
    ['${number:3:2}', '34'],
    ['${number:-3}', '789'],
    ['${number:-3:1}', '7'],
    ['${number::2}', '01'],
    ['${number:10}', ''],
    ['${number:99}', ''],
    ['${number:-99}', '0123456789'],
    ['${number:x}', '0123456789'],
  ])
})

test('a length that is zero, negative or too long is not looked at', () => {
  cases([
    ['${number:0:0}', '0123456789'],
    ['${number:0:-1}', '0123456789'],
    ['${number:8:50}', '89'],
  ])
})

test('parts are counted in bytes and a character cut in two is dropped', () => {
  cases([
    ['${city:0:3}', 'Zü'],
    ['${city:0:2}', 'Z'],
    ['${city:3}', 'rich'],
  ])
})

test('an element of a list is read by its index; what is no number counts as 0', () => {
  cases([
    ['${list[0]} ${list[2]}', 'one three'],
    ['[${list[3]}]', '[]'],
    ['${list[-1]}', 'ARRAY::one|:two|:three'],
    ['${list[x]}${list[]}', 'oneone'],
    ['${list[1]:0:2}', 'tw'],
    ['${single} ${single[0]}', 'only only'],
  ])
})

test('a plain value has no elements: what lies behind the variable is read then', () => {
  cases([
    ['[${short[0]}]', '[]'],
    ['${domain[0]}', 'example.test'],
  ])
})

test('a space or a parenthesis makes it a command, whose arguments are expanded first', () => {
  cases([
    ['${echo(${short} (x) y)}', 'ab (x) y'],
    ['${echo ${short} z}', 'ab z'],
    ['${wrap(${wrap(a)})}', '<<a>>'],
    ['${echo(a)b}', 'a'],
    ['[${nosuch(x)}]', '[]'],
    ['[${ short }]', '[]'],
    ['[${short: 2}]', '[]'],
  ])
})

test('in the form with a space the first pair of parentheses ends the arguments', () => {
  cases([['${echo f(x) tail}', 'f(x']])
})

test('a command that answers later makes the whole a promise', async () => {
  const made = expand('a ${later(b)} ${echo(${later(c)})} d', scope)
  assert.ok(made instanceof Promise)
  assert.equal(await made, 'a B C d')
})

test('a backslash keeps a dollar, goes before itself, and takes a quote with it', () => {
  cases([
    ['\\${short}', '${short}'],
    ['\\$${short}', '${short}'],
    ['\\\\${short}', '\\ab'],
    ["\\'${short}", 'ab'],
    ['a\\nb${short}', 'a\\nbab'],
    ['a\\\\b', 'a\\b'],
  ])
})

test('the character behind the closing brace is taken as it is', () => {
  cases([
    ['${short}\\${short}', 'ab\\ab'],
    ["${short}\\'", "ab\\'"],
    ['${short}$', 'ab$'],
    ['$x ${short} $$y', '$x ab $y'],
  ])
})

test('braces inside the braces are counted', () => {
  cases([
    ['${echo(a{b}c)}', 'a{b}c'],
    ['{${short}}', '{ab}'],
  ])
})

test('what may not be read or run says so', () => {
  const guarded = { ...scope, mayRead: (name: string) => name !== 'short', mayRun: () => false }
  cases(
    [
      ['${short}', '<Variable Expansion Permission Denied>'],
      ['[${nothing}]', '[]'],
      ['${echo(x)}', '<API Execute Permission Denied>'],
    ],
    guarded,
  )
})

test('in an event a header is not expanded again, a global is, and $${} reads globals only', () => {
  const event: ExpandScope = {
    kind: 'event',
    variable: (name) => (name === 'Head' ? 'v=${domain}' : undefined),
    outer: (name) => (name === 'domain' ? 'd' : name === 'deep' ? '[${domain}]' : undefined),
    mayRun: () => false,
  }
  cases(
    [
      ['${Head}', 'v=${domain}'],
      ['${deep}', '[d]'],
      ['[$${Head}][$${domain}]', '[][d]'],
      ['${Head[0]}', ''],
      ['${echo(x)}', '<API execute Permission Denied>'],
    ],
    event,
  )
})
