import assert from 'node:assert/strict'
import { test } from 'node:test'
import { extensionOf, freshSeconds } from '../../../../src/core/http-cache/freshness.ts'

const now = Date.parse('2026-01-01T00:00:00Z')

test('max-age says how long a copy is fresh, less the age that it came with', () => {
  assert.equal(freshSeconds({ 'cache-control': 'public, max-age=60' }, 5, now), 60)
  assert.equal(freshSeconds({ 'cache-control': 'max-age=60', age: '20' }, 5, now), 40)
  assert.equal(
    freshSeconds(
      { 'cache-control': 'max-age=60', expires: 'Thu, 01 Jan 2026 02:00:00 GMT' },
      5,
      now,
    ),
    60,
  )
})

test('without it Expires counts, and without that the setting', () => {
  assert.equal(freshSeconds({ expires: 'Thu, 01 Jan 2026 00:10:00 GMT' }, 5, now), 600)
  assert.equal(freshSeconds({ expires: 'Wed, 31 Dec 2025 00:10:00 GMT' }, 5, now), 0)
  assert.equal(freshSeconds({ expires: '0' }, 5, Date.parse('2026-01-01')), 0)
  assert.equal(freshSeconds({}, 86400, now), 86400)
})

test('no-cache and no-store are asked about again at once', () => {
  assert.equal(freshSeconds({ 'cache-control': 'no-cache, max-age=60' }, 5, now), 0)
  assert.equal(freshSeconds({ 'cache-control': 'No-Store' }, 5, now), 0)
})

test('the extension is that of the URL, else that of the content type', () => {
  assert.equal(extensionOf('http://a/b.wav?x=1.mp3', {}), '.wav')
  assert.equal(extensionOf('http://a/b', { 'content-type': 'audio/mpeg; foo=bar' }), '.mp3')
  assert.equal(extensionOf('http://a/b.', { 'content-type': 'text/html' }), '')
  assert.equal(extensionOf('http://a.wav/', { 'content-type': 'audio/x-wav' }), '.wav')
})
