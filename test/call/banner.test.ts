/** The first words of the server: which pages they name, and when they name none. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { banner } from '../../src/banner.ts'
import { root } from '../support/programs.ts'
import { startVerto } from '../support/verto-switch.ts'

const pages = `<vhosts><vhost domain="localhost"><param name="root" value="${join(root, 'src', 'web')}"/></vhost></vhosts>`
const operator = (id: string) =>
  `<user id="${id}"><params><param name="operator-permissions" value="view"/></params></user>`

async function words(options: Partial<Parameters<typeof startVerto>[0]>): Promise<string> {
  await using t = await startVerto({ dialplan: '', ...options })
  t.sw.globals.set('domain', 'example.test')
  return banner(t.sw, 'Control-C').replaceAll(String(t.port), 'PORT')
}

describe('the first words', () => {
  it('name the web phone where it is served, and for whom the operator’s page is', async () => {
    const text = await words({ profile: pages })
    assert.match(text, /Web phone {12}http:\/\/localhost:PORT\/\n/)
    assert.match(
      text,
      /Operator's page {6}http:\/\/localhost:PORT\/operator, for users with the param/,
    )
    const named = await words({ profile: pages, users: operator('3000') })
    assert.match(named, /PORT\/operator, for 3000\n/)
    const two = await words({ profile: pages, users: operator('3000') + operator('3001') })
    assert.match(two, /PORT\/operator, for 3000 and 1 more\n/)
  })

  it('name no page that nobody serves: without a folder, with other pages, without a listener', async () => {
    const other = pages.replace(join(root, 'src', 'web'), join(root, 'sounds'))
    for (const profile of ['', other]) {
      const text = await words({ profile })
      assert.doesNotMatch(text, /Web phone|Operator/)
      assert.match(text, /is ready/)
    }
    await using first = await startVerto({ dialplan: '' })
    const taken = await words({ profile: pages, port: first.port })
    assert.doesNotMatch(taken, /Web phone|Operator/)
  })
})
