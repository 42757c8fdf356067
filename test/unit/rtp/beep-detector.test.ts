import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Beep, BeepDetector } from '../../../src/rtp/beep-detector.ts'
import { frames, join, rhythm, silence, spoken } from '../../support/speech.ts'

function tone(frequencies: readonly number[], ms: number, amplitude = 8000, rate = 8000) {
  return Int16Array.from({ length: (ms * rate) / 1000 }, (_, i) =>
    Math.round(
      frequencies.reduce(
        (sum, frequency) => sum + Math.sin((2 * Math.PI * frequency * i) / rate),
        0,
      ) *
        (amplitude / frequencies.length),
    ),
  )
}

/** What was found, and when, ms. */
function beeps(pcm: Int16Array): (Beep & { ms: number })[] {
  const detector = new BeepDetector(8000)
  const found: (Beep & { ms: number })[] = []
  let ms = 0
  for (const frame of frames(pcm)) {
    ms += 20
    const beep = detector.process(frame)
    if (beep) found.push({ ...beep, ms })
  }
  return found
}

function add(a: Int16Array, b: Int16Array): Int16Array {
  return a.map((value, i) => Math.max(-32768, Math.min(32767, value + (b[i] ?? 0))))
}

test('a beep of any frequency is found within 200 ms, once, with its frequency and loudness', () => {
  for (const frequency of [350, 440, 800, 1000, 1400, 1777, 2000, 2500]) {
    const found = beeps(join([silence(990), tone([frequency], 600), silence(500)]))
    assert.equal(found.length, 1, `${frequency} Hz`)
    const [beep] = found
    assert.ok(beep!.ms - 990 <= 200, `${frequency} Hz after ${beep!.ms - 990} ms`)
    assert.ok(Math.abs(beep!.frequency - frequency) < frequency * 0.01, `${beep!.frequency}`)
    assert.ok(Math.abs(beep!.amplitude - 8000) < 400)
  }
})

test('two beeps are found as two, faint and noisy ones too', () => {
  assert.equal(beeps(join([tone([900], 300), silence(200), tone([900], 300)])).length, 2)
  assert.equal(beeps(tone([900], 400, 600)).length, 1)
  assert.equal(beeps(add(tone([900], 400), rhythm([400], 1200))).length, 1)
})

test('dual tones, glides, clicks and noise are no beeps', () => {
  assert.equal(beeps(tone([440, 480], 2000)).length, 0)
  assert.equal(beeps(tone([770, 1336], 500)).length, 0)
  assert.equal(beeps(tone([1000], 80)).length, 0)
  assert.equal(beeps(rhythm([3000])).length, 0)
  const glide = Int16Array.from({ length: 8000 }, (_, i) =>
    Math.round(8000 * Math.sin(2 * Math.PI * (600 * (i / 8000) + 600 * (i / 8000) ** 2))),
  )
  assert.equal(beeps(glide).length, 0)
})

test('spoken greetings have none, and the beep behind one is found', (t) => {
  const texts = [
    'Hi, you have reached the voice mail of Peter Smith. Please leave a message after the tone.',
    'Ooh, aah, eee, hmm. We are away on our own. No one knows how low you are.',
  ]
  const voices = [[], ['-v', 'en+f3'], ['-v', 'de'], ['-p', '80', '-s', '100']]
  for (const text of texts)
    for (const voice of voices) {
      const speech = spoken(text, voice)
      if (!speech) return t.skip('espeak-ng is not installed')
      assert.equal(beeps(speech).length, 0, `${voice.join(' ')}: ${text}`)
      const found = beeps(join([speech, silence(300), tone([1000], 500)]))
      assert.equal(found.length, 1)
      assert.ok(found[0]!.ms - (speech.length / 8 + 300) <= 200)
    }
})
