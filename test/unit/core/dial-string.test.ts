import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  applyVariables,
  enterpriseParts,
  parseDialString,
} from '../../../src/core/originate/dial-string.ts'
import { uriInDialString } from '../../../src/core/untrusted.ts'
import { Variables } from '../../../src/core/variables.ts'

/** `endpoint/data[vars]` of each leg, groups apart. */
function read(text: string): { shared: string; groups: (string[] | undefined)[] } | undefined {
  const shared = new Variables()
  const parsed = parseDialString(text, shared)
  if (!parsed) return undefined
  const list = (variables: Variables) =>
    [...variables.entries()].map(([name, value]) => `${name}=${value}`).join(';')
  return {
    shared: list(shared),
    groups: parsed.groups.map((group) =>
      group?.map((leg) => `${leg.endpoint}/${leg.data ?? '-'}[${list(leg.variables)}]`),
    ),
  }
}

const legs = (text: string) => read(text)?.groups

describe('dial strings', () => {
  it('lets commas bind tighter than pipes', () => {
    assert.deepEqual(legs('a/1,b/2|c/3'), [['a/1[]', 'b/2[]'], ['c/3[]']])
  })

  it('gives an empty group for an empty part before a pipe', () => {
    assert.deepEqual(legs('|a/1'), [[], ['a/1[]']])
    assert.deepEqual(legs('|'), [[]])
  })

  it('gives one leg without an endpoint for a lone comma or slash', () => {
    assert.deepEqual(legs(','), [['/-[]']])
    assert.deepEqual(legs('/'), [['/[]']])
  })

  it('knows no data from empty data', () => {
    assert.deepEqual(legs('user'), [['user/-[]']])
    assert.deepEqual(legs('user/'), [['user/[]']])
  })

  it('reads several brace blocks, later ones after earlier ones', () => {
    assert.equal(read('{a=1}{b=2}x/y')?.shared, 'a=1;b=2')
    assert.equal(read('<a=1>{a=2}x/y')?.shared, 'a=2')
  })

  it('refuses a block that never closes', () => {
    assert.equal(read('{a=b'), undefined)
    assert.deepEqual(legs('[a=b'), [undefined])
  })

  it('ignores items without a value', () => {
    assert.equal(read('{}x/y')?.shared, '')
    assert.equal(read('{a,b=1}x/y')?.shared, 'b=1')
  })

  it('splits name and value at the first equals sign', () => {
    assert.equal(read('{a=1=2}x/y')?.shared, 'a=1=2')
  })

  it('protects commas by quotes and backslashes in braces', () => {
    assert.equal(read("{a='x,y',b=2}z/z")?.shared, 'a=x,y;b=2')
    assert.equal(read('{a=x\\,y,b=2}z/z')?.shared, 'a=x,y;b=2')
  })

  it('takes another separator after ^^', () => {
    assert.equal(read('{^^:a=b:c=d,e}x/y')?.shared, 'a=b;c=d,e')
    assert.deepEqual(legs('[^^:a=1:b=2,3]x/y'), [['x/y[a=1;b=2,3]']])
  })

  it('keeps the commas of a leg variable list out of the list of legs', () => {
    assert.deepEqual(legs('[a=1,b=2]x/1,[a=3,b=4]x/2'), [['x/1[a=1;b=2]', 'x/2[a=3;b=4]']])
    assert.deepEqual(legs('[a=1\\,2]x/1'), [['x/1[a=1,2]']])
  })

  it('reads several leg blocks', () => {
    assert.deepEqual(legs('[a=1][a=2]x/1'), [['x/1[a=2]']])
  })

  it('lets other brackets stand in values', () => {
    assert.equal(read('{a=[x]}y/z')?.shared, 'a=[x]')
    assert.deepEqual(legs('[a={x}]y/z'), [['y/z[a={x}]']])
    assert.equal(read('{a=1|2}y/z')?.shared, 'a=1|2')
  })

  it('reads no braces behind a pipe', () => {
    assert.deepEqual(legs('a/1|{b=2}c/3'), [['a/1[]'], ['{b=2}c/3[]']])
  })

  it('drops spaces before legs', () => {
    assert.deepEqual(legs('  a/1 , b/2'), [['a/1[]', 'b/2[]']])
  })

  it('cuts enterprise strings at :_:', () => {
    assert.deepEqual(enterpriseParts('a/1:_:b/2,c/3'), ['a/1', 'b/2,c/3'])
  })

  it('refuses values that hold a variable unless nesting is allowed', () => {
    const shared = new Variables()
    parseDialString('{a=1,b=${a},c=$${d}}x/y', shared)
    const variables = new Variables()
    assert.deepEqual(applyVariables(shared, variables, false), ['b', 'c'])
    assert.equal(variables.get('b'), undefined)
    applyVariables(shared, variables, true)
    assert.equal(variables.get('b'), '${a}')
  })

  it('lets the last of two values of one name win', () => {
    const shared = new Variables()
    parseDialString('{a=1,A=2}x/y', shared)
    assert.equal(shared.get('a'), '2')
    assert.deepEqual([...shared.entries()], [['A', '2']])
  })

  it('takes a URI that somebody outside has named for one leg, whatever stands in it', () => {
    const plain = 'sip:1000@[2001:db8::1]:5060;transport=ws;fs_path=sip%3Ax;a=[b]'
    assert.equal(uriInDialString(plain), plain)
    const marks = [',', '|', ':_:', "'", '\\', '{a=b}', '<a=b>', '^^', ' ', '\n', '[a=b]', '"', '`']
    for (const mark of marks) {
      const uri = uriInDialString(`sip:a${mark}loopback/app=system:id@192.0.2.1;x=${mark}b/c`)
      const text = `sofia/internal/${uri},error/user_busy`
      const parsed = enterpriseParts(text).flatMap((part) => legs(part)?.flat() ?? [])
      assert.equal(parsed.length, 2, text)
      assert.ok(parsed[0]?.startsWith('sofia/internal/sip:a'), text)
      assert.ok(parsed[0]?.endsWith('[]'), text)
    }
    assert.equal(uriInDialString('sip:${x}@y'), 'sip:%24%7Bx%7D@y')
  })
})
