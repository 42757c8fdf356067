/** Gateways: one switch registers at another and calls through it, over real sockets. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startSipSwitch } from '../support/sip-switch.ts'
import { startSwitch, type TestSwitch } from '../support/switch.ts'

const param = (name: string, value: string) => `<param name="${name}" value="${value}"/>`

function gateway(
  name: string,
  server: string,
  more: Readonly<Record<string, string>> = {},
): string {
  const all: Record<string, string> = {
    username: '1000',
    password: 'pw-1000',
    realm: 'example.test',
    proxy: server,
    'from-domain': 'example.test',
    ...more,
  }
  const params = Object.entries(all).map(([key, value]) => param(key, value))
  return `<gateway name="${name}">${params.join('')}
<variables><variable name="via_gateway" value="yes" direction="inbound"/></variables></gateway>`
}

function tree(gateways: string): string {
  const modules = ['mod_dialplan_xml', 'mod_dptools', 'mod_commands', 'mod_sofia']
  return `<document type="freeswitch/xml"><section name="configuration">
<configuration name="switch.conf"><settings>${param('loglevel', 'warning')}</settings></configuration>
<configuration name="modules.conf"><modules>${modules.map((name) => `<load module="${name}"/>`).join('')}</modules></configuration>
<configuration name="sofia.conf"><profiles><profile name="external">
<domains><domain name="example.test" parse="true"/></domains><gateways>${gateways}</gateways>
<settings>${param('sip-ip', '127.0.0.1')}${param('sip-port', '0')}${param('context', 'public')}
${param('codec-prefs', 'PCMU')}</settings></profile></profiles></configuration></section>
<section name="dialplan"><context name="public"><extension name="in">
<condition field="destination_number" expression="^(from-.*)$"><action application="answer"/>
<action application="park"/></condition></extension></context></section>
<section name="directory"><domain name="example.test"><users>
<user id="1005"><gateways>${gateway('of-user', '127.0.0.1:9', { register: 'false' })}</gateways></user>
</users></domain></section></document>`
}

interface Customer extends TestSwitch {
  /** Replaces the gateways of the configuration. */
  configure(gateways: string): void
}

async function startCustomer(gateways: string): Promise<Customer> {
  const confDir = mkdtempSync(join(tmpdir(), 'strowger-gateway-'))
  const configure = (text: string) => writeFileSync(join(confDir, 'freeswitch.xml'), tree(text))
  mkdirSync(confDir, { recursive: true })
  configure(gateways)
  const test = await startSwitch({ confDir, media: 'real' })
  const end = test[Symbol.asyncDispose].bind(test)
  return Object.assign(test, {
    configure,
    async [Symbol.asyncDispose]() {
      await end()
      rmSync(confDir, { recursive: true, force: true })
    },
  })
}

const state = (sw: TestSwitch, name: string, wanted: string) =>
  sw.event(
    'CUSTOM',
    (event) =>
      event.subclass === 'sofia::gateway_state' &&
      event.get('Gateway') === name &&
      event.get('State') === wanted,
  )

test('a gateway registers, is shown, and takes its registration back when the switch stops', async () => {
  await using provider = await startSipSwitch()
  {
    await using customer = await startCustomer(gateway('out', provider.server))
    await state(customer, 'out', 'REGED')
    assert.match(
      await provider.api('sofia_contact internal/1000@example.test'),
      /^sofia\/internal\/sip:gw\+out@127\.0\.0\.1:\d+;transport=udp;gw=out$/,
    )
    const text = await customer.api('sofia status gateway out')
    assert.match(text, /\nState {3}\tREGED\nStatus {2}\tUP\n/)
    assert.match(text, /\nPassword\tyes\n/)
    assert.equal(await customer.api('sofia profile external gwlist up'), 'out of-user ')
    assert.match(await customer.api('sofia status'), /external::out\tgateway\t.*\tREGED\n/)
    assert.equal(await customer.api('sofia_gateway_data out ivar via_gateway'), 'yes')
  }
  assert.equal(
    await provider.api('sofia_contact internal/1000@example.test'),
    'error/user_not_registered',
  )
})

