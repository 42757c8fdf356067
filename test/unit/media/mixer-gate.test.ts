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
