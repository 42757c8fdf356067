/** Live arrays: what listeners are sent. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EventChannels, type EventMessage } from '../../../src/core/event-channels.ts'
import { LiveArray } from '../../../src/core/live-array.ts'

const channel = 'conference-liveArray.3000@x'

function listening() {
  const channels = new EventChannels()
  const array = new LiveArray(channels, channel, '3000')
  const heard: EventMessage[] = []
  const browser = {}
  channels.bind('*', (_, message) => heard.push(message), browser)
  const data = () => heard.map((message) => message['data'])
  const ask = (message: EventMessage) => channels.broadcast(channel, message, browser)
  return { array, heard, data, ask }
}

describe('a live array', () => {
  it('tells of rows that come, change and go, each change with the next number', () => {
    const { array, data } = listening()
    array.set('a', ['0001', 'ACTIVE'])
    array.set('a', ['0001', 'TALKING'])
    array.set('a', ['0001', 'TALKING'])
    array.set('b', ['0002', 'ACTIVE'])
    array.delete('a')
    array.delete('a')
    assert.deepEqual(data(), [
      {
        action: 'add',
        name: '3000',
        wireSerno: 0,
        arrIndex: 0,
        hashKey: 'a',
        data: ['0001', 'ACTIVE'],
      },
      { action: 'modify', name: '3000', wireSerno: 1, hashKey: 'a', data: ['0001', 'TALKING'] },
      {
        action: 'add',
        name: '3000',
        wireSerno: 2,
        arrIndex: 1,
        hashKey: 'b',
        data: ['0002', 'ACTIVE'],
      },
      { action: 'del', name: '3000', wireSerno: 3, hashKey: 'a', data: ['0001', 'TALKING'] },
    ])
  })

  it('sends all rows to the session that asks, and to no other', () => {
    const { array, heard, ask } = listening()
    array.set('a', ['0001'])
    heard.length = 0
    const liveArray = { command: 'bootstrap', context: channel, name: '3000', obj: {} }
    ask({ eventChannel: channel, sessid: 's1', data: { liveArray } })
    assert.deepEqual(heard, [
      {
        eventChannel: channel,
        data: { action: 'bootObj', name: '3000', wireSerno: -1, data: [['a', ['0001']]] },
        sessid: 's1',
      },
    ])
  })

  it('passes over what it does not know', () => {
    const { heard, ask } = listening()
    for (const data of [
      undefined,
      null,
      5,
      {},
      { liveArray: 5 },
      { liveArray: { command: 'bootstrap', name: 'other' } },
    ])
      ask({ eventChannel: channel, data })
    assert.deepEqual(heard, [])
  })
})
