/** Profiles that are stopped, started and traced from the console. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onLog } from '../../src/base/log.ts'
import { profileNamed } from '../../src/endpoints/sofia/profiles.ts'
import type { ServerTransaction } from '../../src/sip/transaction-server.ts'
import { type SipSwitch, startSipSwitch } from '../support/sip-switch.ts'
import { startSwitch, type TestSwitch } from '../support/switch.ts'

/** Lets a profile be as old as one must be to be stopped. */
function age(test: TestSwitch): void {
  const profile = profileNamed(test.sw, 'internal')
  if (profile) Object.assign(profile, { startedAt: 0 })
}

test('a young profile is left alone', async () => {
  await using sw = await startSipSwitch()
  assert.match(
    await sw.api('sofia profile internal stop'),
    /^Profile internal must be up for at least 10 seconds to stop\/restart\.\nPlease wait \d+ seconds?\n$/,
  )
})

test('stopping a profile ends its calls; it can be started again', async () => {
  await using sw = await startSipSwitch({ extensions: { park: ['answer', 'park'] } })
  const phone = await sw.phone('1000')
  const call = await phone.call('park')
  assert.equal((await call.outcome()).status, 200)
  age(sw)
  assert.equal(
    await sw.api('sofia profile internal stop wait'),
    'Reload XML [Success]\nstopping: internal',
  )
  await call.hungUp()
  assert.equal(sw.sw.channels.count, 0)
  assert.equal(await sw.api('sofia status profile internal'), 'Invalid Profile!\n')
  assert.match(await sw.api('sofia status'), /\n0 profiles 0 aliases\n$/)
  assert.equal(
    await sw.api('sofia profile internal start'),
    'Reload XML [Success]\ninternal started successfully\n',
  )
  assert.match(await sw.api('sofia status'), /internal\tprofile\t.*\tRUNNING \(0\)\n/)
})

/** A call whose phone keeps the BYE, to answer it when it likes. */
async function callThatKeepsItsBye(sw: SipSwitch) {
  const call = await (await sw.phone('1000')).call('park')
  assert.equal((await call.outcome()).status, 200)
  assert.ok(call.dialog)
  const bye = new Promise<ServerTransaction>((resolve) => {
    Object.assign(call.dialog ?? {}, { owner: { dialogRequest: resolve } })
  })
  age(sw)
  return { bye }
}

test('a profile that stops stays until phones have confirmed the ends of their calls', async () => {
  await using sw = await startSipSwitch({
    extensions: { park: ['answer', 'park'] },
    partingMs: 60_000,
  })
  const { bye } = await callThatKeepsItsBye(sw)
  let isStopped = false
  const stopping = sw.api('sofia profile internal stop wait').finally(() => {
    isStopped = true
  })
  const transaction = await bye
  const agent = profileNamed(sw.sw, 'internal')?.agent
  await sw.until(() => sw.sw.channels.count === 0)
  assert.equal(agent?.transactions.unsettled, 1)
  assert.equal(isStopped, false)
  transaction.respond(200)
  await stopping
  assert.equal(agent?.transactions.unsettled, 0)
})

test('a phone that does not confirm holds a profile up for a bounded time, and the log says so', async () => {
  await using sw = await startSipSwitch({
    extensions: { park: ['answer', 'park'] },
    partingMs: 100,
  })
  const lines: string[] = []
  using _ = onLog((line) => lines.push(line.text))
  await callThatKeepsItsBye(sw)
  await sw.api('sofia profile internal stop wait')
  assert.match(lines.join('\n'), /profile internal stops: 1 .* not confirmed within 100 ms/)
})

test('restarting keeps registrations', async () => {
  await using sw = await startSipSwitch()
  await (await sw.phone('1000')).register()
  age(sw)
  assert.equal(
    await sw.api('sofia profile internal restart wait'),
    'Reload XML [Success]\nrestarting: internal',
  )
  assert.equal(await sw.api('sofia_count_reg internal/1000@example.test'), '1')
})

