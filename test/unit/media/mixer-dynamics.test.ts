import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemberDynamics } from '../../../src/media/mixer-dynamics.ts'
import { energySum } from '../../../src/media/sound.ts'

const frame = (amplitude: number) =>
  Int16Array.from({ length: 160 }, (_, index) => (index % 2 === 0 ? amplitude : -amplitude))

const meanOf = (pcm: Int16Array) => energySum(pcm) / pcm.length

/** The mean amplitude of the last of so many frames. */
function after(dynamics: MemberDynamics, amplitude: number, frames: number): number {
  let mean = 0
  for (let i = 0; i < frames; i++) mean = meanOf(dynamics.process(frame(amplitude), 100))
  return mean
}

const gain = { level: 1000, low: 0, margin: 100, patience: 2, periodMs: 100 }

test('a soft voice is raised to the level of auto-gain and a loud one lowered, step by step', () => {
  for (const amplitude of [300, 6000]) {
    const dynamics = new MemberDynamics(8000)
    dynamics.follow(gain)
    const first = after(dynamics, amplitude, 5)
    assert.equal(first, amplitude)
    const last = after(dynamics, amplitude, 600)
    assert.ok(Math.abs(last - 1000) < 200, `${amplitude} became ${last}`)
  }
})

test('what is no speech does not move the gain, and without a level there is none', () => {
  const dynamics = new MemberDynamics(8000)
  dynamics.follow(gain)
  assert.equal(after(dynamics, 90, 600), 90)
  after(dynamics, 300, 600)
  dynamics.follow({ ...gain, level: 0 })
  assert.equal(after(dynamics, 300, 1), 300)
  assert.equal(dynamics.isIdle, true)
})

test('who is near the limit becomes softer, and who is beyond it for too long is muted for a while', () => {
  const dynamics = new MemberDynamics(8000)
  dynamics.limit({ level: 4000, muteMs: 100, hits: 5 })
  assert.equal(after(dynamics, 2000, 10), 2000)
  const near = after(dynamics, 3500, 12)
  assert.ok(near < 1000, `near the limit: ${near}`)
  assert.equal(after(dynamics, 5000, 5), 5000)
  assert.ok(after(dynamics, 5000, 1) < 100, 'the sixth frame is noise')
  assert.ok(after(dynamics, 2000, 4) < 100, 'for 100 ms')
  assert.equal(after(dynamics, 2000, 1), 2000)
})

test('sound that is not changed is given back as it came, and never written to', () => {
  const dynamics = new MemberDynamics(8000)
  dynamics.follow(gain)
  const pcm = frame(1000)
  const before = pcm.slice()
  assert.equal(dynamics.process(pcm, 100), pcm)
  after(dynamics, 300, 600)
  dynamics.process(pcm, 100)
  assert.deepEqual(pcm, before)
})
