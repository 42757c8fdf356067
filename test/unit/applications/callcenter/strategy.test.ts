/** Who is offered a caller: the strategies and the tier rules as tables. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  arrange,
  type Candidate,
  choose,
  deepestLevel,
  isReady,
  type Progress,
  type Question,
  type Strategy,
  type TierRules,
} from '../../../../src/applications/callcenter/strategy.ts'

const now = 1_000_000

function agent(name: string, more: Partial<Candidate> = {}): Candidate {
  return {
    name,
    status: 'Available',
    state: 'Waiting',
    tierState: 'Ready',
    level: 1,
    position: 1,
    wrapUpTime: 0,
    lastBridgeEnd: 0,
    lastOffered: 0,
    readyTime: 0,
    talkTime: 0,
    callsAnswered: 0,
    externalCalls: 0,
    isResting: false,
    ...more,
  }
}

const noRules: TierRules = {
  apply: false,
  waitSeconds: 0,
  multipliesByLevel: false,
  skipsEmpty: true,
}

function question(more: Partial<Question> = {}): Question {
  return {
    strategy: 'ring-all',
    rules: noRules,
    skipsExternal: true,
    waited: 0,
    now,
    ...more,
  }
}

/** Four agents of two levels with all sorts of pasts. */
const team = [
  agent('ann', { position: 1, lastBridgeEnd: 500, talkTime: 90, callsAnswered: 3, lastOffered: 4 }),
  agent('bob', { position: 2, lastBridgeEnd: 300, talkTime: 10, callsAnswered: 5, lastOffered: 7 }),
  agent('cec', { position: 3, lastBridgeEnd: 400, talkTime: 50, callsAnswered: 1, lastOffered: 2 }),
  agent('dan', { level: 2, position: 1, lastOffered: 6 }),
]

const names = (list: readonly Candidate[]) => list.map(({ name }) => name).join(' ')

const orders: readonly [Strategy, Progress | undefined, string][] = [
  ['ring-all', undefined, 'ann bob cec dan'],
  ['ring-progressively', undefined, 'ann bob cec dan'],
  ['longest-idle-agent', undefined, 'bob cec ann dan'],
  ['agent-with-least-talk-time', undefined, 'bob cec ann dan'],
  ['agent-with-fewest-calls', undefined, 'cec ann bob dan'],
  ['sequentially-by-agent-order', undefined, 'ann bob cec dan'],
  // Bob was called last, so it is the turn of whoever comes after him.
  ['round-robin', undefined, 'cec ann bob dan'],
  ['top-down', undefined, 'ann bob cec dan'],
  ['top-down', { level: 1, position: 1 }, 'bob cec dan ann'],
  ['top-down', { level: 1, position: 3 }, 'dan ann bob cec'],
  ['top-down', { level: 2, position: 1 }, 'ann bob cec dan'],
]
for (const [strategy, progress, expected] of orders) {
  const after = progress ? ` after ${progress.level}/${progress.position}` : ''
  test(`${strategy}${after} calls ${expected}`, () => {
    assert.equal(names(arrange(strategy, [...team].reverse(), progress, () => 0)), expected)
  })
}

test('random mixes the agents of a level, and no level before another', () => {
  let seed = 1
  const random = () => {
    seed = (seed * 16807) % 2147483647
    return seed / 2147483647
  }
  const firsts = new Map<string, number>()
  for (let i = 0; i < 300; i++) {
    const order = arrange('random', team, undefined, random)
    assert.equal(order.at(-1)?.name, 'dan')
    const first = order[0]?.name ?? ''
    firsts.set(first, (firsts.get(first) ?? 0) + 1)
  }
  assert.deepEqual([...firsts.keys()].sort(), ['ann', 'bob', 'cec'])
  for (const count of firsts.values()) assert.ok(count > 60, `${count} of 300`)
})

test('round robin begins at the top when nobody was called yet', () => {
  const fresh = team.map((one) => ({ ...one, lastOffered: 0 }))
  assert.equal(names(arrange('round-robin', fresh, undefined, Math.random)), 'ann bob cec dan')
})

test('whoever is logged out is in no order', () => {
  const list = [agent('ann', { status: 'Logged Out' }), agent('bob', { status: 'On Break' })]
  assert.equal(names(arrange('ring-all', list, undefined, Math.random)), 'bob')
})

const readiness: readonly [string, Partial<Candidate>, boolean][] = [
  ['an agent who waits', {}, true],
  ['one available on demand', { status: 'Available (On Demand)' }, true],
  ['one on a break', { status: 'On Break' }, false],
  ['one who talks', { state: 'In a queue call' }, false],
  ['one who is rung', { state: 'Receiving' }, false],
  ['one who is to be asked first', { state: 'Idle' }, false],
  ['one who did not answer before', { tierState: 'No Answer' }, true],
  ['one whom another queue calls', { tierState: 'Standby' }, false],
  ['one in his wrap-up', { wrapUpTime: 10, lastBridgeEnd: now - 10 }, false],
  ['one whose wrap-up is over', { wrapUpTime: 10, lastBridgeEnd: now - 11 }, true],
  ['one who is to be left alone', { readyTime: now + 1 }, false],
  ['one who need not be left alone any more', { readyTime: now }, true],
  ['one with a call of his own', { externalCalls: 1 }, false],
  ['one whose last try was over at once', { isResting: true }, false],
]
for (const [what, more, expected] of readiness) {
  test(`${what} is ${expected ? '' : 'not '}called`, () => {
    assert.equal(isReady(agent('ann', more), now, true), expected)
  })
}

test('calls of their own do not count where the queue says so', () => {
  assert.equal(isReady(agent('ann', { externalCalls: 1 }), now, false), true)
})

test('ring-all calls all who are free, the other strategies one', () => {
  const list = [agent('ann', { state: 'Receiving' }), agent('bob'), agent('cec')]
  assert.equal(names(choose(question(), list)), 'bob cec')
  for (const strategy of ['ring-progressively', 'longest-idle-agent', 'random'] as const)
    assert.equal(names(choose(question({ strategy }), list)), 'bob')
})

const rules = (more: Partial<TierRules>): TierRules => ({
  apply: true,
  waitSeconds: 30,
  multipliesByLevel: false,
  skipsEmpty: false,
  ...more,
})

const tiers: readonly [string, Partial<TierRules>, number, number[], number][] = [
  ['level 0 at once', {}, 0, [0, 0, 1], 0],
  ['level 1 after the wait', {}, 30, [0, 1, 2], 2],
  ['not a second before', {}, 29, [0, 1, 2], 0],
  ['one wait for each level', { multipliesByLevel: true }, 59, [0, 1, 2], 1],
  ['two waits for level 2', { multipliesByLevel: true }, 60, [0, 1, 2], 2],
  ['the first level that has agents at once', { skipsEmpty: true }, 0, [2, 3], 2],
  ['level 1 not at once where there is a level 0', { skipsEmpty: true }, 0, [0, 1], 0],
]
for (const [what, more, waited, levels, expected] of tiers) {
  test(`tier rules: ${what}`, () => {
    assert.equal(deepestLevel(rules(more), waited, levels), expected)
  })
}

test('tier rules keep a caller from agents of further levels, however the strategy orders them', () => {
  const list = [agent('far', { level: 2 }), agent('near', { level: 0 })]
  assert.equal(names(choose(question({ rules: rules({}), waited: 5 }), list)), 'near')
  assert.equal(names(choose(question({ rules: rules({}), waited: 30 }), list)), 'far near')
})
