/** Event channels: who hears what. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EventChannels } from '../../../src/core/event-channels.ts'

describe('event channels', () => {
  it('reach who is bound to the name, to its first part, and to all', () => {
    const channels = new EventChannels()
    const heard: string[] = []
    channels.bind('conference-mod', (name) => heard.push(`part ${name}`))
    channels.bind('conference-mod.3000', (name) => heard.push(`whole ${name}`))
    channels.bind('*', (name) => heard.push(`all ${name}`))
    channels.bind('other', () => heard.push('other'))
    assert.equal(channels.broadcast('conference-mod.3000', {}), 3)
    assert.deepEqual(heard, [
      'whole conference-mod.3000',
      'part conference-mod.3000',
      'all conference-mod.3000',
    ])
  })

  it('do not reach the sender itself, nor who has left', () => {
    const channels = new EventChannels()
    const me = {}
    let count = 0
    channels.bind('*', () => count++, me)
    const other = channels.bind('demo', () => count++)
    channels.broadcast('demo', {}, me)
    assert.equal(count, 1)
    other[Symbol.dispose]()
    channels.broadcast('demo', {}, me)
    assert.equal(count, 1)
  })

  it('go on when a listener fails', () => {
    const channels = new EventChannels()
    let heard = false
    channels.bind('demo', () => {
      throw new Error('broken')
    })
    channels.bind('demo', () => {
      heard = true
    })
    channels.broadcast('demo', {})
    assert.ok(heard)
  })

  it('may be opened to a client and closed again', () => {
    const channels = new EventChannels()
    channels.permit('s1', 'conference-mod.3000')
    assert.ok(channels.permits('s1', 'Conference-Mod.3000'))
    assert.ok(!channels.permits('s2', 'conference-mod.3000'))
    channels.forbid('s1')
    assert.ok(!channels.permits('s1', 'conference-mod.3000'))
  })
})
