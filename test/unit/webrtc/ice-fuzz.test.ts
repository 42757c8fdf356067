import { test } from 'node:test'
import { randomFrom } from '../../support/mutate.ts'
import { fuzzIce } from '../../support/stun-fuzz.ts'

test('4000 wrong checks and answers, in all parts of ICE: nothing throws or grows, and nobody is settled on', () => {
  fuzzIce(4000, randomFrom(20260302))
})
