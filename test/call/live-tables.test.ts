/** The live tables of SIP and of queues, with the configuration that comes with the program. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LiveChange, LiveFields } from '../../src/core/live-tables.ts'
import { startStockSwitch } from '../support/stock-switch.ts'
import { startSwitch, type TestSwitch } from '../support/switch.ts'
import { patienceMs } from '../support/until.ts'

/** What a watcher knows of a table, and how to wait until it is as wanted. */
function watching(t: TestSwitch, table: string) {
  const rows = new Map<string, LiveFields>()
  const waiting = new Set<() => void>()
  const handle = t.sw.liveTables.watch([table], {
    isSlow: false,
    send({ isWhole, set, gone }: LiveChange) {
      if (isWhole) rows.clear()
      for (const [key, row] of set) rows.set(key, row)
      for (const key of gone) rows.delete(key)
      for (const look of waiting) look()
    },
  })
  const until = (what: string, holds: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`waited ${patienceMs} ms for ${what}`)),
        patienceMs,
      )
      const look = () => {
        if (!holds()) return
        clearTimeout(timer)
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  return { rows, until, [Symbol.dispose]: () => handle[Symbol.dispose]() }
}

describe('live tables', () => {
  it('show a telephone that registers, and that it is gone when its registration ends', async () => {
    await using t = await startStockSwitch()
    using table = watching(t, 'registrations')
    assert.equal(table.rows.size, 0)
    await t.phone('1000')
    const key = 'internal 1000@127.0.0.1'
    await table.until('a registration', () => table.rows.has(key))
    const { user, phones } = table.rows.get(key) as { user: string; phones: LiveFields[] }
    assert.equal(user, '1000@127.0.0.1')
    assert.deepEqual(
      phones.map(({ protocol, isReachable }) => [protocol, isReachable]),
      [['udp', true]],
    )
    await t.api('sofia profile internal flush_inbound_reg')
    await table.until('no registration', () => !table.rows.has(key))
  })

  it('show the agents of a queue as they come and change', async () => {
    await using t = await startStockSwitch()
    using table = watching(t, 'queues')
    const [name = ''] = table.rows.keys()
    assert.notEqual(name, '')
    const agents = () => table.rows.get(name)?.['agents'] as readonly LiveFields[]
    await t.api('callcenter_config agent add ann callback')
    await t.api(`callcenter_config tier add ${name} ann 1 1`)
    await table.until('an agent', () => agents().length === 1)
    assert.equal(agents()[0]?.['status'], 'Logged Out')
    await t.api("callcenter_config agent set status ann 'Available'")
    await table.until('her to be there', () => agents()[0]?.['status'] === 'Available')
  })

  it('show gateways with their state', async () => {
    await using t = await startSwitch({
      modules: ['mod_dialplan_xml', 'mod_dptools', 'mod_commands', 'mod_sofia'],
      configuration: `<configuration name="sofia.conf"><profiles><profile name="external"><gateways>
<gateway name="carrier"><param name="proxy" value="127.0.0.1:9"/><param name="register" value="false"/><param name="username" value="u"/><param name="password" value="p"/></gateway>
</gateways><settings><param name="sip-ip" value="127.0.0.1"/><param name="sip-port" value="0"/></settings></profile></profiles></configuration>`,
    })
    using table = watching(t, 'gateways')
    const row = () => table.rows.get('external carrier')
    assert.equal(row()?.['state'], 'NOREG')
    assert.equal(row()?.['to'], '127.0.0.1:9')
    await t.api('sofia profile external killgw carrier')
    await table.until('no gateway', () => row() === undefined)
  })
})
