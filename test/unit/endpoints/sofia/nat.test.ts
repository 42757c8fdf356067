import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSettings } from '../../../../src/core/settings.ts'
import { contactPath } from '../../../../src/endpoints/sofia/nat.ts'
import type { Profile } from '../../../../src/endpoints/sofia/profile.ts'
import { plainUri } from '../../../../src/endpoints/sofia/registration-request.ts'
import { profileSettings } from '../../../../src/endpoints/sofia/settings.ts'
import type { Flow } from '../../../../src/sip/flow.ts'
import { createRequest } from '../../../../src/sip/request.ts'
import { parseXml } from '../../../../src/xml/parse.ts'

/** Lists by name; an address passes when it begins so. */
const lists: Readonly<Record<string, string>> = { private: '10.', lan: '10.1.', rfc6598: '100.64.' }

function profile(settings: string): Profile {
  const values = readSettings(parseXml(`<profile>${settings}</profile>`, 'p.xml'), profileSettings)
  const check = (address: string, list: string) => ({
    allowed: address.startsWith(lists[list] ?? '?'),
    token: undefined,
  })
  return { values, sw: { acls: { check } } } as unknown as Profile
}

const param = (name: string, value: string) => `<param name="${name}" value="${value}"/>`

function path(
  settings: string,
  contact = '<sip:7@10.0.0.7:5060>',
  more: { via?: string; from?: Partial<Flow>; headers?: [string, string][] } = {},
) {
  const request = createRequest('REGISTER', {
    uri: 'sip:example.test',
    from: '<sip:7@example.test>',
    to: '<sip:7@example.test>',
    headers: [['Contact', contact], ...(more.headers ?? [])],
  })
  request.prepend('Via', more.via ?? 'SIP/2.0/UDP 10.0.0.7:5060;branch=z9hG4bKx')
  request.flow = {
    protocol: 'udp',
    remoteAddress: '198.51.100.9',
    remotePort: 41000,
    ...more.from,
  } as Flow
  return contactPath(profile(settings), request, request.contact!, undefined)
}

const natAcl = param('apply-nat-acl', 'private')

test('without a setting a contact is kept as it came', () => {
  assert.deepEqual(path(''), { uri: 'sip:7@10.0.0.7:5060', path: undefined, kind: '' })
})

test('a contact in apply-nat-acl is reached where the request came from', () => {
  const found = path(natAcl)
  assert.equal(found.kind, '-NAT')
  assert.equal(found.path, 'sip:7@198.51.100.9:41000')
  assert.equal(found.uri, 'sip:7@10.0.0.7:5060;fs_nat=yes;fs_path=sip%3A7%40198.51.100.9%3A41000')
  assert.equal(plainUri(found.uri), 'sip:7@10.0.0.7:5060')
})

test('a contact must be in all lists of apply-nat-acl', () => {
  assert.equal(path(natAcl + param('apply-nat-acl', 'rfc6598')).kind, '')
})

test('a phone in local-network-acl is not behind NAT', () => {
  const settings = natAcl + param('local-network-acl', 'lan')
  assert.equal(path(settings, undefined, { from: { remoteAddress: '10.1.0.9' } }).kind, '')
  assert.equal(path(settings).kind, '-NAT')
})

test('aggressive-nat-detection compares the Via with the source', () => {
  const settings = param('aggressive-nat-detection', 'true')
  assert.equal(path(settings).kind, '-NAT')
  const via = 'SIP/2.0/UDP 198.51.100.9:41000;branch=z9hG4bKx'
  assert.equal(path(settings, undefined, { via }).kind, '')
  const otherPort = 'SIP/2.0/UDP 198.51.100.9:5060;branch=z9hG4bKx'
  assert.equal(path(settings, undefined, { via: otherPort }).kind, '-NAT')
})

test('NDLB-received-in-nat-reg-contact adds the source to the contact', () => {
  const found = path(natAcl + param('NDLB-received-in-nat-reg-contact', 'true'))
  assert.match(found.uri, /^sip:7@10\.0\.0\.7:5060;received=198\.51\.100\.9:41000;fs_nat=yes;/)
  assert.equal(plainUri(found.uri), 'sip:7@10.0.0.7:5060')
})

test('tcp-always-nat takes every connection for one', () => {
  const settings = param('tcp-always-nat', 'true')
  const found = path(settings, '<sip:7@10.0.0.7:5060>', { from: { protocol: 'tcp' } })
  assert.equal(found.path, 'sip:7@198.51.100.9:41000;transport=tcp')
  assert.equal(path(settings).kind, '')
})

test('a Path header is kept as the way to the phone (RFC 3327 §5.3)', () => {
  const found = path('', undefined, { headers: [['Path', '<sip:edge.example;lr>']] })
  assert.equal(found.path, '<sip:edge.example;lr>')
  assert.equal(found.uri, 'sip:7@10.0.0.7:5060;fs_path=%3Csip%3Aedge.example%3Blr%3E')
})
