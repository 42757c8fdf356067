/** mod_xml_cdr, mod_json_cdr and mod_format_cdr: documents of calls in folders and at a web server. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeCertificate } from '../../src/net/certificate.ts'
import type { XmlNode } from '../../src/xml/node.ts'
import { parseXml } from '../../src/xml/parse.ts'
import { startPostServer } from '../support/post-server.ts'
import { type SipSwitch, startSipSwitch } from '../support/sip-switch.ts'
import { temporaryFolder } from '../support/sound.ts'
import { startSwitch } from '../support/switch.ts'
import { until } from '../support/until.ts'

type Params = readonly (readonly [name: string, value: string])[]

const paramsXml = (params: Params) =>
  params.map(([name, value]) => `<param name="${name}" value="${value}"/>`).join('')
const configuration = (name: string, params: Params) =>
  `<configuration name="${name}.conf"><settings>${paramsXml(params)}</settings></configuration>`

const extensions = {
  '1': ['set:note=a b&c', 'hangup:USER_BUSY'],
  '2': ['set:xml_cdr_base=${base}', 'hangup'],
  '9196': ['answer', 'echo'],
}

function start(name: 'xml_cdr' | 'json_cdr', params: Params, globals = {}): Promise<SipSwitch> {
  return startSipSwitch({
    extensions,
    globals,
    modules: [`mod_${name}`, 'mod_loopback'],
    configuration: configuration(name, params),
  })
}

/** A call that ends at once. */
async function call(sw: SipSwitch, number = '1', user = '1000'): Promise<string> {
  const phone = await sw.phone(user)
  const before = new Set(sw.events.filter(isEnd).map((event) => event.get('Unique-ID')))
  await (await phone.call(number)).outcome()
  const end = await sw.event(
    'CHANNEL_HANGUP_COMPLETE',
    (event) => !before.has(event.get('Unique-ID')),
  )
  return end.get('Unique-ID') ?? ''
}
const isEnd = ({ name }: { readonly name: string }) => name === 'CHANNEL_HANGUP_COMPLETE'

const filesIn = (folder: string) =>
  existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')) : []

function find(node: XmlNode | undefined, ...path: string[]): XmlNode | undefined {
  let found = node
  for (const name of path) found = found?.children.find((child) => child.name === name)
  return found
}
function cdrOf(text: string): XmlNode | undefined {
  const document = parseXml(text, 'record')
  return document.name === 'cdr' ? document : find(document, 'cdr')
}

