/** The E-model's estimate (ITU-T G.107, G.107.1, G.113). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { delayImpairment, effectiveImpairment, quality, scoreOf } from '../../../src/rtp/quality.ts'

const still = { loss: 0, delay: 0 }

function isNear(actual: number, expected: number, by: number): void {
  assert.ok(Math.abs(actual - expected) <= by, `${actual}, expected ${expected} within ${by}`)
}

test('G.107 table B.1: scores for ratings', () => {
  for (const [rating, score] of [
    [90, 4.34],
    [80, 4.03],
    [70, 3.6],
    [60, 3.1],
    [50, 2.58],
  ] as const)
    isNear(scoreOf(rating), score, 0.01)
  assert.deepEqual([scoreOf(-5), scoreOf(100), scoreOf(120)], [1, 4.5, 4.5])
})

test('G.107: with all values at their defaults the rating is 93.2', () => {
  const { rating, mos, scale } = quality('PCMU', 8000, still)
  isNear(rating, 93.2, 0.001)
  isNear(mos, 4.41, 0.005)
  assert.equal(scale, 'narrowband')
})

/** G.113 table I.4 of measured impairments under random loss. */
const measured = [
  [
    'G.729A',
    11,
    19,
    [
      [0.5, 13],
      [1, 15],
      [1.5, 17],
      [2, 19],
      [3, 23],
      [4, 26],
      [8, 36],
      [16, 49],
    ],
  ],
  [
    'G.723.1',
    15,
    16.1,
    [
      [0.5, 17],
      [1, 19],
      [2, 24],
      [3, 27],
      [4, 32],
      [8, 41],
      [16, 55],
    ],
  ],
  [
    'G.711 with concealment',
    0,
    25.1,
    [
      [1, 5],
      [2, 7],
      [3, 10],
      [5, 15],
      [7, 20],
      [10, 25],
      [15, 35],
      [20, 45],
    ],
  ],
] as const

test('G.113: the impairment by random loss is that of the tables', async (t) => {
  for (const [name, impairment, robustness, rows] of measured)
    await t.test(name, () => {
      for (const [percent, expected] of rows)
        isNear(effectiveImpairment(impairment, robustness, percent / 100, 1), expected, 3)
    })
})

test('losses in bursts are worse than the same number by chance', () => {
  const line = { loss: 0.05, delay: 50 }
  assert.ok(quality('PCMU', 8000, { ...line, burstRatio: 3 }).mos < quality('PCMU', 8000, line).mos)
})

test('G.107: delay costs little up to 150 ms and much beyond', () => {
  isNear(delayImpairment(0), 0, 1e-9)
  isNear(delayImpairment(150), 3.7, 0.3)
  isNear(delayImpairment(400), 31, 1.5)
  let before = -1
  for (let ms = 0; ms <= 1000; ms += 10) {
    assert.ok(delayImpairment(ms) > before, `it grows at ${ms} ms`)
    before = delayImpairment(ms)
  }
})

test('each codec has its impairment, and wideband ones their own scale', () => {
  const mos = (name: string, clock = 8000) => quality(name, clock, still).mos
  assert.ok(mos('PCMA') > mos('AMR') && mos('AMR') > mos('G729') && mos('G729') > mos('GSM'))
  assert.equal(mos('iLBC'), mos('G729'))
  assert.equal(mos('AAL2-G726-32'), mos('G726-32'))
  for (const [name, clock] of [
    ['G722', 8000],
    ['opus', 48000],
    ['AMR-WB', 16000],
    ['L16', 16000],
  ] as const)
    assert.equal(quality(name, clock, still).scale, 'wideband', name)
  assert.equal(quality('L16', 8000, still).scale, 'narrowband')
  // G.107.1: R is 129 at best, and 13 less by G.722 at 64 kbit/s.
  isNear(quality('G722', 8000, still).rating, 116, 0.001)
  isNear(mos('opus', 48000), 4.5, 0.001)
})

test('no line is so bad that the score leaves 1 to 4.5', () => {
  for (const loss of [0, 0.2, 1, 2])
    for (const delay of [-10, 0, 5000]) {
      const { mos } = quality('PCMU', 8000, { loss, delay })
      assert.ok(mos >= 1 && mos <= 4.5, `${mos}`)
    }
  assert.equal(quality('PCMU', 8000, { loss: 1, delay: 5000 }).mos, 1)
})