test('siptrace writes packets to the log at the trace level', async () => {
  await using sw = await startSipSwitch()
  const lines: { level: number; text: string }[] = []
  using _ = onLog((line) => lines.push(line))
  assert.equal(
    await sw.api('sofia profile internal siptrace on'),
    'Enabled sip debugging on internal',
  )
  await (await sw.phone('1000')).request('OPTIONS')
  assert.ok(lines.some((line) => line.level === 0 && line.text.includes('OPTIONS sip:')))
  assert.equal(await sw.api('sofia global siptrace off'), '+OK Global siptrace off')
  lines.length = 0
  await (await sw.phone('1000')).request('OPTIONS')
  assert.ok(!lines.some((line) => line.text.includes('OPTIONS sip:')))
})

test('what the console answers to lines that mean nothing', async () => {
  await using sw = await startSipSwitch()
  const replies: [line: string, reply: string][] = [
    ['sofia nosuch', 'Unknown Command [nosuch]\n'],
    ['sofia profile', 'Invalid Args!\n'],
    ['sofia profile internal', 'Invalid Args!\n'],
    ['sofia profile internal nosuch', '-ERR Unknown command!\n'],
    ['sofia profile nosuch siptrace on', 'Invalid Profile [nosuch]'],
    ['sofia profile nosuch start', 'Reload XML [Success]\nFailure starting nosuch\n'],
    ['sofia status profile nosuch', 'Invalid Profile!\n'],
    ['sofia status gateway nosuch', 'Invalid Gateway!\n'],
    ['sofia status nosuch thing', 'Invalid Syntax!\n'],
    ['sofia profile internal killgw', '-ERR missing gw name\n'],
    ['sofia profile internal register', 'No gateway name provided!\n'],
    ['sofia profile internal register nosuch', 'Invalid gateway!\n'],
    ['sofia tracelevel', '+OK tracelevel is CONSOLE'],
    ['sofia loglevel tport 5', 'Sofia log level for component [tport] has been set to [5]'],
    ['sofia loglevel tport', 'Sofia-sip loglevel for [tport] is [5]'],
    ['sofia global capture on', '-ERR capture is not in this version\n'],
    ['sofia_gateway_data', '-ERR Parameter missing\n'],
    ['sofia_count_reg', '-1'],
    ['sofia_dig', 'usage: sofia_dig [OPTIONS] [@dnsserver] uri\n'],
  ]
  for (const [line, reply] of replies) assert.equal(await sw.api(line), reply, line)
  assert.match(await sw.api('sofia'), /^USAGE:\n-{80}\nsofia global siptrace <on\|off>\n/)
  assert.match(
    await sw.api('sofia_dig sip:192.0.2.7:5070;transport=tcp'),
    /\n {9}1\t {5}1\.000\t {7}tcp\t {6}5070\t 192\.0\.2\.7\n$/,
  )
})

/** A switch with a profile on each of the addresses; 192.0.2.1 (RFC 5737) is nobody's. */
function startOn(...addresses: string[]): Promise<TestSwitch> {
  const profiles = addresses.map(
    (address, index) => `<profile name="on${index}"><settings>
<param name="sip-ip" value="${address}"/><param name="sip-port" value="0"/></settings></profile>`,
  )
  return startSwitch({
    modules: ['mod_commands', 'mod_sofia'],
    configuration: `<configuration name="sofia.conf"><profiles>${profiles.join('')}</profiles></configuration>`,
  })
}

test('a profile whose address this machine does not have is told and left out, the others run', async () => {
  const lines: string[] = []
  using _ = onLog((line) => void (line.level === 3 && lines.push(line.text)))
  await using sw = await startOn('192.0.2.1', '127.0.0.1')
  assert.match(await sw.api('sofia status'), /on1\tprofile\t.*\tRUNNING/)
  assert.match(await sw.api('sofia status'), /\n1 profile 0 aliases\n$/)
  assert.equal(lines.length, 1)
  assert.match(
    lines[0] ?? '',
    /freeswitch\.xml:\d+:\d+: profile on0 is not started: .*does not have the address/,
  )
})

test('a switch none of whose profiles can be started does not start', async () => {
  await assert.rejects(startOn('192.0.2.1'), /does not have the address/)
})
