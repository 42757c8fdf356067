/** Messages of JSON-RPC: what is one, and what can be read of it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  invalid,
  member,
  numberOf,
  parseMessage,
  refusal,
  success,
  textOf,
  textsOf,
} from '../../../../src/endpoints/verto/json-rpc.ts'

describe('JSON-RPC', () => {
  it('reads JSON and nothing else', () => {
    assert.deepEqual(parseMessage('{"a":[1]}'), { a: [1] })
    for (const text of ['', 'not json', '{', '{"a":}', "{'a':1}"])
      assert.equal(parseMessage(text), undefined)
  })

  it('takes what is nested without sense for no message', () => {
    assert.equal(parseMessage(`${'['.repeat(100_000)}${']'.repeat(100_000)}`), undefined)
    assert.notEqual(parseMessage('[[[[[[[[1]]]]]]]]'), undefined)
  })

  it('reads members of objects only, and none of the language’s own', () => {
    assert.equal(member({ a: 1 }, 'a'), 1)
    for (const value of [null, true, 5, 'text', ['a'], undefined])
      assert.equal(member(value, 'a'), undefined)
    assert.equal(member({}, 'constructor'), undefined)
    assert.equal(member({}, '__proto__'), undefined)
  })

  it('reads texts and numbers as what they are', () => {
    assert.equal(textOf({ a: 5 }, 'a'), undefined)
    assert.equal(numberOf({ a: '17' }, 'a'), 17)
    assert.equal(numberOf({ a: 17.9 }, 'a'), 17)
    assert.equal(numberOf({ a: 'busy' }, 'a'), undefined)
  })

  it('takes texts and truth values of an object of variables, and passes over the rest', () => {
    const found = textsOf({ a: 'x', b: true, c: false, d: 5, e: null, f: '', g: { h: 'y' } })
    assert.deepEqual(found, [
      ['a', 'x'],
      ['b', 'true'],
      ['c', 'false'],
    ])
  })

  it('writes replies in the order that clients know', () => {
    assert.equal(JSON.stringify(success(2, {})), '{"jsonrpc":"2.0","id":2,"result":{}}')
    assert.equal(
      JSON.stringify(invalid('Invalid Request')),
      '{"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request"},"id":null}',
    )
    assert.equal(
      JSON.stringify(refusal('x', -32601, 'no')),
      '{"jsonrpc":"2.0","id":"x","error":{"code":-32601,"message":"no"}}',
    )
  })
})
