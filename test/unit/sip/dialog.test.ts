/** Dialogs: routes, targets, sequence numbers, transfers (RFC 3261 §12, RFC 3515, RFC 3891). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Dialog, type DialogHome } from '../../../src/sip/dialog.ts'
import { parseReferTo, parseReplaces } from '../../../src/sip/refer.ts'
import { createRequest } from '../../../src/sip/request.ts'
import { responseTo } from '../../../src/sip/response.ts'
import { wiredAgents } from '../../support/sip-wire.ts'

const home: DialogHome = {
  request: () => assert.fail('nothing is sent here'),
  sendAck: () => assert.fail('nothing is sent here'),
  addDialog: () => {},
  removeDialog: () => {},
}

const invite = createRequest('INVITE', {
  uri: 'sip:b@x',
  from: '"A" <sip:a@x>;p=1',
  to: '<sip:b@x>',
  fromTag: 'mine',
  callId: 'id',
  sequence: 9,
}).prepend('Via', 'SIP/2.0/UDP h;branch=z9hG4bK1')

function answer(routes: readonly string[], contact = '<sip:b@10.0.0.2>') {
  const response = responseTo(invite, 200, undefined, 'theirs')
  for (const route of routes) response.add('Record-Route', route)
  return response.add('Contact', contact)
}

test('a caller takes the route set in reverse order (§12.1.2)', () => {
  const dialog = Dialog.calling(home, invite, answer(['<sip:p1;lr>, <sip:p2;lr>', '<sip:p3;lr>']))
  const bye = dialog.createRequest('BYE', [['X', 'y']])
  assert.equal(bye.uriText, 'sip:b@10.0.0.2')
  assert.deepEqual(bye.lines('Route'), ['<sip:p3;lr>', '<sip:p2;lr>', '<sip:p1;lr>'])
  assert.equal(bye.get('From'), '"A" <sip:a@x>;p=1;tag=mine')
  assert.equal(bye.get('To'), '<sip:b@x>;tag=theirs')
  assert.equal(bye.get('CSeq'), '10 BYE')
  assert.equal(bye.callId, 'id')
  assert.equal(dialog.createAck(9).get('CSeq'), '9 ACK')
  assert.equal(dialog.createRequest('INFO').get('CSeq'), '11 INFO')
})

test('a strict router is put into the Request-URI (§12.2.1.1)', () => {
  const dialog = Dialog.calling(home, invite, answer(['<sip:p1;lr>', '<sip:strict>']))
  const bye = dialog.createRequest('BYE')
  assert.equal(bye.uriText, 'sip:strict')
  assert.deepEqual(bye.lines('Route'), ['<sip:p1;lr>', '<sip:b@10.0.0.2>'])
})

test('without a Contact there is no dialog', () => {
  assert.throws(() => Dialog.calling(home, invite, answer([], '*')), { code: 'SIP_NO_CONTACT' })
})

test('a request with a lower sequence number is refused with 500 (§12.2.2), a stray one with 481', () => {
  const { b, fromB } = wiredAgents()
  b.onRequest((transaction) => {
    if (transaction.request.toTag !== undefined) return false
    const dialog = b.answeringDialog(transaction, 'confirmed')
    dialog.owner = { dialogRequest: (inside) => void inside.respond(200) }
    transaction.send(transaction.response(200).add('Contact', '<sip:b@h>'))
    return true
  })
  let branch = 0
  let tag = ''
  const give = (method: string, sequence: number, toTag: string, fromTag = 'a') => {
    const to = toTag === '' ? '<sip:b@h>' : `<sip:b@h>;tag=${toTag}`
    b.transport.deliver(
      Buffer.from(
        `${method} sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK${branch++}\r\nFrom: <sip:a@h>;tag=${fromTag}\r\nTo: ${to}\r\nCall-ID: c\r\nCSeq: ${sequence} ${method}\r\nContact: <sip:a@h>\r\n\r\n`,
      ),
      fromB,
      false,
    )
    return fromB.sent.at(-1)
  }
  b.trace = (direction, data) => {
    if (direction === 'out') tag = /\r\nTo: .*;tag=(\S+)/.exec(data.toString())?.[1] ?? tag
  }
  assert.equal(give('SUBSCRIBE', 5, ''), 'SIP/2.0 200 OK')
  const ours = tag
  assert.equal(give('INFO', 6, ours), 'SIP/2.0 200 OK')
  assert.equal(give('INFO', 5, ours), 'SIP/2.0 500 CSeq Out Of Order')
  assert.equal(give('INFO', 7, 'other'), 'SIP/2.0 481 Call Does Not Exist')
  assert.equal(give('INFO', 7, ours, 'other'), 'SIP/2.0 481 Call Does Not Exist')
  assert.equal(
    b.findDialog({ callId: 'c', toTag: ours, fromTag: 'a', isEarlyOnly: false })?.remoteTag,
    'a',
  )
})

test('reads Replaces and Refer-To, with the Replaces hidden in its URI', () => {
  const text = 'id@h;to-tag=1;from-tag=2;early-only'
  assert.deepEqual(parseReplaces(text), {
    callId: 'id@h',
    toTag: '1',
    fromTag: '2',
    isEarlyOnly: true,
  })
  const target = parseReferTo(
    `"B" <sip:b@h;method=INVITE?Replaces=${encodeURIComponent('id@h;to-tag=1;from-tag=2')}>`,
  )
  assert.equal(target.replaces?.callId, 'id@h')
  assert.equal(target.uri.user, 'b')
  assert.equal(parseReferTo('sip:b@h').replaces, undefined)
  assert.throws(() => parseReplaces('id;to-tag=1'), { code: 'SIP_BAD_REPLACES' })
})