test('an answered call as XML on disk: both parties, with its sound, its times and who met whom', async () => {
  await using folder = await temporaryFolder()
  await using sw = await start('xml_cdr', [
    ['log-dir', folder.path],
    ['prefix-a-leg', 'true'],
  ])
  const [a, b] = [await sw.phone('1000'), await sw.phone('1001')]
  await b.register()
  const out = await a.call('1001')
  const into = await b.incoming()
  into.answer()
  await out.outcome()
  await sw.event('CHANNEL_BRIDGE')
  await Promise.all([out.rtp.tone(600, 60, 'PCMU'), into.rtp.tone(800, 60, 'PCMU')])
  await into.rtp.until(50)
  await out.bye()
  await into.hungUp()
  await until(() => filesIn(folder.path).length === 2, 'two files')
  const names = filesIn(folder.path)
  const aName = names.find((name) => name.startsWith('a_')) ?? ''
  const bName = names.find((name) => !name.startsWith('a_')) ?? ''
  const read = (name: string) => readFileSync(join(folder.path, name), 'utf8')
  assert.match(
    read(aName),
    /^<\?xml version="1\.0"\?>\n<cdr core-uuid="[^"]+" switchname="[^"]+">\n {2}<channel_data>\n/,
  )
  const cdr = cdrOf(read(aName))
  const uuid = aName.slice(2, -'.cdr.xml'.length)
  const variable = (name: string) => find(cdr, 'variables', name)?.text
  assert.equal(variable('uuid'), uuid)
  assert.equal(variable('hangup_cause'), 'NORMAL_CLEARING')
  assert.equal(variable('sip_from_uri'), '1000%40example.test')
  const inbound = (name: string) => find(cdr, 'call-stats', 'audio', 'inbound', name)?.text
  assert.ok(Number(inbound('mos')) > 3)
  assert.ok(Number(inbound('packet_count')) >= 50)
  assert.ok(Number(inbound('quality_percentage')) > 90)
  assert.equal(inbound('mos'), variable('rtp_audio_in_mos'))
  assert.ok(Number(find(cdr, 'call-stats', 'audio', 'outbound', 'packet_count')?.text) >= 50)
  const application = find(cdr, 'app_log', 'application')
  assert.equal(application?.attributes.get('app_name'), 'bridge')
  assert.match(application?.attributes.get('app_stamp') ?? '', /^\d{16}$/)
  const flow = find(cdr, 'callflow')
  assert.equal(flow?.attributes.get('dialplan'), 'XML')
  assert.equal(find(flow, 'extension')?.attributes.get('name'), '100[0-9]')
  const profile = find(flow, 'caller_profile')
  assert.equal(find(profile, 'destination_number')?.text, '1001')
  const met = find(profile, 'originatee', 'originatee_caller_profile', 'uuid')?.text
  assert.equal(`${met}.cdr.xml`, bName)
  assert.ok(find(profile, 'origination', 'origination_caller_profile'))
  assert.equal(find(flow, 'times', 'hangup_time')?.text, variable('end_uepoch'))
  const other = cdrOf(read(bName))
  assert.equal(
    find(other, 'callflow', 'caller_profile', 'originator', 'originator_caller_profile', 'uuid')
      ?.text,
    uuid,
  )
})

test('log-b-leg, force_process_cdr, a folder and a prefix of the call itself', async () => {
  await using folder = await temporaryFolder()
  const own = join(folder.path, 'own')
  await using sw = await start(
    'xml_cdr',
    [
      ['log-dir', join(folder.path, 'usual')],
      ['log-b-leg', 'false'],
    ],
    { base: own },
  )
  const uuid = await call(sw, '2')
  await until(() => filesIn(own).length === 1, 'a file in a folder of its own')
  assert.deepEqual(filesIn(own), [`${uuid}.cdr.xml`])
  const a = await sw.phone('1000')
  const b = await sw.phone('1001')
  await b.register()
  for (const forced of [false, true]) {
    const out = await a.call('1001')
    const into = await b.incoming()
    const leg = sw.sw.channels.list().find(({ direction }) => direction === 'outbound')
    if (forced) await sw.api(`uuid_setvar ${leg?.uuid} force_process_cdr true`)
    into.reject(486)
    await out.outcome()
  }
  await until(
    () => filesIn(join(folder.path, 'usual')).length === 3,
    'two callers and one who was forced',
  )
})

