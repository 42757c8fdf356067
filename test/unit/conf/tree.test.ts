/** The configuration tree that comes with the program: it loads without a complaint and keeps what its README promises. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { readMenu } from '../../../src/applications/ivr/menu.ts'
import { chatApplications } from '../../../src/applications/sms/applications.ts'
import { onLog } from '../../../src/base/log.ts'
import { profileFieldNames } from '../../../src/core/caller-profile.ts'
import { compilePattern } from '../../../src/core/regex/regex.ts'
import { loadModule } from '../../../src/modules.ts'
import type { XmlNode } from '../../../src/xml/node.ts'
import { child, children, childWith, params } from '../../../src/xml/query.ts'
import { XmlRegistry } from '../../../src/xml/registry.ts'

const confDir = resolve('conf')
const presets = {
  local_ip_v4: '192.0.2.1',
  local_ip_v6: '2001:db8::1',
  conf_dir: confDir,
  log_dir: '/data/log',
  sounds_dir: '/sounds',
  certs_dir: '/data/certs',
  htdocs_dir: '/base/src/web',
  default_password: 'made-at-start',
  event_socket_password: 'made-at-start-too',
}

/** The tree with these presets changed, what was complained of, and the variables. */
async function load(changes: Readonly<Record<string, string>> = {}) {
  const complaints: string[] = []
  using _ = onLog((line) => {
    if (line.level <= 4) complaints.push(line.text)
  })
  const variables = new Map(Object.entries({ ...presets, ...changes }))
  const tree = await XmlRegistry.load({ confDir, variables })
  return { tree, variables, complaints }
}

/** All elements of that name below a node. */
function all(node: XmlNode | undefined, name: string): XmlNode[] {
  return (node?.children ?? []).flatMap((one) => [
    ...(one.name === name ? [one] : []),
    ...all(one, name),
  ])
}

function profileParam(tree: XmlRegistry, profile: string, name: string): string | undefined {
  const profiles = child(tree.configuration('sofia.conf'), 'profiles')
  const settings = child(childWith(profiles, 'profile', 'name', profile), 'settings')
  return params(settings).find((param) => param.name === name)?.value
}

/** What the modules that the tree loads bring. */
async function loaded(tree: XmlRegistry) {
  const names = all(tree.configuration('modules.conf'), 'load').map(
    (load) => load.attributes.get('module') ?? '',
  )
  const modules = await Promise.all(names.map((name) => loadModule(name)))
  return {
    applications: new Set(
      modules.flatMap((module) => (module?.applications ?? []).map(({ name }) => name)),
    ),
    commands: new Set(
      modules.flatMap((module) => (module?.commands ?? []).map(({ name }) => name)),
    ),
  }
}

/** The actions of the whole dialplan, each with where it stands. */
function actions(tree: XmlRegistry) {
  const dialplan = tree.section('dialplan')
  return [...all(dialplan, 'action'), ...all(dialplan, 'anti-action')].map((node) => ({
    application: node.attributes.get('application') ?? '',
    data: node.attributes.get('data') ?? '',
    isInline: node.attributes.get('inline') === 'true',
    place: `${node.place.file}:${node.place.line}`,
  }))
}

test('the tree loads without a warning', async () => {
  const { tree, complaints } = await load()
  assert.deepEqual(complaints, [])
  for (const section of ['configuration', 'dialplan', 'directory', 'languages'])
    assert.ok(tree.section(section))
})

test('no password stands in it', async () => {
  const { tree, variables } = await load()
  assert.equal(variables.get('default_password'), 'made-at-start')
  const passwords = all(tree.section('directory'), 'param').filter(
    (param) => param.attributes.get('name') === 'password',
  )
  assert.deepEqual(
    new Set(passwords.map((param) => param.attributes.get('value'))),
    new Set(['made-at-start']),
  )
  const socket = params(child(tree.configuration('event_socket.conf'), 'settings'))
  assert.equal(socket.find((one) => one.name === 'password')?.value, 'made-at-start-too')
  assert.equal(socket.find((one) => one.name === 'listen-ip')?.value, '127.0.0.1')
})

