import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { context } from '../support/dialplan.ts'
import { startSwitch, type TestSwitch } from '../support/switch.ts'

const dialplan = [
  context('there', { answers: 'answer; park' }),
  context('here', { calls: 'bridge {loopback_bowout=false}loopback/answers/there' }),
].join('')

const directory = `<domain name="example.test">
  <params><param name="vm" value="domain"/></params>
  <variables><variable name="colour" value="red"/></variables>
  <groups><group name="sales"><variables><variable name="colour" value="blue"/></variables><users>
    <user id="1000" number-alias="77"><params><param name="password" value="secret"/></params></user>
  </users></group></groups>
</domain>`

const modules = [
  'mod_commands',
  'mod_dialplan_xml',
  'mod_dptools',
  'mod_loopback',
  'mod_hash',
  'mod_db',
]

const start = (globals = {}) => startSwitch({ dialplan, directory, modules, globals })

/** A parked channel; gives its uuid. */
async function parked(t: TestSwitch, variables = ''): Promise<string> {
  const reply = await t.api(`originate {${variables}x=y}loopback/answers/there &park()`)
  assert.match(reply, /^\+OK /)
  await t.event('CHANNEL_PARK', (event) => event.get('Unique-ID') === reply.slice(4).trim())
  return reply.slice(4).trim()
}

const nobody = '00000000-0000-0000-0000-00000000dead'

describe('show', () => {
  it('lists channels in the columns that tools expect', async () => {
    await using t = await start()
    await parked(t)
    const [header = '', row = '', ...rest] = (await t.api('show channels')).split('\n')
    assert.equal(
      header,
      'uuid,direction,created,created_epoch,name,state,cid_name,cid_num,ip_addr,dest,application,application_data,dialplan,context,read_codec,read_rate,read_bit_rate,write_codec,write_rate,write_bit_rate,secure,hostname,presence_id,presence_data,accountcode,callstate,callee_name,callee_num,callee_direction,call_uuid,sent_callee_name,sent_callee_num,initial_cid_name,initial_cid_num,initial_ip_addr,initial_dest,initial_dialplan,initial_context',
    )
    assert.equal(row.split(',').length, header.split(',').length)
    assert.equal(rest.at(-2), '2 total.')
    assert.equal(await t.api('show channels count'), '\n2 total.\n')
    assert.equal(await t.api('show channels like answers-a'), `${header}\n${row}\n\n1 total.\n`)
  })

  it('shows a call with both legs in one row and does not show its B-leg again', async () => {
    await using t = await start()
    void t.api('originate {loopback_bowout=false}loopback/calls/here &park()')
    await t.event('CHANNEL_BRIDGE')
    await t.until(() => t.channel('calls-b').partner !== undefined)
    const { rows } = JSON.parse(await t.api('show calls as json'))
    const call = rows.find((row: Record<string, string>) => row['b_uuid'] !== '')
    assert.equal(call.uuid, t.channel('calls-b').uuid)
    assert.equal(call.b_uuid, t.channel('answers-a').uuid)
    assert.ok(!rows.some((row: Record<string, string>) => row['uuid'] === call.b_uuid))
    assert.equal(JSON.parse(await t.api('show bridged_calls as json')).row_count, 1)
  })

  it('says how it is used for a word that it does not know', async () => {
    await using t = await start()
    assert.match(await t.api('show nosuch'), /^-USAGE: codec\|endpoint\|/)
    assert.equal(await t.api('show channels as nosuch'), '-ERR Cannot find format nosuch\n')
  })

  it('lists one module, one command, limits', async () => {
    await using t = await start()
    assert.equal(
      await t.api('show limits'),
      'type,name,ikey\nlimit,db,mod_db\nlimit,hash,mod_hash\n\n2 total.\n',
    )
    assert.equal(
      await t.api('show api uuid_kill'),
      'name,description,syntax,ikey\nuuid_kill,Kill channel,<uuid> [cause],mod_commands\n\n1 total.\n',
    )
    assert.equal(
      await t.api('help uuid_kill'),
      'uuid_kill,<uuid> [cause],Kill channel,mod_commands\n',
    )
  })

  it('asks whoever keeps registrations', async () => {
    await using t = await start()
    assert.equal(await t.api('show registrations'), '\n0 total.\n')
    const row = { user: '1000', realm: 'example.test', token: 'call-id', url: 'sofia/a/sip:b' }
    const network = { networkIp: '192.0.2.1', networkPort: '5060', networkProto: 'udp' }
    t.sw.registrationSources.add(() => [{ ...row, ...network, expires: 9, metadata: '' }])
    const text = await t.api('show registrations')
    assert.match(text, /\n1000,example\.test,call-id,sofia\/a\/sip:b,9,192\.0\.2\.1,5060,udp,/)
  })
})

