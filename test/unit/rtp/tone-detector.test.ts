/** Tones by their frequencies: fax, busy and dial tones, and what must not be taken for them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ToneDetector } from '../../../src/rtp/tone-detector.ts'

/** Sets of frequencies that must sound together, Hz; the first is T.30's. */
const knownTones = {
  faxCalling: [1100],
  busyNorthAmerica: [480, 620],
  ringbackNorthAmerica: [440, 480],
} as const

function sound(frequencies: readonly number[], ms: number, rate = 8000, peak = 4000): Int16Array {
  return Int16Array.from({ length: (ms * rate) / 1000 }, (_, i) =>
    frequencies.reduce((sum, f) => sum + peak * Math.sin((2 * Math.PI * f * i) / rate + f), 0),
  )
}

/** The ms after which the tone was found, each time. */
function find(detector: ToneDetector, pieces: readonly Int16Array[], rate = 8000): number[] {
  const found: number[] = []
  let ms = 0
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += rate / 50) {
      ms += 20
      if (detector.process(piece.subarray(at, at + rate / 50))) found.push(ms)
    }
  }
  return found
}

const silence = (ms: number, rate = 8000) => new Int16Array((ms * rate) / 1000)

for (const rate of [8000, 16_000, 48_000]) {
  test(`the calling tone of a fax, even 38 Hz off (T.30), at ${rate} Hz`, () => {
    for (const frequency of [1062, 1100, 1138]) {
      const detector = new ToneDetector(rate, { frequencies: knownTones.faxCalling })
      const found = find(detector, [silence(500, rate), sound([frequency], 500, rate)], rate)
      assert.equal(found.length, 1, `${frequency}`)
      assert.ok(found[0]! > 500 && found[0]! <= 640, `${found}`)
    }
  })
}

test('other tones are not it', () => {
  for (const frequency of [900, 1000, 1200, 1300, 2100]) {
    const detector = new ToneDetector(8000, { frequencies: knownTones.faxCalling })
    assert.deepEqual(find(detector, [sound([frequency], 2000)]), [], `${frequency}`)
  }
})

test('two tones must sound together: neither alone is it, nor another pair with one of them', () => {
  const tries: [readonly number[], boolean][] = [
    [[480, 620], true],
    [[480], false],
    [[620], false],
    [[440, 480], false],
    [[350, 440], false],
  ]
  for (const [frequencies, isIt] of tries) {
    const detector = new ToneDetector(8000, { frequencies: knownTones.busyNorthAmerica })
    assert.equal(find(detector, [sound(frequencies, 450)]).length > 0, isIt, `${frequencies}`)
  }
})

test('tones 40 Hz apart are told apart', () => {
  const make = () => new ToneDetector(8000, { frequencies: knownTones.ringbackNorthAmerica })
  assert.ok(find(make(), [sound([440, 480], 1000)]).length > 0)
  assert.deepEqual(find(make(), [sound([440], 1000)]), [])
  assert.deepEqual(find(make(), [sound([480], 1000)]), [])
})

test('several hits are counted with a rest between, and forgotten after a while', () => {
  const beep = [sound([425], 500), silence(500)]
  const make = () => new ToneDetector(8000, { frequencies: [425], hits: 3 })
  const found = find(make(), [...beep, ...beep, ...beep, ...beep])
  assert.equal(found.length, 1)
  assert.ok(found[0]! > 2000 && found[0]! < 2700, `${found}`)
  const wide = [...beep, silence(6000)]
  assert.deepEqual(find(make(), [...wide, ...wide, ...wide]), [])
})

test('a click, a short beep, faint hum and noise are no tones', () => {
  const make = () => new ToneDetector(8000, { frequencies: [1100] })
  assert.deepEqual(find(make(), [sound([1100], 40), silence(500)]), [])
  assert.deepEqual(find(make(), [sound([1100], 1000, 8000, 60)]), [])
  let random = 1
  const noise = Int16Array.from({ length: 80_000 }, () => {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0
    return (random / 2 ** 31 - 1) * 8000
  })
  assert.deepEqual(find(make(), [noise]), [])
})

test('a frequency that the sound cannot hold is refused', () => {
  assert.throws(() => new ToneDetector(8000, { frequencies: [4000] }), { code: 'TONE_BAD_SPEC' })
})

test('where beginnings count a long tone is one hit, and the next one is another', () => {
  const settings = { frequencies: knownTones.ringbackNorthAmerica, hits: 2, restMs: 100 }
  const ring = sound([440, 480], 2000)
  assert.equal(find(new ToneDetector(8000, settings), [ring])[0]! < 1000, true)
  const counting = new ToneDetector(8000, { ...settings, countsBeginnings: true })
  assert.deepEqual(find(counting, [ring]), [])
  assert.equal(find(counting, [silence(300), ring]).length, 1)
})