test('users 1000 to 1019 are in the domain, in its first group, and the pointers lead to them', async () => {
  const { tree } = await load()
  const domain = child(tree.section('directory'), 'domain')
  assert.equal(domain?.attributes.get('name'), presets.local_ip_v4)
  const [first, ...others] = children(child(domain, 'groups'), 'group')
  const ids = all(first, 'user').map((user) => user.attributes.get('id') ?? '')
  assert.deepEqual(
    ids,
    Array.from({ length: 20 }, (_, index) => String(1000 + index)),
  )
  for (const pointer of others.flatMap((group) => all(group, 'user'))) {
    assert.equal(pointer.attributes.get('type'), 'pointer')
    assert.ok(ids.includes(pointer.attributes.get('id') ?? ''))
  }
})

test('every expression of the dialplan can be compiled', async () => {
  const { tree } = await load()
  const conditions = all(tree.section('dialplan'), 'condition')
  assert.ok(conditions.length > 40)
  for (const condition of conditions) {
    const expression = condition.attributes.get('expression')
    if (expression !== undefined) compilePattern(expression)
  }
})

test('the dialplan uses only applications that there are, and inline only those that may be', async () => {
  const { tree } = await load()
  const { applications } = await loaded(tree)
  const inline = new Set(['set', 'unset', 'set_user', 'set_profile_var', 'export'])
  for (const { application, data, isInline, place } of actions(tree)) {
    assert.ok(applications.has(application), `${place}: ${application}`)
    if (isInline) assert.ok(inline.has(application), `${place}: ${application} inline`)
    // Those that keys start: `2 b s record_session::…`.
    const [, started] = (application === 'bind_meta_app' && /^\S+ \S+ \S+ (\w+)/.exec(data)) || []
    if (started !== undefined) assert.ok(applications.has(started), `${place}: ${started}`)
  }
})

test('the plan for messages names only what it can do', async () => {
  const { tree } = await load()
  const named = all(tree.section('chatplan'), 'action').map(
    ({ attributes }) => attributes.get('application') ?? '',
  )
  assert.ok(named.length > 0)
  for (const name of named) assert.ok(chatApplications.has(name), name)
})

