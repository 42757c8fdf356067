import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VoiceDetector, type VoiceSettings } from '../../../src/rtp/voice-detector.ts'
import { frames, join, rhythm, silence, spoken } from '../../support/speech.ts'

/** When talking began and ended, ms. */
function changes(pcm: Int16Array, settings: VoiceSettings = {}): number[] {
  let ms = 0
  const found: number[] = []
  const detector = new VoiceDetector(8000, settings, () => found.push(ms))
  for (const frame of frames(pcm)) {
    ms += 20
    detector.process(frame)
  }
  return found
}

test('talking begins after 200 ms of voice and ends after 500 ms of silence, as FreeSWITCH counts', () => {
  assert.deepEqual(changes(rhythm([1000, 1000])), [220, 1520])
  assert.deepEqual(changes(rhythm([180, 1000])), [], 'too short')
  assert.deepEqual(changes(rhythm([1000, 300, 1000, 1000])), [220, 2820], 'a short pause is none')
})

test('its lengths and its threshold can be set', () => {
  assert.deepEqual(changes(rhythm([1000, 1000]), { voiceMs: 100, silenceMs: 200 }), [120, 1220])
  assert.deepEqual(changes(rhythm([1000, 1000]), { threshold: 5000 }), [])
})

test('with a mode the noise of the line is no voice', () => {
  const noise = rhythm([4000], 600)
  const speech = rhythm([1000, 1000], 8000)
  assert.deepEqual(changes(noise).length, 1, 'the threshold alone takes it for voice')
  assert.deepEqual(changes(noise, { mode: 2 }), [])
  const found = changes(join([noise, speech]), { mode: 2 })
  assert.ok(found.length >= 1 && found[0]! > 4000 && found[0]! < 4400, `${found}`)
})

test('it hears a spoken sentence begin and end', (t) => {
  const speech = spoken('Good morning, this is the office speaking.')
  if (!speech) return t.skip('espeak-ng is not installed')
  const found = changes(join([silence(1000), speech, silence(1500)]), { mode: 1 })
  assert.equal(found.length, 2)
  assert.ok(found[0]! > 1000 && found[0]! < 1700)
  const end = 1000 + speech.length / 8
  assert.ok(found[1]! > end - 300 && found[1]! < end + 700, `${found[1]} for ${end}`)
})