test('posted: each kind of body, with its type, credentials and the uuid in the address', async () => {
  await using web = await startPostServer()
  const kinds: readonly (readonly [
    module: 'xml_cdr' | 'json_cdr',
    encode: string,
    type: string,
    read: (body: string) => string,
  ])[] = [
    [
      'xml_cdr',
      'true',
      'application/x-www-form-urlencoded',
      (body) => new URLSearchParams(body).get('cdr') ?? '',
    ],
    [
      'xml_cdr',
      'base64',
      'application/x-www-form-base64-encoded',
      (body) => Buffer.from(body.slice(4), 'base64').toString(),
    ],
    ['xml_cdr', 'textxml', 'text/xml', (body) => body],
    ['xml_cdr', 'false', 'application/x-www-form-plaintext', (body) => body.slice(4)],
    ['json_cdr', 'false', 'application/json', (body) => body],
    [
      'json_cdr',
      'true',
      'application/x-www-form-urlencoded',
      (body) => new URLSearchParams(body).get('cdr') ?? '',
    ],
    [
      'json_cdr',
      'base64',
      'application/x-www-form-base64-encoded',
      (body) => Buffer.from(body.slice(4), 'base64').toString(),
    ],
  ]
  for (const [module, encode, type, read] of kinds) {
    await using sw = await start(module, [
      ['url', `${web.address}/take?from=here`],
      ['cred', 'us:er:word'],
      ['encode', encode],
      ['prefix-a-leg', 'true'],
    ])
    const count = web.posted.length
    const uuid = await call(sw)
    const post = (await web.came(count + 1)).at(-1)
    const kind = `${module} ${encode}`
    assert.equal(post?.url, `/take?from=here&uuid=${module === 'xml_cdr' ? 'a_' : ''}${uuid}`, kind)
    assert.equal(post.type, type, kind)
    assert.equal(post.authorization, `Basic ${Buffer.from('us:er:word').toString('base64')}`)
    const text = read(post.body)
    if (module === 'xml_cdr') {
      assert.equal(find(cdrOf(text), 'variables', 'note')?.text, 'a%20b%26c', kind)
    } else {
      const record = JSON.parse(text)
      assert.equal(record.variables.note, 'a%20b%26c', kind)
      assert.equal(record.callflow[0].caller_profile.destination_number, '1')
    }
  }
})

test('a web server that does not take it is tried again, then the next one, which is asked first from then on', async () => {
  await using bad = await startPostServer()
  await using good = await startPostServer()
  bad.answer = (_post, response) => void response.writeHead(503).end()
  await using sw = await start('json_cdr', [
    ['url', bad.address],
    ['url', good.address],
    ['retries', '2'],
    ['delay', '0.01'],
  ])
  await call(sw)
  await good.came(1)
  await call(sw)
  await good.came(2)
  assert.equal(bad.posted.length, 1)
  assert.deepEqual(
    bad.posted.map(({ body }) => body),
    [good.posted[0]?.body],
  )
})

test('what no web server takes is kept whole in the first folder for errors that can be written', async () => {
  await using folder = await temporaryFolder()
  await using web = await startPostServer()
  web.answer = (_post, response) => void response.writeHead(500).end()
  const blocked = join(folder.path, 'blocked')
  // A file, where a folder would have to be.
  writeFileSync(blocked, '')
  const kept = join(folder.path, 'kept')
  await using sw = await start('json_cdr', [
    ['url', web.address],
    ['retries', '2'],
    ['delay', '0.01'],
    ['encode', 'true'],
    ['err-log-dir', blocked],
    ['err-log-dir', kept],
  ])
  const uuid = await call(sw)
  await until(() => filesIn(kept).length === 1, 'the record to be kept')
  assert.equal(web.posted.length, 3)
  assert.deepEqual(filesIn(kept), [`${uuid}.cdr.json`])
  const text = readFileSync(join(kept, `${uuid}.cdr.json`), 'utf8')
  assert.equal(JSON.parse(text).variables.uuid, uuid)
  // While it is down each further record is tried once, without a delay.
  await call(sw)
  await until(() => filesIn(kept).length === 2, 'the second record to be kept')
  assert.equal(web.posted.length, 4)
  web.answer = (_post, response) => void response.end()
  await call(sw)
  await web.came(5)
  const figures = new Map(await sw.sw.counters.read()).get('json_cdr')
  assert.deepEqual(
    [
      figures?.['kept for later'],
      figures?.['posts failed'],
      figures?.['files failed'],
      figures?.['lost'],
    ],
    [2, 4, 2, 0],
  )
})

