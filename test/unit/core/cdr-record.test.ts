/** Call records as documents: the tree in XML and JSON. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { logApplication } from '../../../src/core/application-log.ts'
import { CallerProfile } from '../../../src/core/caller-profile.ts'
import { jsonRecord } from '../../../src/core/cdr/json-record.ts'
import { xmlHeader, xmlRecord } from '../../../src/core/cdr/xml-record.ts'
import type { Channel } from '../../../src/core/channel.ts'
import { foundExtension } from '../../../src/core/found-extension.ts'
import { Variables } from '../../../src/core/variables.ts'
import type { XmlNode } from '../../../src/xml/node.ts'
import { parseXml } from '../../../src/xml/parse.ts'

const nothing = { stats: undefined, streams: [] }

/** As much of a channel as records read. */
function channelWith(change: (channel: Channel) => void = () => {}): Channel {
  const profile = new CallerProfile({
    dialplan: 'XML',
    caller_id_name: 'Bob & "Co" <x>',
    caller_id_number: '1000',
    destination_number: '2000',
    context: 'default',
    uuid: 'u-1',
  })
  const channel = {
    sw: { coreUuid: 'core', globals: new Map([['switchname', 'here']]) },
    uuid: 'u-1',
    source: 'mod_sofia',
    direction: 'inbound',
    state: 'reporting',
    isAnswered: true,
    isEarly: false,
    isRinging: false,
    hasHitDialplan: true,
    variables: new Variables(),
    profile,
  } as unknown as Channel
  change(channel)
  return channel
}

function at(node: XmlNode | undefined, ...path: string[]): XmlNode | undefined {
  let found = node
  for (const name of path) found = found?.children.find((child) => child.name === name)
  return found
}

const parsed = (channel: Channel) => parseXml(xmlHeader + xmlRecord(channel, nothing), 'record')
const root = (channel: Channel) => {
  const document = parsed(channel)
  return document.name === 'cdr' ? document : at(document, 'cdr')
}
const names = (node: XmlNode | undefined) => node?.children.map(({ name }) => name)

