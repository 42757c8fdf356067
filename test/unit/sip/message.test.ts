/** Messages: reading, headers, writing, answering (RFC 3261 §7, §8.2.6). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type SipRequest, SipResponse } from '../../../src/sip/message.ts'
import { parseNameAddress } from '../../../src/sip/name-address.ts'
import { parseMessage } from '../../../src/sip/parser.ts'
import { createRequest } from '../../../src/sip/request.ts'
import { responseTo } from '../../../src/sip/response.ts'
import { parameterOf, parametersOf, splitCommas } from '../../../src/sip/text.ts'
import { parseVia, stampVia } from '../../../src/sip/via.ts'

const text = [
  'INVITE sip:b@h SIP/2.0',
  'v: SIP/2.0/UDP a:5070;branch=z9hG4bK1, SIP/2.0/TCP c;branch=z9hG4bK2',
  'Via: SIP/2.0/UDP d;branch=z9hG4bK3',
  'f: "A, \\"B\\"" <sip:a@h>;tag=1',
  't: sip:b@h;x=y',
  'i: id@h',
  'CSeq: 7  INVITE',
  'x-ODD: one',
  'X-Odd: two',
  'm: "x, y" <sip:a@h;p=1>;q=0.5, sip:c@h;q=1',
  'Record-Route: <sip:p1;lr>, <sip:p2;lr>',
  'Timestamp: 54',
  'Subject: folded',
  '  here',
  'Content-Type: Application/SDP;charset=x',
  'l: 5',
  '',
  'hello and more',
].join('\r\n')
const request = parseMessage(Buffer.from(text)) as SipRequest

test('reads compact forms, lists and folded lines', () => {
  assert.equal(request.method, 'INVITE')
  assert.equal(request.via.sentBy, 'a:5070')
  assert.equal(request.via.branch, 'z9hG4bK1')
  assert.equal(request.list('via').length, 3)
  assert.equal(request.from.display, 'A, "B"')
  assert.equal(request.from.tag, '1')
  assert.equal(request.to.uriText, 'sip:b@h')
  assert.equal(request.to.parameter('x'), 'y')
  assert.deepEqual(request.cseq, { number: 7, method: 'INVITE' })
  assert.deepEqual(request.lines('X-ODD'), ['one', 'two'])
  assert.deepEqual(
    request.contacts.map((one) => [one.display, one.uriText, one.parameter('q')]),
    [
      ['x, y', 'sip:a@h;p=1', '0.5'],
      ['', 'sip:c@h', '1'],
    ],
  )
  assert.equal(request.get('Subject'), 'folded here')
  assert.equal(request.contentType, 'application/sdp')
  assert.equal(request.body, 'hello')
})

test('unknown headers keep their spelling and place', () => {
  assert.deepEqual(
    request.names.filter((name) => name.toLowerCase() === 'x-odd'),
    ['x-ODD', 'X-Odd'],
  )
  assert.match(request.toString(), /CSeq: 7 {2}INVITE\r\nx-ODD: one\r\nX-Odd: two\r\nContact/)
})

test('a response repeats what its request dictates (§8.2.6.2)', () => {
  const response = responseTo(request, 180, undefined, 'mine')
  assert.deepEqual(response.names, ['Via', 'Via', 'Record-Route', 'From', 'To', 'Call-ID', 'CSeq'])
  assert.equal(response.get('To'), 'sip:b@h;x=y;tag=mine')
  const trying = responseTo(request, 100, undefined, 'mine')
  assert.equal(trying.get('To'), 'sip:b@h;x=y')
  assert.equal(trying.get('Timestamp'), '54')
  assert.equal(responseTo(request, 486).has('Record-Route'), false)
})

test('Content-Length stands where it is named, else last, and is always right', () => {
  const response = new SipResponse(200).add('Content-Length', '').add('X', 'y')
  response.body = 'gr\u00fc\u00df'
  assert.equal(
    response.toString(),
    'SIP/2.0 200 OK\r\nContent-Length: 6\r\nX: y\r\n\r\ngr\u00fc\u00df',
  )
  assert.match(new SipResponse(200).add('X', 'y').toString(), /X: y\r\nContent-Length: 0\r\n\r\n$/)
})

test('set, remove and prepend work on any spelling', () => {
  const made = createRequest('OPTIONS', { uri: 'sip:a', from: '<sip:b>', to: '<sip:a>' })
  made.add('x-a', '1').add('X-A', '2').set('X-a', '3')
  assert.deepEqual(made.lines('x-A'), ['3'])
  assert.equal(made.remove('X-A').has('x-a'), false)
  assert.equal(made.prepend('Via', 'x').names[0], 'Via')
  made.set('From', '<sip:c>;tag=new')
  assert.equal(made.from.tag, 'new')
})

test('octets that are no UTF-8 go out as they came', () => {
  const raw = Buffer.from(
    text.replace('"A, \\"B\\""', '"J\u00f8"').replace('hello', 'h\u00e9llo'),
    'latin1',
  )
  const odd = parseMessage(raw) as SipRequest
  assert.ok(responseTo(odd, 200).toBuffer().includes(Buffer.from('"J\u00f8"', 'latin1')))
})

test('UTF-8 bodies are cut by octets', () => {
  const odd = parseMessage(
    Buffer.from(text.replace('hello', 'h\u00e9ll').replace('"A,', '"\u00c4,')),
  )
  assert.equal(odd.fault, undefined)
  assert.equal(odd.body, 'h\u00e9ll')
})

for (const [value, address, port, expected] of [
  ['SIP/2.0/UDP 1.1.1.1:5;branch=b', '1.1.1.1', 5, 'SIP/2.0/UDP 1.1.1.1:5;branch=b'],
  ['SIP/2.0/UDP h;branch=b', '1.1.1.1', 5, 'SIP/2.0/UDP h;branch=b;received=1.1.1.1'],
  [
    'SIP/2.0/UDP 1.1.1.1;rport;branch=b',
    '1.1.1.1',
    5,
    'SIP/2.0/UDP 1.1.1.1;rport=5;branch=b;received=1.1.1.1',
  ],
  [
    'SIP/2.0/UDP h;received=9.9.9.9;branch=b;RPORT=7',
    '1.1.1.1',
    5,
    'SIP/2.0/UDP h;branch=b;rport=5;received=1.1.1.1',
  ],
  ['SIP/2.0/UDP [::1];branch=b', '::1', 5, 'SIP/2.0/UDP [::1];branch=b'],
] as const)
  test(`stamps ${value}`, () =>
    assert.equal(stampVia(value, parseVia(value), address, port), expected))

test('a connection is stamped as if rport had been asked for', () => {
  const value = 'SIP/2.0/TCP h;branch=b'
  assert.equal(
    stampVia(value, parseVia(value), '1.1.1.1', 5, true),
    'SIP/2.0/TCP h;branch=b;rport=5;received=1.1.1.1',
  )
})

test('commas and semicolons inside quotes and brackets separate nothing', () => {
  assert.deepEqual(splitCommas('"a,\\",b" <x,y>;p="q,r" , , c'), ['"a,\\",b" <x,y>;p="q,r"', 'c'])
  assert.equal(parameterOf(';a="x;b=1";B=2', 'b'), '2')
  assert.equal(parameterOf(';a ;b', 'a'), '')
  assert.equal(parameterOf(';ab=1', 'a'), undefined)
  assert.deepEqual(parametersOf(';a="x;y"; b = 2 ;c'), [
    ['a', '"x;y"'],
    ['b', '2'],
    ['c', ''],
  ])
})

for (const bad of ['', '<>', '"a <sip:b>', '<sip:b', '<sip:b> x', 'a b', '"a" sip:b'])
  test(`refuses the address ${JSON.stringify(bad)}`, () =>
    assert.throws(() => parseNameAddress(bad), { code: 'SIP_BAD_ADDRESS' }))

test('a line end in a URI, a name or a value brings no header of its own', () => {
  const evil = 'sip:a@b\r\nX-Evil: 1'
  const parts = {
    uri: 'sip:a@b',
    from: `"x\n" <${evil}>`,
    to: `<${evil}>`,
    body: 'v=0\r\n',
  } as const
  const request = createRequest('INVITE', {
    ...parts,
    headers: [['X-One\r\nX-Evil', 'a\r\n\r\nbody\rX-Evil: 2\nX-Evil: 3']],
  })
  const read = parseMessage(request.toBuffer()) as SipRequest
  assert.equal(read.names.filter((name) => /evil/i.test(name)).length, 0)
  assert.equal(read.body, 'v=0\r\n')
  assert.equal(read.get('Content-Length'), '5')
  assert.equal(
    createRequest('INVITE', { ...parts, uri: evil })
      .toString()
      .split('\r\n')[0],
    'INVITE sip:a@b X-Evil: 1 SIP/2.0',
  )
  const response = new SipResponse(486, 'Busy\r\nX-Evil: 1')
  assert.doesNotMatch(response.toString(), /^X-Evil/m)
})