test('digest authentication, where the web server asks for it', async () => {
  await using web = await startPostServer()
  const md5 = (text: string) => createHash('md5').update(text).digest('hex')
  web.answer = ({ authorization, url }, response) => {
    if (!authorization)
      return void response
        .writeHead(401, {
          'WWW-Authenticate': 'Digest realm="calls", nonce="abc", qop="auth,auth-int", opaque="o"',
        })
        .end()
    const value = (name: string) => new RegExp(`${name}="?([^",]+)`).exec(authorization)?.[1] ?? ''
    const ha1 = md5('user:calls:word')
    const expected = md5(`${ha1}:abc:00000001:${value('cnonce')}:auth:${md5(`POST:${url}`)}`)
    response.writeHead(value('response') === expected ? 200 : 403).end()
  }
  await using sw = await start('xml_cdr', [
    ['url', `${web.address}/x`],
    ['cred', 'user:word'],
    ['auth-scheme', 'digest'],
  ])
  await call(sw)
  await web.came(2)
  await until(
    async () => new Map(await sw.sw.counters.read()).get('xml_cdr')?.['posted'] === 1,
    'a post',
  )
})

test('at the end of the server all that waits is posted, or kept when the web server is gone', async () => {
  await using folder = await temporaryFolder()
  await using web = await startPostServer()
  let answers: (() => void)[] = []
  web.answer = (_post, response) => void answers.push(() => response.end())
  const waiting = join(folder.path, 'waiting')
  const modules = [
    'mod_dialplan_xml',
    'mod_dptools',
    'mod_commands',
    'mod_loopback',
    'mod_json_cdr',
  ]
  const params: Params = [
    ['url', web.address],
    ['log-dir', waiting],
    ['retries', '5'],
    ['delay', '60'],
    ['queue-capacity', '100'],
  ]
  const sw = await startSwitch({ modules, configuration: configuration('json_cdr', params) })
  for (let one = 0; one < 200; one++) await sw.api('originate null/somebody &park')
  await sw.api('hupall')
  await sw.sw.channels.untilEmpty()
  await web.came(1)
  // One is under way, a hundred wait, the others went to disk at once.
  await until(
    () => filesIn(waiting).length === 99,
    'what the queue has no room for',
    () => filesIn(waiting).length,
  )
  web.answer = (_post, response) => void response.end()
  for (const answer of answers) answer()
  answers = []
  await web.came(40)
  web.answer = (_post, response) => void response.writeHead(503).end()
  await sw[Symbol.asyncDispose]()
  const taken = new Set(web.posted.map(({ url }) => url.slice(url.indexOf('=') + 1)))
  const kept = new Set(filesIn(waiting).map((name) => name.slice(0, -'.cdr.json'.length)))
  assert.equal(new Set([...taken, ...kept]).size, 200)
})

test('profiles of format_cdr each have their form, folder and names of files', async () => {
  await using folder = await temporaryFolder()
  const profile = (name: string, params: Params) =>
    `<profile name="${name}"><settings>${paramsXml(params)}</settings></profile>`
  await using sw = await startSipSwitch({
    extensions,
    modules: ['mod_format_cdr'],
    configuration: `<configuration name="format_cdr.conf"><profiles>${profile('one', [
      ['format', 'json'],
      ['log-dir', join(folder.path, 'json')],
      ['log-file', '${accountcode}/../../${caller_id_number}.json'],
      ['encode-values', 'false'],
    ])}${profile('two', [
      ['format', 'xml'],
      ['log-dir', join(folder.path, 'xml')],
    ])}</profiles></configuration>`,
  })
  const uuid = await call(sw)
  const path = join(folder.path, 'json', 'acct1000', '1000.json')
  await until(
    () => existsSync(path) && filesIn(join(folder.path, 'xml')).length === 1,
    'both files',
  )
  assert.equal(JSON.parse(readFileSync(path, 'utf8')).variables.note, 'a b&c')
  assert.deepEqual(filesIn(join(folder.path, 'xml')), [`${uuid}.cdr.xml`])
})

