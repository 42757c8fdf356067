/** Where URIs lead (RFC 3263), with a resolver made of tables. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { locate, orderSrv, type Resolver } from '../../../src/sip/dns.ts'
import type { Protocol } from '../../../src/sip/flow.ts'
import { parseUri } from '../../../src/sip/uri.ts'

const resolver: Resolver = {
  naptr: async (name) =>
    name === 'naptr.test'
      ? [
          {
            order: 20,
            preference: 1,
            flags: 's',
            service: 'SIP+D2U',
            replacement: '_sip._udp.srv.test',
          },
          {
            order: 10,
            preference: 1,
            flags: 'S',
            service: 'SIPS+D2T',
            replacement: '_sips._tcp.srv.test',
          },
          {
            order: 15,
            preference: 1,
            flags: 's',
            service: 'SIP+D2T',
            replacement: '_sip._tcp.srv.test',
          },
        ]
      : [],
  srv: async (name) => {
    if (name === '_sip._udp.srv.test')
      return [
        { priority: 2, weight: 0, port: 5072, name: 'second.test' },
        { priority: 1, weight: 0, port: 5071, name: 'first.test' },
        { priority: 3, weight: 0, port: 5073, name: 'gone.test' },
      ]
    return name === '_sip._tcp.srv.test'
      ? [{ priority: 1, weight: 0, port: 5081, name: 'first.test' }]
      : []
  },
  addresses: async (name) => {
    if (name === 'gone.test') throw new Error('no such name')
    if (name === 'first.test') return ['10.0.0.1', '10.0.0.2']
    return name === 'none.test' ? [] : ['10.0.0.9']
  },
}

const both = (protocol: Protocol) => protocol === 'udp' || protocol === 'tcp'

async function targets(uri: string, speaks = both, more = {}): Promise<string[]> {
  const found = await locate(parseUri(uri), speaks, { resolver, ...more })
  return found.map((one) => `${one.protocol} ${one.address} ${one.port}`)
}

test('numeric addresses are answered at once', () => {
  const found = locate(parseUri('sip:1.2.3.4'), both)
  assert.ok(!(found instanceof Promise))
  assert.deepEqual(found, [{ protocol: 'udp', address: '1.2.3.4', port: 5060 }])
})

for (const [uri, expected] of [
  ['sip:a@1.2.3.4:5070;transport=tcp', ['tcp 1.2.3.4 5070']],
  ['sip:[::1]', ['udp ::1 5060']],
  ['sip:name.test;maddr=1.2.3.4', ['udp 1.2.3.4 5060']],
  ['sip:first.test:5090', ['udp 10.0.0.1 5090', 'udp 10.0.0.2 5090']],
  ['sip:plain.test', ['udp 10.0.0.9 5060']],
  [
    'sip:srv.test',
    [
      'udp 10.0.0.1 5071',
      'udp 10.0.0.2 5071',
      'udp 10.0.0.9 5072',
      'tcp 10.0.0.1 5081',
      'tcp 10.0.0.2 5081',
    ],
  ],
  ['sip:srv.test;transport=tcp', ['tcp 10.0.0.1 5081', 'tcp 10.0.0.2 5081']],
  [
    'sip:naptr.test',
    [
      'tcp 10.0.0.1 5081',
      'tcp 10.0.0.2 5081',
      'udp 10.0.0.1 5071',
      'udp 10.0.0.2 5071',
      'udp 10.0.0.9 5072',
    ],
  ],
] as const)
  test(`${uri} leads to ${expected.join(', ')}`, async () =>
    assert.deepEqual(await targets(uri), expected))

test('without SRV only addresses are asked for', async () =>
  assert.deepEqual(await targets('sip:srv.test', both, { useSrv: false }), ['udp 10.0.0.9 5060']))

for (const [uri, code] of [
  ['tel:123', 'SIP_UNROUTABLE'],
  ['sips:1.2.3.4', 'SIP_NO_TRANSPORT'],
  ['sip:1.2.3.4;transport=pigeon', 'SIP_NO_TRANSPORT'],
  ['sip:none.test', 'SIP_UNRESOLVED'],
  ['sip:gone.test', 'SIP_UNRESOLVED'],
] as const)
  test(`${uri} fails with ${code}`, () => assert.rejects(targets(uri), { code }))

test('SRV records of one priority are drawn by weight (RFC 2782)', () => {
  const light = { priority: 1, weight: 1, port: 1, name: 'light' }
  const heavy = { priority: 1, weight: 9, port: 1, name: 'heavy' }
  assert.equal(orderSrv([light, heavy], () => 0.9)[0], heavy)
  assert.equal(orderSrv([light, heavy], () => 0)[0], light)
  assert.equal(orderSrv([{ ...light, name: '.' }], () => 0).length, 0)
})