describe('commands of a channel', () => {
  it('sets, gets and unsets variables', async () => {
    await using t = await start()
    const uuid = await parked(t)
    assert.equal(await t.api(`uuid_setvar ${uuid} k v one`), '+OK\n')
    assert.equal(await t.api(`uuid_getvar ${uuid} k`), 'v one')
    assert.equal(await t.api(`uuid_setvar ${uuid} k`), '+OK\n')
    assert.equal(await t.api(`uuid_getvar ${uuid} k`), '_undef_')
    assert.equal(await t.api(`uuid_setvar_multi ${uuid} a=1;b=2`), '+OK\n')
    assert.equal(await t.api(`uuid_setvar ${uuid} list ARRAY::x|:y`), '+OK\n')
    assert.equal(await t.api(`uuid_getvar ${uuid} list[1]`), 'y')
  })

  it('dumps plain, encoded, as JSON and as XML', async () => {
    await using t = await start()
    const uuid = await parked(t)
    await t.api(`uuid_setvar ${uuid} colour dark red`)
    assert.match(await t.api(`uuid_dump ${uuid}`), /\nvariable_colour: dark%20red\n/)
    assert.match(await t.api(`uuid_dump ${uuid} plain`), /\nvariable_colour: \[dark red\]\n/)
    assert.equal(JSON.parse(await t.api(`uuid_dump ${uuid} json`)).variable_colour, 'dark red')
    assert.match(await t.api(`uuid_dump ${uuid} xml`), /<variable_colour>dark%20red</)
  })

  it('shows variables in every event where verbose-channel-events says so', async () => {
    const shown = async (switchParams: Record<string, string>) => {
      await using t = await startSwitch({ dialplan, modules, switchParams })
      await parked(t, 'colour=red,')
      const event = await t.event('CHANNEL_CALLSTATE')
      return event.get('variable_colour')
    }
    assert.equal(await shown({}), undefined)
    assert.equal(await shown({ 'verbose-channel-events': 'true' }), 'red')
  })

  it('runs broadcasts one after the other', async () => {
    await using t = await start()
    const uuid = await parked(t)
    assert.equal(await t.api(`uuid_broadcast ${uuid} sleep::50`), '+OK Message sent\n')
    assert.equal(await t.api(`uuid_broadcast ${uuid} set::done=yes`), '+OK Message sent\n')
    await t.until(() => t.sw.channels.get(uuid)?.variables.get('done') === 'yes')
    const names = t.events
      .filter((event) => event.get('Unique-ID') === uuid)
      .filter((event) => event.name.startsWith('CHANNEL_EXECUTE'))
      .map((event) => `${event.name} ${event.get('Application')}`)
    assert.ok(
      names.indexOf('CHANNEL_EXECUTE_COMPLETE sleep') < names.indexOf('CHANNEL_EXECUTE set'),
    )
  })

  it('breaks what plays but not the waiting of a parked channel', async () => {
    await using t = await start()
    const uuid = await parked(t)
    assert.equal(await t.api(`uuid_break ${uuid} all`), '+OK\n')
    await t.api(`uuid_broadcast ${uuid} sleep::60000`)
    await t.event('CHANNEL_EXECUTE', (event) => event.get('Application') === 'sleep')
    assert.equal(await t.api(`uuid_break ${uuid}`), '+OK\n')
    await t.event('CHANNEL_EXECUTE_COMPLETE', (event) => event.get('Application') === 'sleep')
    assert.equal(await t.api(`uuid_exists ${uuid}`), 'true')
  })

  it('answers unknown uuids and missing words as FreeSWITCH does', async () => {
    await using t = await start()
    const expected = {
      [`uuid_getvar ${nobody} x`]: '-ERR No such channel!\n',
      [`uuid_exists ${nobody}`]: 'false',
      [`uuid_record ${nobody} start x`]: '-ERR Cannot locate session!\n',
      [`uuid_answer ${nobody}`]: '-ERROR\n',
      [`uuid_deflect ${nobody} sip:x@y`]: `-ERR No such channel ${nobody}!\n`,
      [`uuid_limit ${nobody} hash a b 1`]: `-ERR Cannot find session with uuid ${nobody}\n`,
      uuid_getvar: '-USAGE: <uuid> <var>\n',
      uuid_media: '-USAGE: [off] <uuid>\n-ERR Operation failed\n',
      uuid_send_info:
        '-USAGE: <uuid> [<mime_type> <mime_subtype>] <message>\n-ERR Operation Failed\n',
    }
    for (const [line, reply] of Object.entries(expected)) {
      assert.equal(await t.api(line), reply, line)
    }
  })

  it('counts limits from outside and gives them back', async () => {
    await using t = await start()
    const uuid = await parked(t)
    assert.equal(await t.api(`uuid_limit ${uuid} hash r k 1`), '+OK')
    assert.equal(await t.api('limit_usage hash r k'), '1')
    assert.equal(await t.api('limit_usage db r k'), '0')
    assert.equal(await t.api(`uuid_limit_release ${uuid} hash r k`), '+OK')
    assert.equal(await t.api('limit_usage hash r k'), '0')
  })
})

