/** Loading, asking and replacing the configuration tree. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { XmlRegistry } from '../../../src/xml/registry.ts'

const folder = mkdtempSync(join(tmpdir(), 'registry-'))
after(() => rmSync(folder, { recursive: true }))

const document = (inside: string) =>
  `<document type="freeswitch/xml">
  <X-PRE-PROCESS cmd="set" data="counter=$\${counter}1"/>
  <section name="configuration">
    <configuration name="sofia.conf"><global_settings/></configuration>
  </section>
  <section name="dialplan">${inside}</section>
</document>`

const write = (text: string) => writeFileSync(join(folder, 'freeswitch.xml'), text)
const load = (variables = new Map<string, string>(), overrides = new Map<string, string>()) =>
  XmlRegistry.load({ confDir: folder, variables, overrides })

test('sections, configurations and tags are found with names in any case', async () => {
  write(document('<context name="Default"/><context name="public"/>'))
  const registry = await load()
  assert.equal(registry.root.name, 'document')
  assert.equal(registry.section('Dialplan')?.children.length, 2)
  assert.equal(registry.configuration('SOFIA.conf')?.children[0]?.name, 'global_settings')
  assert.equal(registry.configuration('nosuch.conf'), undefined)
  assert.equal(
    registry.locate('dialplan', 'context', 'name', 'default')?.attributes.get('name'),
    'Default',
  )
  assert.equal(registry.locate('dialplan'), registry.section('dialplan'))
  assert.equal(registry.locate('nosuch', 'context', 'name', 'default'), undefined)
})

test('a reload swaps the tree; variables live on', async () => {
  write(document('<context name="old"/>'))
  const variables = new Map<string, string>()
  const registry = await load(variables)
  const old = registry.root
  write(document('<context name="new"/>'))
  await registry.reload()
  assert.notEqual(registry.root, old)
  assert.ok(registry.locate('dialplan', 'context', 'name', 'new'))
  assert.equal(variables.get('counter'), '11')
})

test('a reload that fails keeps the old tree and says where', async () => {
  write(document('<context name="good"/>'))
  const registry = await load()
  write(document('<context name="bad">'))
  await assert.rejects(registry.reload(), {
    code: 'XML_UNCLOSED_TAG',
    place: { file: join(folder, 'freeswitch.xml'), line: 6, column: 28 },
  })
  assert.ok(registry.locate('dialplan', 'context', 'name', 'good'))
  write(document('<context name="mended"/>'))
  await registry.reload()
  assert.ok(registry.locate('dialplan', 'context', 'name', 'mended'))
})

test('reloads at the same time run one after the other', async () => {
  write(document(''))
  const variables = new Map<string, string>()
  const registry = await load(variables)
  await Promise.all([registry.reload(), registry.reload(), registry.reload()])
  assert.equal(variables.get('counter'), '1111')
})
