import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newIdentity } from '../../support/dtls.ts'
import { fuzzDtls } from '../../support/dtls-fuzz.ts'
import { randomFrom } from '../../support/mutate.ts'

test('3000 wrong packets at every step of a handshake, in both parts: nothing throws, grows or gives wrong keys', () => {
  const { connected, handshakes } = fuzzDtls(
    [newIdentity(), newIdentity()],
    3000,
    randomFrom(20260301),
  )
  assert.ok(connected > 0 && connected < handshakes)
})