test('rotate begins a folder with SIGHUP; a folder that cannot be written costs a line in the log and a number', async () => {
  await using folder = await temporaryFolder()
  await using sw = await start('xml_cdr', [
    ['log-dir', folder.path],
    ['rotate', 'true'],
  ])
  await call(sw)
  await until(() => filesIn(folder.path).length === 1, 'a folder')
  const [stamp = ''] = filesIn(folder.path)
  assert.match(stamp, /^\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d$/)
  await until(() => filesIn(join(folder.path, stamp)).length === 1, 'a file')
  await sw.api('fsctl send_sighup')
  await call(sw)
  await until(
    () => filesIn(folder.path).flatMap((one) => filesIn(join(folder.path, one))).length === 2,
    'a second file',
  )
  await using blocked = await start('xml_cdr', [['log-dir', '/dev/null/nowhere']])
  await call(blocked)
  const figures = async () => new Map(await blocked.sw.counters.read()).get('xml_cdr')
  await until(async () => (await figures())?.['lost'] === 1, 'a lost record')
})

test('hangup_complete_with_xml: the event has the whole call in its body', async () => {
  await using sw = await startSipSwitch({
    extensions: { '1': ['set:hangup_complete_with_xml=true', 'hangup'] },
  })
  const phone = await sw.phone('1000')
  await (await phone.call('1')).outcome()
  const end = await sw.event('CHANNEL_HANGUP_COMPLETE')
  assert.equal(end.get('CDR-Attached'), 'xml')
  const cdr = cdrOf(end.body ?? '')
  assert.equal(find(cdr, 'callflow', 'caller_profile', 'destination_number')?.text, '1')
})

test('copies of legs: of the one that was bridged, and of those of an attempt that failed', async () => {
  await using sw = await startSipSwitch({
    modules: ['mod_loopback'],
    extensions: {
      '1': ['answer', 'bridge:[copy_xml_cdr=true]loopback/9/default', 'park'],
      '2': [
        'set:failed_json_cdr_prefix=lost',
        'set:failed_xml_cdr_prefix=gone',
        'set:continue_on_fail=true',
        'bridge:loopback/8/default,loopback/8/default|loopback/8/default',
        'answer',
        'park',
      ],
      '8': ['hangup:USER_BUSY'],
      '9': ['answer', 'hangup'],
    },
  })
  const phone = await sw.phone('1000')
  for (const number of ['1', '2']) await (await phone.call(number)).outcome()
  await until(
    () => sw.events.filter(({ name }) => name === 'CHANNEL_PARK').length === 2,
    'both callers',
  )
  const [first, second] = sw.sw.channels.list().filter(({ source }) => source === 'mod_sofia')
  const record = cdrOf(first?.variables.get('b_leg_cdr') ?? '')
  const uuid = find(record, 'variables', 'uuid')?.text
  assert.equal(first?.variables.get(`b_leg_cdr_${uuid}`), first?.variables.get('b_leg_cdr'))
  assert.equal(find(record, 'variables', 'hangup_cause')?.text, 'NORMAL_CLEARING')
  const { variables } = second ?? assert.fail()
  assert.deepEqual([variables.get('gone_total'), variables.get('lost_total')], ['3', '3'])
  assert.equal(JSON.parse(variables.get('lost_3') ?? '').variables.hangup_cause, 'USER_BUSY')
  assert.ok(cdrOf(variables.get('gone_1') ?? ''))
})

test('https: any certificate will do unless it is to be checked', async () => {
  await using folder = await temporaryFolder()
  const pair = makeCertificate({ commonName: 'localhost', names: ['127.0.0.1'] })
  const authority = join(folder.path, 'authority.pem')
  writeFileSync(authority, pair.certificate)
  await using web = await startPostServer({ key: pair.key, cert: pair.certificate })
  const check = ['enable-cacert-check', 'true'] as const
  for (const [params, isTaken] of [
    [[], true],
    [[check], false],
    [[check, ['ssl-cacert-file', authority], ['enable-ssl-verifyhost', 'true']], true],
  ] as const) {
    const kept = join(folder.path, 'kept')
    await using sw = await start('json_cdr', [
      ['url', web.address],
      ['err-log-dir', kept],
      ...params,
    ])
    const count = web.posted.length
    await call(sw)
    if (isTaken) await web.came(count + 1)
    else await until(() => filesIn(kept).length === 1, 'the record to be kept')
  }
})
