import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTones, ToneGenerator, toneAmplitude, toneSource } from '../../../src/media/tone.ts'
import { amplitudeAt, levelOf } from '../../support/levels.ts'

/** All samples of a script, at most `limit`, asked for in frames of 20 ms. */
function samplesOf(script: string, rate = 8000, passes = 1, limit = 400000): Int16Array {
  const generator = new ToneGenerator([parseTones(script)], rate, passes)
  const all = new Int16Array(limit)
  const frame = new Int16Array(rate / 50)
  let length = 0
  for (;;) {
    const count = generator.read(frame)
    all.set(frame.subarray(0, Math.min(count, limit - length)), length)
    length += count
    if (count < frame.length || length >= limit) return all.subarray(0, Math.min(length, limit))
  }
}

test('a tone lasts as long as it says, then it is silent as long as it says', () => {
  const made = samplesOf('%(100,50,440)')
  assert.equal(made.length, 1200)
  assert.ok(levelOf(made, 0, 800) > 5000)
  assert.equal(levelOf(made, 800, 1200), 0)
})

test('frequencies are exact, and several share the amplitude', () => {
  const made = samplesOf('%(1000,0,350,440)')
  for (const hertz of [350, 440]) {
    const expected = toneAmplitude(-7) / 2
    assert.ok(Math.abs(amplitudeAt(made, hertz, 8000) - expected) < expected * 0.01)
  }
  assert.ok(amplitudeAt(made, 395, 8000) < 20)
})

test('the level is v= in dB, -7 unless told, and levels out of -63…0 are not taken', () => {
  assert.ok(Math.abs(toneAmplitude(0) - 22800) < 30)
  const level = (script: string) => amplitudeAt(samplesOf(script), 500, 8000)
  assert.ok(Math.abs(level('%(1000,0,500)') - toneAmplitude(-7)) < 50)
  assert.ok(Math.abs(level('v=-20;%(1000,0,500)') - toneAmplitude(-20)) < 20)
  assert.ok(Math.abs(level('v=5;v=-70;%(1000,0,500)') - toneAmplitude(-7)) < 50)
})

test('the sound does not depend on how it is asked for', () => {
  const generator = new ToneGenerator([parseTones('v=-5;>=1;%(200,20,440,480);%(50,0,1000)')], 8000)
  const odd: number[] = []
  const piece = new Int16Array(37)
  for (let count = 37; count === 37; ) {
    count = generator.read(piece)
    odd.push(...piece.subarray(0, count))
  }
  const even = samplesOf('v=-5;>=1;%(200,20,440,480);%(50,0,1000)')
  assert.equal(odd.length, even.length)
  odd.forEach((sample, i) => {
    assert.ok(Math.abs(sample - even[i]!) <= 2)
  })
})

test('digits play their two tones for 2000 samples and wait 500, or as d= and w= say', () => {
  const made = samplesOf('7')
  assert.equal(made.length, 2500)
  assert.ok(amplitudeAt(made, 852, 8000, 0, 2000) > 4000)
  assert.ok(amplitudeAt(made, 1209, 8000, 0, 2000) > 4000)
  assert.equal(samplesOf('d=100;w=20;12').length, 2 * 960)
  assert.equal(samplesOf('5(100,50)').length, 1200)
})

test('l= repeats the next tone only, L= the whole script', () => {
  assert.equal(samplesOf('l=3;%(10,10,440);%(10,0,500)').length, 3 * 160 + 80)
  assert.equal(samplesOf('L=3;%(10,10,440)').length, 480)
  assert.equal(samplesOf('L=2;L=5;%(10,10,440);L=9').length, 320)
})

test('l=-1 never ends', () => {
  assert.equal(samplesOf('l=-1;%(10,10,440)', 8000, 1, 50000).length, 50000)
})

test('>= fades by one dB each so many ms, <= rises, += says by how much', () => {
  const falling = samplesOf('v=0;>=10;%(1000,0,1000)')
  const early = amplitudeAt(falling, 1000, 8000, 0, 80)
  const late = amplitudeAt(falling, 1000, 8000, 1600, 1680)
  assert.ok(Math.abs(20 * Math.log10(late / early) + 20) < 0.5)
  const rising = samplesOf('v=-40;<=10;+=2;%(1000,0,1000)')
  const start = amplitudeAt(rising, 1000, 8000, 0, 80)
  const after = amplitudeAt(rising, 1000, 8000, 800, 880)
  assert.ok(Math.abs(20 * Math.log10(after / start) - 20) < 0.5)
})

test('blanks and line ends are nothing, unknown characters and settings play nothing', () => {
  assert.equal(samplesOf(' %(10, 0, 440) ;\r\n %(10,0,500)').length, 160)
  assert.equal(samplesOf('x=3;c=2;r=16000;?%(10,0,440)').length, 80)
})

test('a script with an error plays as far as the error', () => {
  assert.equal(samplesOf('%(10,0,440);%(10,0);%(10,0,500)').length, 80)
  assert.match(parseTones('%(10,0)').problem ?? '', /lacks a frequency/)
  assert.match(parseTones('5(100)').problem ?? '', /duration,wait/)
})

test('a script without a tone is an error, and one that makes no sound ends', () => {
  assert.throws(() => toneSource(['v=-5'], 8000), { code: 'TONE_BAD' })
  assert.equal(samplesOf('l=-1;%(0,0,440)', 8000, -1).length, 0)
})

test('passes repeat everything, and at other rates the same milliseconds come out', () => {
  assert.equal(samplesOf('%(100,0,440)', 8000, 3).length, 2400)
  assert.equal(samplesOf('%(100,50,440)', 16000).length, 2400)
  assert.ok(amplitudeAt(samplesOf('%(500,0,440)', 48000), 440, 48000) > 9000)
})
