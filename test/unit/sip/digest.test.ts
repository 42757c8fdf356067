/** Digest: the examples of RFC 2617, 7616 and 8760, qualities, replay. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  a1Hash,
  answerText,
  authorizationFor,
  DigestClient,
  verifyDigest,
} from '../../../src/sip/digest.ts'
import {
  challengeText,
  parseAuthorization,
  parseAuthValue,
  parseChallenge,
} from '../../../src/sip/digest-header.ts'
import { NonceStore } from '../../../src/sip/digest-nonces.ts'
import { FakeClock } from '../../support/clock.ts'

const mufasa = { username: 'Mufasa', secret: { password: 'Circle Of Life' } }
const life = { username: 'Mufasa', secret: { password: 'Circle of Life' } }

function responseIn(text: string): string | undefined {
  return parseAuthValue(text).fields.get('response')
}

test('answers the example of RFC 2617 §3.5', () => {
  const challenge = {
    realm: 'testrealm@host.com',
    nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
    qop: 'auth,auth-int',
    opaque: '5ccc069c403ebaf9f0171e9517f40e41',
  }
  const text = answerText(challenge, mufasa, 'GET', '/dir/index.html', 1, '0a4f113b')
  assert.equal(responseIn(text), '6629fae49393a05397450978507c4ef1')
})

const http = {
  realm: 'http-auth@example.org',
  nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
  qop: 'auth, auth-int',
  opaque: 'FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS',
}
const httpCnonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ'

test('answers the MD5 example of RFC 7616 §3.9.1', () => {
  const challenge = { ...http, algorithm: 'MD5' }
  const text = answerText(challenge, life, 'GET', '/dir/index.html', 1, httpCnonce)
  assert.equal(responseIn(text), '8ca523f5e9506fed4657c9700eebdbec')
})

test('answers the SHA-256 example of RFC 7616 §3.9.1', () => {
  const challenge = { ...http, algorithm: 'SHA-256' }
  const text = answerText(challenge, life, 'GET', '/dir/index.html', 1, httpCnonce)
  assert.equal(responseIn(text), '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1')
})

for (const algorithm of ['', 'MD5', 'MD5-sess', 'SHA-256', 'SHA-256-sess', 'SHA-512-256'])
  for (const qop of [undefined, 'auth', 'auth-int'])
    test(`a client's ${algorithm || 'unnamed'} answer with qop ${qop ?? 'none'} passes the server and a wrong password does not`, () => {
      const challenge = {
        realm: 'r "quoted"',
        nonce: 'n',
        algorithm: algorithm || undefined,
        qop,
      }
      const read = parseChallenge(challengeText({ ...challenge, algorithm: algorithm || 'MD5' }))
      assert.ok(read)
      const body = Buffer.from('body')
      const text = answerText(read, mufasa, 'REGISTER', 'sip:a', 7, 'c', body)
      const authorization = parseAuthorization(text)
      assert.ok(authorization)
      assert.equal(authorization.nc, qop === undefined ? '' : '00000007')
      assert.equal(verifyDigest(authorization, 'REGISTER', mufasa.secret, body), true)
      assert.equal(verifyDigest(authorization, 'REGISTER', { password: 'x' }, body), false)
      assert.equal(verifyDigest(authorization, 'INVITE', mufasa.secret, body), false)
      assert.equal(
        verifyDigest(authorization, 'REGISTER', mufasa.secret, Buffer.from('other')),
        qop !== 'auth-int',
      )
      const hash = a1Hash('Mufasa', 'r "quoted"', 'Circle Of Life', algorithm || 'MD5')
      assert.equal(verifyDigest(authorization, 'REGISTER', { a1Hash: hash }, body), true)
    })

test('unknown algorithms and qualities never verify', () => {
  const base = { username: 'a', realm: 'r', nonce: 'n', uri: 'u', cnonce: 'c', opaque: '' }
  const good = { ...base, response: '', algorithm: 'MD5', qop: 'auth', nc: '00000001' }
  assert.equal(verifyDigest({ ...good, algorithm: 'ROT13' }, 'M', { password: 'p' }), false)
  assert.equal(verifyDigest({ ...good, qop: 'other' }, 'M', { password: 'p' }), false)
  assert.equal(verifyDigest({ ...good, nc: 'zz' }, 'M', { password: 'p' }), false)
})

test('a client prefers the strongest algorithm it knows (RFC 8760 §2.4)', () => {
  const client = new DigestClient(mufasa)
  const took = client.take([
    'Digest realm="r", nonce="1", algorithm=MD5, qop="auth"',
    'Digest realm="r", nonce="2", algorithm=SHA-256, qop="auth"',
    'Digest realm="r", nonce="3", algorithm=WHIRLPOOL, qop="auth"',
  ])
  assert.equal(took, true)
  assert.match(client.authorize('REGISTER', 'sip:a') ?? '', /nonce="2".*algorithm=SHA-256/)
})

test('a client gives up when its answer is refused, and goes on when only the nonce was stale', () => {
  const client = new DigestClient(mufasa)
  assert.equal(client.take(['Digest realm="r", nonce="1"']), true)
  client.authorize('REGISTER', 'sip:a')
  assert.equal(client.take(['Digest realm="r", nonce="2"']), false)
  assert.equal(client.take(['Digest realm="r", nonce="3", stale=true']), true)
  client.authorize('REGISTER', 'sip:a')
  client.accepted()
  assert.equal(client.take(['Digest realm="r", nonce="4"']), true)
  assert.equal(client.take(['Basic realm="r"']), false)
})

test('a client counts the uses of a nonce', () => {
  const client = new DigestClient(mufasa)
  client.take(['Digest realm="r", nonce="1", qop="auth"'])
  assert.match(client.authorize('A', 'u') ?? '', /nc=00000001/)
  assert.match(client.authorize('A', 'u') ?? '', /nc=00000002/)
})

test('a challenge is written in the order phones know', () => {
  assert.equal(
    challengeText({ realm: 'a', nonce: 'b', isStale: true, qop: 'auth' }),
    'Digest realm="a", nonce="b", stale=true, algorithm=MD5, qop="auth"',
  )
})

test('credentials of other schemes or broken ones are passed over', () => {
  const values = [
    'Basic Zm9vOmJhcg==',
    'Digest username="x',
    'Digest username="u", realm="r", nonce="n"',
  ]
  assert.equal(authorizationFor(values, 'r')?.username, 'u')
  assert.equal(authorizationFor(values, 'other'), undefined)
})

test('a nonce is good once for each count, stale when old, unknown when made up', () => {
  const clock = new FakeClock()
  const store = new NonceStore({ clock, ttlSeconds: 60 })
  const nonce = store.issue()
  assert.equal(store.check(nonce, '00000001'), 'good')
  store.use(nonce, '00000001')
  assert.equal(store.check(nonce, '00000001'), 'stale')
  assert.equal(store.check(nonce, '00000002'), 'good')
  assert.equal(store.check(nonce, ''), 'good')
  assert.equal(store.check('made up', '00000001'), 'unknown')
  clock.advance(60_000)
  assert.equal(store.check(nonce, '00000003'), 'stale')
})

test('the nonce store stays within its limit and sweeps what expired', () => {
  const clock = new FakeClock()
  const store = new NonceStore({ clock, ttlSeconds: 60, limit: 50 })
  for (let count = 0; count < 500; count++) store.issue()
  assert.ok(store.size <= 50)
  clock.advance(61_000)
  for (let count = 0; count < 20; count++) store.issue()
  assert.ok(store.size <= 20)
})
