import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { flattenDialString } from '../../../src/core/originate/group-dial.ts'

describe('flattened dial strings', () => {
  it('leaves a plain leg as it is', () => {
    assert.equal(flattenDialString('error/USER_BUSY'), 'error/USER_BUSY')
    assert.equal(flattenDialString('[a=1]x/y'), '[a=1]x/y')
  })

  it('writes shared variables before each leg', () => {
    assert.equal(flattenDialString('{a=1}x/y,x/z'), '[a=1]x/y,[a=1]x/z')
    assert.equal(flattenDialString('<a=1>{b=2}x/y'), '[b=2][a=1]x/y')
  })

  it('lets a leg keep the last word unless local_var_clobber says otherwise', () => {
    assert.equal(flattenDialString('{a=1}[a=2]x/y'), '[a=1][a=2]x/y')
    assert.equal(
      flattenDialString('{a=1,local_var_clobber=true}[a=2]x/y'),
      '[a=2][a=1,local_var_clobber=true]x/y',
    )
  })

  it('drops a delimiter at the end', () => {
    assert.equal(flattenDialString('x/y,'), 'x/y')
  })

  it('reads new shared variables after :_:', () => {
    assert.equal(flattenDialString('{a=1}x/y:_:{b=2}x/z'), '[a=1]x/y:_:[b=2]x/z')
  })
})
