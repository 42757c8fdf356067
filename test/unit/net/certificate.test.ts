import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { SwitchError } from '../../../src/base/errors.ts'
import {
  fingerprintOf,
  fingerprintText,
  keptCertificate,
  makeCertificate,
  readKeyPair,
} from '../../../src/net/certificate.ts'

test('a certificate of ours is self-signed, valid now, and for the names that it was made for', () => {
  const made = makeCertificate({
    commonName: 'phone.example',
    names: ['phone.example', '192.0.2.1', '::1'],
    days: 400,
  })
  const read = new X509Certificate(made.certificate)
  assert.equal(read.subject, 'CN=phone.example')
  assert.ok(read.verify(read.publicKey))
  assert.ok(new Date(read.validFrom) < new Date())
  const days = (new Date(read.validTo).getTime() - Date.now()) / 86_400_000
  assert.ok(days > 399 && days < 401, `${days} days`)
  assert.equal(read.checkHost('phone.example'), 'phone.example')
  assert.equal(read.checkIP('192.0.2.1'), '192.0.2.1')
  assert.equal(read.checkIP('::1'), '::1')
  assert.equal(read.checkHost('other.example'), undefined)
})

test('the fingerprint is what OpenSSL says, and weak hashes have none', () => {
  const { certificate } = makeCertificate({ commonName: 'x' })
  const read = new X509Certificate(certificate)
  assert.equal(fingerprintText(certificate), `sha-256 ${read.fingerprint256}`)
  assert.equal(fingerprintOf(read, 'SHA-1'), read.fingerprint)
  assert.equal(fingerprintOf(read, 'md5'), undefined)
})

test('a certificate is made once and kept for its owner alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'strowger-certificate-'))
  try {
    const file = join(folder, 'certs', 'dtls-srtp.pem')
    const first = keptCertificate(file, { commonName: 'x' })
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.deepEqual(keptCertificate(file, { commonName: 'other' }), first)
    // As others keep it: the key first, and more certificates behind.
    const other = makeCertificate({ commonName: 'y' })
    writeFileSync(file, `${first.key}\n${first.certificate}${other.certificate}`)
    assert.deepEqual(keptCertificate(file, { commonName: 'x' }), first)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a file that holds no pair says what it lacks', () => {
  const [one, two] = [makeCertificate({ commonName: 'a' }), makeCertificate({ commonName: 'b' })]
  const refusal = (text: string) => {
    try {
      readKeyPair(text, 'x.pem')
    } catch (thrown) {
      assert.ok(thrown instanceof SwitchError)
      assert.equal(thrown.code, 'CERTIFICATE_BAD')
      return thrown.message
    }
    return ''
  }
  assert.equal(refusal(one.key), 'x.pem: there is no CERTIFICATE in it')
  assert.equal(refusal(one.certificate), 'x.pem: there is no PRIVATE KEY in it')
  assert.equal(refusal(one.certificate + two.key), 'x.pem: the key is not that of the certificate')
})