describe('a call as XML', () => {
  it('has its parts in the order that FreeSWITCH gives them', () => {
    const cdr = root(channelWith((channel) => logApplication(channel, 'answer', '')))
    assert.deepEqual(
      [...(cdr?.attributes ?? [])],
      [
        ['core-uuid', 'core'],
        ['switchname', 'here'],
      ],
    )
    assert.deepEqual(names(cdr), ['channel_data', 'call-stats', 'variables', 'app_log', 'callflow'])
    const data = at(cdr, 'channel_data')
    assert.deepEqual(names(data), ['state', 'direction', 'state_number', 'flags', 'caps'])
    assert.deepEqual(
      data?.children.map(({ text }) => text),
      ['CS_REPORTING', 'inbound', '11', '1=1;40=1;42=1;62=1', '1=1;2=1;3=1;4=1;5=1;6=1'],
    )
    assert.deepEqual(names(at(cdr, 'callflow')), ['caller_profile', 'times'])
    assert.deepEqual(names(at(cdr, 'callflow', 'times')), [
      ...['created_time', 'profile_created_time', 'progress_time', 'progress_media_time'],
      ...['answered_time', 'bridged_time', 'last_hold_time', 'hold_accum_time', 'hangup_time'],
      ...['resurrect_time', 'transfer_time'],
    ])
  })

  it('percent-encodes the values of variables, makes an element of each value of a list, and names that XML allows', () => {
    const cdr = root(
      channelWith(({ variables }) => {
        variables.set('plain', 'a b<c>%20ä')
        variables.push('list', 'one')
        variables.push('list', 'two')
        variables.set('sip_h_X-Id', 'x')
        variables.set('1 odd:name', 'y')
      }),
    )
    assert.deepEqual(
      at(cdr, 'variables')?.children.map(({ name, text }) => [name, text]),
      [
        ['plain', 'a%20b%3Cc%3E%20%C3%A4'],
        ['list', 'one'],
        ['list', 'two'],
        ['sip_h_X-Id', 'x'],
        ['_1_odd_name', 'y'],
      ],
    )
  })

  it('leaves characters out that XML cannot have, and escapes all others', () => {
    const cdr = root(
      channelWith((channel) => logApplication(channel, 'log', 'a\u0001<&>"\n\ud83d\ude00 b')),
    )
    const application = at(cdr, 'app_log', 'application')
    assert.equal(application?.attributes.get('app_data'), 'a<&>"\n\ud83d\ude00 b')
    assert.equal(at(cdr, 'callflow', 'caller_profile', 'caller_id_name')?.text, 'Bob & "Co" <x>')
  })

  it('tells every profile with its extension, the parties it met, and where execution stood', () => {
    const cdr = root(
      channelWith((channel) => {
        const first = channel.profile
        first.extension = foundExtension('Local', '2000', [
          { application: 'answer', data: '' },
          { application: 'bridge', data: 'user/${destination_number}' },
        ])
        first.extension.next = 1
        const inner = first.clone()
        inner.extension = foundExtension('Inner', '77', [{ application: 'log', data: 'x' }])
        first.extension.children.push(inner)
        const leg = new CallerProfile({ caller_id_number: '2', uuid: 'u-2' })
        first.meet('origination', leg.clone())
        first.meet('originatee', leg.clone())
        const next = first.clone()
        next.index = 2
        next.previous = first
        channel.profile = next
      }),
    )
    const [after, before] = cdr?.children.filter(({ name }) => name === 'callflow') ?? []
    assert.equal(after?.attributes.get('profile_index'), '2')
    assert.equal(after?.attributes.get('clone-of'), before?.attributes.get('unique-id'))
    const extension = at(before, 'extension')
    assert.deepEqual(
      [...(extension?.attributes ?? [])],
      [
        ['name', 'Local'],
        ['number', '2000'],
        ['current_app', 'bridge'],
      ],
    )
    assert.deepEqual(
      extension?.children.map((child) => [child.name, child.attributes.get('last_executed')]),
      [
        ['application', undefined],
        ['application', 'true'],
        ['sub_extensions', undefined],
      ],
    )
    assert.equal(at(extension, 'sub_extensions', 'extension')?.attributes.get('name'), 'Inner')
    const profile = at(before, 'caller_profile')
    assert.deepEqual(names(profile)?.slice(-2), ['origination', 'originatee'])
    const met = at(profile, 'originatee', 'originatee_caller_profile')
    assert.equal(at(met, 'uuid')?.text, 'u-2')
  })
})

describe('a call as JSON', () => {
  it('is the same tree on one line, with values percent-encoded or as they are', () => {
    const channel = channelWith((one) => {
      one.variables.set('note', 'a b')
      one.variables.push('list', '1')
      one.variables.push('list', '2')
      logApplication(one, 'park', 'for a while')
      one.profile.extension = foundExtension('Local', '2000', [{ application: 'park', data: '' }])
    })
    const text = jsonRecord(channel, nothing, true)
    assert.equal(text.includes('\n'), false)
    const record = JSON.parse(text)
    assert.deepEqual(Object.keys(record), [
      ...['core-uuid', 'switchname', 'channel_data', 'callStats', 'variables', 'app_log'],
      'callflow',
    ])
    assert.deepEqual(record.variables, { note: 'a%20b', list: 'ARRAY%3A%3A1%7C%3A2' })
    assert.equal(record.app_log.applications[0].app_data, 'for a while')
    assert.equal(record.callflow[0].extension.applications[0].last_executed, 'true')
    assert.equal(record.callflow[0].times.hangup_time, '0')
    assert.equal(JSON.parse(jsonRecord(channel, nothing, false)).variables.note, 'a b')
  })
})
