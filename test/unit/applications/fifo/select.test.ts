/** Which caller a consumer gets, and which members are called first. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type FifoMember,
  isFree,
  memberShape,
  outboundId,
} from '../../../../src/applications/fifo/members.ts'
import {
  type ConsumerStrategy,
  chooseEntry,
  chooseFifo,
  popOrder,
} from '../../../../src/applications/fifo/select.ts'

type Row = readonly [waiting: number, startWaiting: number, importance: number]

const fifoTable: readonly [ConsumerStrategy, readonly Row[], number | undefined, string][] = [
  [
    'waiting_longer',
    [
      [1, 20, 0],
      [1, 10, 0],
    ],
    1,
    'the one that has not been empty for longest',
  ],
  [
    'more_ppl',
    [
      [1, 10, 0],
      [3, 20, 0],
    ],
    1,
    'the one in which most wait',
  ],
  [
    'waiting_longer',
    [
      [0, 5, 9],
      [2, 10, 0],
    ],
    1,
    'an empty one does not count',
  ],
  [
    'waiting_longer',
    [
      [1, 20, 5],
      [1, 10, 0],
    ],
    0,
    'an important one shuts out those behind it',
  ],
  [
    'waiting_longer',
    [
      [1, 10, 0],
      [1, 20, 5],
    ],
    0,
    'but not one before it that has waited longer',
  ],
  ['more_ppl', [[0, 0, 0]], undefined, 'nobody where nobody waits'],
]
for (const [strategy, rows, expected, why] of fifoTable)
  test(`${strategy}: ${why}`, () => {
    const views = rows.map(([waiting, startWaiting, importance]) => ({
      waiting,
      startWaiting,
      importance,
    }))
    assert.equal(chooseFifo(views, strategy), expected)
  })

const waiting = [
  { priority: 5, isVip: false, skill: undefined },
  { priority: 1, isVip: false, skill: 'french' },
  { priority: 5, isVip: false, skill: 'french' },
  { priority: 9, isVip: true, skill: undefined },
]

test('a VIP is first, then the priorities in their order', () => {
  assert.equal(chooseEntry(waiting, { order: popOrder(undefined), skill: undefined }), 3)
  const plain = waiting.slice(0, 3)
  assert.equal(chooseEntry(plain, { order: popOrder(undefined), skill: undefined }), 1)
  assert.equal(chooseEntry(plain, { order: popOrder('5,1'), skill: undefined }), 0)
})

test('a skill goes before a VIP; without anybody who has it the others come', () => {
  assert.equal(chooseEntry(waiting, { order: popOrder('5,1,9'), skill: 'french' }), 2)
  assert.equal(chooseEntry(waiting, { order: popOrder(undefined), skill: 'dutch' }), 3)
})

test('a pop order serves only the priorities that it names', () => {
  assert.deepEqual(popOrder('2,12,x,0'), [2, 0])
  assert.equal(chooseEntry(waiting, { order: popOrder('2'), skill: undefined }), undefined)
})

test('the id of a member is what his dial string says, else its MD5', () => {
  assert.equal(outboundId('{fifo_outbound_uuid=abc,x=1}user/1000'), 'abc')
  assert.equal(outboundId('user/1000'), '99dd42266e4c8f19e16530fb09a21d01')
})

const free: readonly [string, Partial<FifoMember>, boolean][] = [
  ['one who does nothing', {}, true],
  ['one who talks', { useCount: 1 }, false],
  ['one who rings', { ringCount: 1 }, false],
  ['one who may have two calls and has one', { simoCount: 2, useCount: 1 }, true],
  ['one who is to be left alone', { nextAvail: 101 }, false],
  ['one who need not be left alone any more', { nextAvail: 100 }, true],
  ['one whose time is over', { expires: 100 }, false],
  ['one who takes no calls', { takingCalls: 2 }, false],
]
for (const [what, more, expected] of free)
  test(`${what} is ${expected ? '' : 'not '}called`, () => {
    assert.equal(isFree({ ...memberShape.empty, ...more }, 100), expected)
  })