test('a wrong password leaves a gateway down: calls fail with GATEWAY_DOWN, unknown ones with INVALID_GATEWAY', async () => {
  await using provider = await startSipSwitch()
  await using customer = await startCustomer(gateway('out', provider.server, { password: 'wrong' }))
  const event = await state(customer, 'out', 'FAILED')
  assert.equal(event.get('Status'), '403')
  await state(customer, 'out', 'FAIL_WAIT')
  assert.match(
    await customer.api('sofia status'),
    /external::out\tgateway\t.*FAIL_WAIT \(retry: \d+s\)\n/,
  )
  assert.equal(await customer.api('originate sofia/gateway/out/100 &park()'), '-ERR GATEWAY_DOWN\n')
  assert.equal(
    await customer.api('originate sofia/gateway/none/100 &park()'),
    '-ERR INVALID_GATEWAY\n',
  )
})

test('a call out is made in the name of the account and answers the challenge', async () => {
  await using provider = await startSipSwitch({ extensions: { '77': ['answer', 'park'] } })
  await using customer = await startCustomer(gateway('out', provider.server))
  await state(customer, 'out', 'REGED')
  const reply = await customer.api('originate sofia/gateway/out/77 &park()')
  assert.match(reply, /^\+OK /)
  const far = provider.channel('1000@example.test')
  assert.equal(far.variables.get('sip_from_user'), '1000')
  assert.equal(far.variables.get('accountcode'), 'acct1000')
  assert.equal(far.variables.get('sip_contact_user'), 'gw+out')
  assert.match(await customer.api('sofia status gateway out'), /\nCallsOUT\t1\n/)
})

test('a call that comes by a gateway goes to its extension, with its variables', async () => {
  await using provider = await startSipSwitch()
  await using customer = await startCustomer(
    gateway('out', provider.server, { extension: 'from-provider' }),
  )
  await state(customer, 'out', 'REGED')
  const contact = await provider.api('sofia_contact internal/1000@example.test')
  assert.match(await provider.api(`originate ${contact} &park()`), /^\+OK /)
  const [channel] = customer.sw.channels.list()
  assert.equal(channel?.profile.get('destination_number'), 'from-provider')
  assert.equal(channel?.variables.get('sip_gateway'), 'out')
  assert.equal(channel?.variables.get('via_gateway'), 'yes')
  assert.match(await customer.api('sofia status gateway out'), /\nCallsIN \t1\n/)
})

test('rescan starts new gateways, ends those that are gone and replaces those that changed', async () => {
  await using customer = await startCustomer(
    ['a', 'b', 'c'].map((name) => gateway(name, '127.0.0.1:9', { register: 'false' })).join(''),
  )
  customer.configure(
    gateway('b', '127.0.0.1:9', { register: 'false' }) +
      gateway('c', '127.0.0.1:10', { register: 'false' }) +
      gateway('d', '127.0.0.1:9', { register: 'false' }),
  )
  assert.equal(
    await customer.api('sofia profile external rescan'),
    'Reload XML [Success]\n+OK scan complete\n',
  )
  const told = customer.events
    .filter((event) => event.subclass?.startsWith('sofia::gateway_'))
    .map((event) => `${event.subclass?.slice('sofia::gateway_'.length)} ${event.get('Gateway')}`)
  assert.deepEqual(told, ['delete a', 'delete c', 'add c', 'add d'])
  assert.equal(await customer.api('sofia profile external gwlist'), 'b of-user c d ')
})

test('killgw and startgw end and start one gateway', async () => {
  await using customer = await startCustomer(gateway('a', '127.0.0.1:9', { register: 'false' }))
  assert.equal(
    await customer.api('sofia profile external killgw a'),
    '+OK gateway marked for deletion.\n',
  )
  assert.equal(await customer.api('sofia status gateway a'), 'Invalid Gateway!\n')
  assert.equal(
    await customer.api('sofia profile external startgw a'),
    'Reload XML [Success]\n+OK start gateway a complete\n',
  )
  assert.match(await customer.api('sofia status gateway a'), /\nState {3}\tNOREG\n/)
  assert.equal(await customer.api('sofia profile external killgw x'), '-ERR no such gateway.\n')
  assert.equal(
    await customer.api('sofia profile external register a'),
    "-ERR NOREG gateway [a] can't be registered!\n",
  )
})

test('unregister and register from the console', async () => {
  await using provider = await startSipSwitch()
  await using customer = await startCustomer(gateway('out', provider.server))
  await state(customer, 'out', 'REGED')
  assert.equal(await customer.api('sofia profile external unregister out'), '+OK\n')
  assert.match(
    await customer.api('sofia status gateway out'),
    /\nState {3}\tDOWN\nStatus {2}\tDOWN\n/,
  )
  customer.events.length = 0
  assert.equal(await customer.api('sofia profile external register all'), '+OK\n')
  await state(customer, 'out', 'REGED')
})