describe('commands of the directory', () => {
  it('answers a flush of users that it has no copies of', async () => {
    await using t = await start()
    assert.equal(await t.api('xml_flush_cache'), '+OK cleared 0 entries\n')
    assert.equal(await t.api('xml_flush_cache id 1000 example.test'), '+OK cleared 0 entries\n')
  })

  it('merges group and domain into a user', async () => {
    await using t = await start()
    assert.equal(await t.api('user_data 1000@example.test var colour'), 'blue')
    assert.equal(await t.api('user_data 77@example.test param vm'), 'domain')
    assert.equal(await t.api('user_data 1000@example.test attr number-alias'), '77')
    assert.equal(await t.api('user_exists id 1000 example.test'), 'true')
    assert.equal(await t.api('user_exists id 4999 example.test'), 'false')
    assert.equal(await t.api('in_group 1000@example.test,sales'), 'true')
    assert.equal(await t.api('in_group 1000@example.test sales'), 'false')
    const xml = await t.api('find_user_xml id 1000 example.test')
    assert.match(xml, /^<user id="1000" number-alias="77" domain-name="example\.test">/)
    assert.equal(await t.api('find_user_xml id x example.test'), "-ERR can't find user\n")
  })
})

describe('commands of the switch', () => {
  it('pauses and resumes each direction', async () => {
    await using t = await start()
    assert.equal(await t.api('fsctl pause outbound'), '+OK\n')
    assert.equal(await t.api('fsctl pause_check'), 'false')
    assert.equal(await t.api('fsctl pause_check outbound'), 'true')
    assert.equal(await t.api('originate null/x &park()'), '-ERR DESTINATION_OUT_OF_ORDER\n')
    assert.equal(await t.api('fsctl resume'), '+OK\n')
    assert.equal(await t.api('fsctl pause_check outbound'), 'false')
  })

  it('moves the bounds of digits with each other', async () => {
    await using t = await start()
    assert.equal(await t.api('fsctl default_dtmf_duration 100'), '+OK default dtmf duration: 400\n')
    assert.equal(await t.api('fsctl min_dtmf_duration 3000'), '+OK min dtmf duration: 3000\n')
    assert.equal(await t.api('fsctl max_dtmf_duration 2000'), '+OK max dtmf duration: 2000\n')
    assert.equal(await t.api('fsctl min_dtmf_duration'), '+OK min dtmf duration: 2000\n')
  })

  it('schedules commands and forgets them by number or group', async () => {
    await using t = await start()
    const first = await t.api('sched_api +60 one echo hi')
    assert.match(first, /^\+OK Added: \d+\n$/)
    await t.api('sched_api @60 two echo hi')
    await t.api('sched_api +60 two echo hi')
    assert.equal(await t.api(`sched_del ${first.slice(11).trim()}`), '+OK Deleted: 1\n')
    assert.equal(await t.api('sched_del two'), '+OK Deleted: 2\n')
    assert.equal(await t.api('sched_del core'), '+OK Deleted: 0\n')
    assert.match(await t.api('show tasks'), /,heartbeat,core,/)
  })

  it('expands with a channel’s event and runs what it expanded', async () => {
    await using t = await start({ mark: 'blue' })
    const uuid = await parked(t)
    assert.equal(await t.api('eval x${mark}y'), 'xbluey')
    assert.equal(await t.api(`eval uuid:${uuid} \${variable_x}`), 'y')
    assert.equal(await t.api(`eval uuid:${uuid} \${Unique-ID}`), uuid)
    assert.equal(await t.api('expand echo ${mark}'), 'blue')
    assert.equal(await t.api('expand nosuch x'), 'INVALID COMMAND!\n-ERR Cannot execute command\n')
  })

  it('answers JSON requests', async () => {
    await using t = await start()
    assert.equal(
      await t.api('json {"command":"nosuch"}'),
      '{"command":"nosuch","status":"error","message":"Invalid request or non-existant command","response":null}\n',
    )
    assert.equal(
      await t.api('json {"command":"fsapi","data":{"cmd":"echo","arg":"hi"}}'),
      '{"command":"fsapi","data":{"cmd":"echo","arg":"hi"},"status":"success","response":{"message":"hi"}}\n',
    )
    assert.equal(await t.api('json'), '-ERR No JSON supplied.\n')
  })

  it('loads, unloads and reloads modules', async () => {
    await using t = await start()
    assert.equal(await t.api('load mod_expr'), '+OK Reloading XML\n+OK\n')
    assert.equal(await t.api('load mod_expr'), '+OK Reloading XML\n-ERR [Module already loaded]\n')
    assert.equal(
      await t.api('reload mod_expr'),
      '+OK Reloading XML\n+OK module unloaded\n+OK module loaded\n',
    )
    assert.equal(await t.api('unload -f mod_expr'), '+OK\n')
    assert.equal(await t.api('expr 1+1'), '-ERR expr Command not found!\n')
  })

  it('keeps sticky aliases and resolves them on console lines', async () => {
    await using t = await start()
    assert.equal(await t.api('alias stickyadd e echo'), '+OK\n')
    assert.equal(t.sw.resolveAlias('e hi'), 'echo hi')
    assert.match(await t.api('show aliases'), /\n1,e,echo,/)
    assert.equal(await t.api('alias del *'), '+OK\n')
    assert.equal(t.sw.resolveAlias('e hi'), 'e hi')
  })
})

describe('completion', () => {
  it('completes commands, words and uuids', async () => {
    await using t = await start()
    const uuid = await parked(t)
    assert.equal(
      await t.api('console_complete c=9;uuid_exis'),
      `\n\n[${'uuid_exists'.padStart(20)}]\t\n\nwrite=9:uuid_exists `,
    )
    assert.match(await t.api('console_complete c=6;show c'), /\[ +calls\]\t\[ +channels\]/)
    assert.match(await t.api(`console_complete c=20;uuid_kill ${uuid}`), new RegExp(uuid))
    assert.match(await t.api('console_complete c=12;fsctl pause '), /inbound.*outbound/s)
  })

  it('learns lines and forgets them', async () => {
    await using t = await start()
    await t.api('complete add myword first')
    assert.match(await t.api('console_complete c=7;myword '), /\[ +first\]/)
    await t.api('complete del myword')
    assert.doesNotMatch(await t.api('console_complete c=7;myword '), /first/)
  })
})
