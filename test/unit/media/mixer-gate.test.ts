import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TalkGate } from '../../../src/media/mixer-gate.ts'

/** A frame of that score in each tick; what the ticks said that was not 0. */
function frames(gate: TalkGate, score: number, count: number): number[] {
  const told: number[] = []
  for (let i = 0; i < count; i++) {
    gate.hear(score)
    const change = gate.tick()
    if (change !== 0) told.push(change)
  }
  return told
}

test('the way opens with the first frame over the threshold, before it counts as talk', () => {
  const gate = new TalkGate(100)
  gate.hear(90)
  assert.equal(gate.isOpen, false)
  gate.hear(150)
  assert.equal(gate.isOpen, true)
  assert.equal(gate.isTalking, false)
})

test('a frame 400 over the threshold is talk at once, nearer ones after five', () => {
  const clear = new TalkGate(100)
  assert.deepEqual(frames(clear, 500, 1), [1])
  const soft = new TalkGate(100)
  assert.deepEqual(frames(soft, 300, 4), [])
  assert.deepEqual(frames(soft, 300, 1), [1])
})

test('talk ends after 40 quiet frames, and pauses within it do not end it', () => {
  const gate = new TalkGate(100)
  frames(gate, 2000, 5)
  assert.deepEqual(frames(gate, 0, 39), [])
  assert.equal(gate.isOpen, true)
  frames(gate, 2000, 1)
  assert.deepEqual(frames(gate, 0, 39), [])
  assert.deepEqual(frames(gate, 0, 1), [-1])
  assert.equal(gate.isOpen, false)
})

test('a short noise opens the way for a fifth of a second only', () => {
  const gate = new TalkGate(100)
  frames(gate, 200, 1)
  frames(gate, 0, 8)
  assert.equal(gate.isOpen, true)
  frames(gate, 0, 2)
  assert.equal(gate.isOpen, false)
})

test('packets that come late by a few ticks change nothing; none at all is silence', () => {
  const gate = new TalkGate(100)
  frames(gate, 2000, 1)
  for (let i = 0; i < 4; i++) gate.tick()
  assert.equal(gate.score, 2000)
  let ended = 0
  for (let i = 0; i < 60; i++) if (gate.tick() < 0) ended++
  assert.equal(ended, 1)
  assert.equal(gate.score, 0)
})

test('a threshold of 0 lets everything through', () => {
  assert.equal(new TalkGate(0).isOpen, true)
})

test('a mute ends talk and says whether there was any', () => {
  const gate = new TalkGate(100)
  assert.equal(gate.silence(), false)
  frames(gate, 2000, 1)
  assert.equal(gate.silence(), true)
  assert.equal(gate.isOpen, false)
})

test('the figures of a talk are those of its loud frames', () => {
  const gate = new TalkGate(100)
  frames(gate, 1000, 10)
  frames(gate, 2000, 10)
  frames(gate, 0, 40)
  const { hits, frames: all, mean, change } = gate.report()
  assert.deepEqual([hits, all], [19, 59])
  assert.ok(Math.abs(mean - (9 * 1000 + 10 * 2000) / 19) < 1)
  assert.ok(Math.abs(change - 1000 / 19) < 1)
})

test('a threshold that follows goes up to three quarters of a long talk with pauses, and down while nobody speaks', () => {
  const gate = new TalkGate(100)
  gate.follow({ most: 1000, least: 100, downMs: 1000 })
  frames(gate, 1000, 60)
  frames(gate, 0, 20)
  frames(gate, 1000, 60)
  assert.equal(gate.level, 100)
  assert.equal(gate.hasMoved(), false)
  frames(gate, 0, 41)
  assert.equal(gate.level, 750)
  assert.equal(gate.hasMoved(), true)
  assert.equal(gate.hasMoved(), false)
  frames(gate, 0, 50)
  assert.equal(gate.level, 650)
  frames(gate, 0, 1000)
  assert.equal(gate.level, 100)
})

test('it does not go beyond its highest, and a short talk teaches it nothing', () => {
  const gate = new TalkGate(100)
  gate.follow({ most: 400, least: 100, downMs: 60_000 })
  frames(gate, 1000, 20)
  frames(gate, 0, 60)
  assert.equal(gate.level, 100)
  frames(gate, 1000, 60)
  frames(gate, 0, 20)
  frames(gate, 1000, 60)
  frames(gate, 0, 60)
  assert.equal(gate.level, 400)
})

test('a gate that is always open still tells talk by its threshold', () => {
  const gate = new TalkGate(100)
  gate.isAlwaysOpen = true
  assert.deepEqual(frames(gate, 50, 20), [])
  assert.equal(gate.isOpen, true)
  assert.deepEqual(frames(gate, 2000, 1), [1])
})