test('every command in a text of the dialplan is one that there is', async () => {
  const { tree } = await load()
  const { commands } = await loaded(tree)
  const conditions = all(tree.section('dialplan'), 'condition')
  const texts = [
    ...actions(tree).map(({ data }) => data),
    ...conditions.flatMap((one) => [
      one.attributes.get('field') ?? '',
      one.attributes.get('expression') ?? '',
    ]),
  ]
  for (const text of texts) {
    for (const [, name = ''] of text.matchAll(/\$\{(\w+)\(/g)) assert.ok(commands.has(name), text)
  }
})

test('every extension has a name, a condition, and something to do', async () => {
  const { tree } = await load()
  const fields = new Set<string>(profileFieldNames)
  for (const extension of all(tree.section('dialplan'), 'extension')) {
    const place = `${extension.place.file}:${extension.place.line}`
    assert.match(extension.attributes.get('name') ?? '', /\S/, place)
    const conditions = children(extension, 'condition')
    assert.ok(conditions.length > 0, place)
    assert.ok(
      all(extension, 'action').length + all(extension, 'anti-action').length > 0,
      `${place} does nothing`,
    )
    for (const condition of conditions) {
      const field = condition.attributes.get('field')
      if (field === undefined || field.includes('${')) continue
      assert.ok(fields.has(field), `${place}: ${field} is no field of a caller profile`)
    }
    for (const one of extension.children)
      assert.equal(one.name, 'condition', `${place}: ${one.name} stands outside a condition`)
  }
})

test('a file of features says in its head what to dial', async () => {
  const folder = join(confDir, 'dialplan', 'default')
  for (const name of readdirSync(folder).filter((file) => /^[01]\d_/.test(file))) {
    const text = readFileSync(join(folder, name), 'utf8')
    assert.match(text.slice(0, text.indexOf('-->')), /Dial {3}/, name)
  }
})

test('a transfer leads to an extension that there is', async () => {
  const { tree } = await load()
  for (const { data, place } of actions(tree)) {
    const [, to, name] = /([a-z_0-9]+) XML ([a-z]+)$/.exec(data) ?? []
    if (to === undefined || name === undefined) continue
    const context = childWith(tree.section('dialplan'), 'context', 'name', name)
    const matches = all(context, 'condition').some(
      (one) =>
        one.attributes.get('field') === 'destination_number' &&
        compilePattern(one.attributes.get('expression') ?? '').exec(to),
    )
    assert.ok(matches, `${place}: ${to} in ${name}`)
  }
})

test('public ends by refusing, and nothing before that leads into default', async () => {
  const { tree } = await load()
  const context = childWith(tree.section('dialplan'), 'context', 'name', 'public')
  const last = context?.children.at(-1)
  assert.equal(last?.attributes.get('name'), 'refuse')
  const data = all(context, 'action').map((action) => action.attributes.get('data') ?? '')
  assert.ok(data.every((text) => !text.includes('XML default')))
})

test('internal asks for a password, external takes nobody in', async () => {
  const { tree } = await load()
  assert.equal(profileParam(tree, 'internal', 'auth-calls'), 'true')
  assert.equal(profileParam(tree, 'external', 'disable-register'), 'true')
  assert.equal(profileParam(tree, 'external', 'context'), 'public')
})

test('the IPv6 profiles have an empty sip-ip where the machine has no IPv6', async () => {
  for (const name of ['internal-ipv6', 'external-ipv6']) {
    assert.equal(profileParam((await load()).tree, name, 'sip-ip'), presets.local_ip_v6)
    assert.equal(profileParam((await load({ local_ip_v6: '' })).tree, name, 'sip-ip'), '')
  }
})

test('every time zone is a POSIX TZ text', async () => {
  const { tree } = await load()
  const zones = all(tree.configuration('timezones.conf'), 'zone')
  assert.ok(zones.length > 500)
  const name = '[A-Za-z]{3,}'
  const offset = '[+-]?\\d{1,3}(?::\\d\\d)?'
  const day = '(?:M\\d{1,2}\\.[1-5]\\.[0-6]|J?\\d{1,3})(?:/-?\\d{1,3}(?::\\d\\d)?)?'
  const posix = new RegExp(`^${name}${offset}(?:${name}(?:${offset})?,${day},${day})?$`)
  for (const zone of zones) assert.match(zone.attributes.get('value') ?? '', posix)
})

test('the menus of ivr.conf and what they say are whole', async () => {
  const { tree } = await load()
  const menus = child(tree.configuration('ivr.conf'), 'menus')
  const complaints: string[] = []
  using _ = onLog((line) => {
    if (line.level <= 4) complaints.push(line.text)
  })
  const read = children(menus, 'menu').map((menu) =>
    menus ? readMenu(menus, menu.attributes.get('name') ?? '') : undefined,
  )
  assert.ok(read.length > 1 && read.every((menu) => menu !== undefined))
  const macros = new Set(
    all(tree.section('languages'), 'macro').map((macro) => macro.attributes.get('name')),
  )
  for (const menu of read)
    for (const sound of [menu?.greetLong, menu?.greetShort, menu?.invalidSound, menu?.exitSound]) {
      const macro = /^phrase:(\w+)/.exec(sound ?? '')?.[1]
      if (macro !== undefined) assert.ok(macros.has(macro), macro)
    }
  assert.deepEqual(complaints, [])
})
