/** What a user may, by the params of its directory entry. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Permissions } from '../../../../src/endpoints/verto/permissions.ts'

const of = (params: Record<string, string>) => Permissions.ofUser((name) => params[name])

describe('permissions', () => {
  it('a word allows all methods below it, and login is always there', () => {
    const user = of({ 'jsonrpc-allowed-methods': 'verto' })
    assert.ok(user.allows('methods', 'verto.invite'))
    assert.ok(user.allows('methods', 'login'))
    assert.ok(!user.allows('methods', 'echo'))
    assert.ok(!user.allows('methods', 'jsapi'))
  })

  it('allows nothing where the directory says nothing', () => {
    const user = of({})
    assert.ok(user.allows('methods', 'login'))
    assert.ok(!user.allows('methods', 'verto.invite'))
    assert.ok(!user.allows('event_channels', 'presence'))
    assert.ok(!user.allowsJson('status'))
    assert.ok(!user.allowsCommand('status', ''))
  })

  it('__ANY__ allows everything of its kind', () => {
    const user = of({ 'jsonrpc-allowed-methods': '__ANY__' })
    assert.ok(user.allows('methods', 'jsapi'))
    assert.ok(!user.allowsJson('status'))
  })

  it('takes lists with commas or with blanks, in any case', () => {
    assert.ok(
      of({ 'jsonrpc-allowed-event-channels': 'demo,Presence' }).allows(
        'event_channels',
        'presence.1000@x',
      ),
    )
    assert.ok(of({ 'jsonrpc-allowed-fsapi': 'status echo' }).allowsCommand('ECHO', 'hey'))
  })

  it('a command that runs another one needs a permission for both', () => {
    const user = of({ 'jsonrpc-allowed-fsapi': 'bgapi,sched_api,eval,status' })
    assert.ok(user.allowsCommand('bgapi', 'status'))
    assert.ok(user.allowsCommand('bgapi', 'bgapi status'))
    assert.ok(user.allowsCommand('sched_api', '+5 none status'))
    assert.ok(!user.allowsCommand('bgapi', 'system rm'))
    assert.ok(!user.allowsCommand('bgapi', 'bgapi system rm'))
    assert.ok(!user.allowsCommand('sched_api', '+5 none system'))
    assert.ok(!user.allowsCommand('eval', 'status ${system(id)}'))
  })

  it('takes a command line apart as the commands do that run it', () => {
    const user = of({
      'jsonrpc-allowed-fsapi': 'bgapi,sched_api,eval,expand,xml_wrap,chat,json,status,none',
    })
    const may = [
      ['bgapi', 'uuid:x status'],
      ['xml_wrap', 'encoded status'],
      ['expand', 'uuid:x status here'],
      ['eval', 'plain words'],
      ['chat', 'sip|a@b|c@d|hello'],
      ['json', '{"command":"status","data":{}}'],
    ] as const
    for (const [command, args] of may) assert.ok(user.allowsCommand(command, args), args)
    const mayNot = [
      // Blanks before it are dropped when it runs.
      ['bgapi', ' system id'],
      ['bgapi', '\tsystem id'],
      ['bgapi', 'uuid:x  system id'],
      // Two blanks are an empty group.
      ['sched_api', '+1  system status'],
      ['sched_api', '+1 none  system status'],
      ['xml_wrap', 'encoded system id'],
      ['bgapi', 'expand status ${system(id)}'],
      ['xml_wrap', 'eval ${system(id)}'],
      ['expand', 'eval status ${system(id)}'],
      ['chat', 'api|a@b|system id|x'],
      ['chat', "'api'|a@b|system id|x"],
      ['chat', '^^,API,a@b,system id,x'],
      ['json', '{"command":"fsapi","data":{"cmd":"system","arg":"id"}}'],
      ['json', '{"command":"FSAPI","data":{"cmd":"system","arg":"id"}}'],
      ['bgapi', `${'bgapi '.repeat(20)}status`],
    ] as const
    for (const [command, args] of mayNot) assert.ok(!user.allowsCommand(command, args), args)
  })

  it('can be changed while the socket lasts', () => {
    const user = of({ 'jsonrpc-allowed-event-channels': 'demo' })
    user.change('event_channels', 'other,third', true)
    user.change('event_channels', 'demo', false)
    assert.ok(user.allows('event_channels', 'third'))
    assert.ok(!user.allows('event_channels', 'demo'))
  })
})
