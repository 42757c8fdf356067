import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { arrayText, Variables } from '../../../src/core/variables.ts'

describe('lists of variables', () => {
  it('reads a list of one as plain text', () => {
    const variables = new Variables()
    variables.push('q', 'one')
    assert.equal(variables.get('q'), 'one')
    variables.push('q', 'two')
    assert.equal(variables.get('q'), 'ARRAY::one|:two')
  })

  it('takes ARRAY:: apart and leaves out empty elements at the front', () => {
    const variables = new Variables()
    variables.set('x', 'ARRAY::a|:b')
    assert.deepEqual(variables.value('x'), ['a', 'b'])
    variables.set('x', 'ARRAY::|:|:c')
    assert.equal(variables.get('x'), 'c')
    variables.set('x', 'ARRAY::')
    assert.equal(variables.has('x'), false)
  })

  it('sets one element and fills up to it with empty ones', () => {
    const variables = new Variables()
    variables.set('w[2]', 'c')
    assert.equal(variables.get('w'), 'ARRAY::|:|:c')
  })

  it('makes a plain value a list without it', () => {
    const variables = new Variables()
    variables.set('z', 'old')
    variables.set('z[1]', 'b')
    assert.equal(variables.get('z'), 'ARRAY::|:b')
  })

  it('keeps the text of a list when an element is replaced', () => {
    const variables = new Variables()
    variables.set('w', 'ARRAY::a|:b')
    variables.set('w[1]', 'B')
    assert.equal(variables.get('w'), 'ARRAY::a|:b')
    assert.equal(variables.value('w')?.[1], 'B')
    variables.push('w', 'c')
    assert.equal(variables.get('w'), 'ARRAY::a|:B|:c')
  })

  it('gives nothing for no elements', () => assert.equal(arrayText([]), ''))
})
