import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { module as dbModule } from '../../../src/commands/mod_db.ts'
import { module as exprModule } from '../../../src/commands/mod_expr.ts'
import { module as hashModule } from '../../../src/commands/mod_hash.ts'
import type { Module } from '../../../src/core/interfaces.ts'
import { Limits } from '../../../src/core/limits.ts'
import type { Switch } from '../../../src/core/switch.ts'
import { memoryStore } from '../../../src/stores/memory.ts'

/** Runs console lines of one module, with what they need of a switch. */
function console(module: Module): (line: string) => string {
  const sw = { options: { store: memoryStore() }, limits: new Limits() } as unknown as Switch
  return (line) => {
    const space = line.indexOf(' ')
    const name = space < 0 ? line : line.slice(0, space)
    const command = module.commands?.find((one) => one.name === name)
    assert.ok(command, name)
    return command.run(space < 0 ? '' : line.slice(space + 1), { sw }) as string
  }
}

describe('hash', () => {
  it('inserts, selects and deletes', () => {
    const run = console(hashModule)
    assert.equal(run('hash insert/r/k/v1'), '+OK\n')
    assert.equal(run('hash select/r/k'), 'v1')
    assert.equal(run('hash insert_ifempty/r/k/v3'), '-ERR key already exists\n')
    assert.equal(run('hash delete_ifmatch/r/k/zz'), "-ERR Doesn't match\n")
    assert.equal(run('hash delete/r/k'), '+OK\n')
    assert.equal(run('hash delete/r/k'), '-ERR Not found\n')
    assert.equal(run('hash select/r/k'), '')
  })

  it('keeps slashes in the value', () => {
    const run = console(hashModule)
    run('hash insert/r/a/b/c')
    assert.equal(run('hash select/r/a'), 'b/c')
  })

  it('says how it is used', () => {
    const usage =
      '-ERR Usage: hash insert|insert_ifempty|select|delete|delete_ifmatch/realm/key[/value]\n'
    const run = console(hashModule)
    for (const line of ['hash', 'hash foo/r/k', 'hash insert/r/k']) assert.equal(run(line), usage)
  })

  it('dumps what it holds, of one realm when asked', () => {
    const run = console(hashModule)
    run('hash insert/r1/k/v')
    run('hash insert/r2/k/w')
    assert.equal(run('hash_dump db r2'), 'D/r2_k/w\n')
    assert.equal(run('hash_dump all'), 'D/r1_k/v\nD/r2_k/w\n')
    assert.equal(run('hash_dump x'), 'Usage: all|limit|db [<realm>]\n')
  })
})

describe('db', () => {
  it('inserts, selects, counts and lists', () => {
    const run = console(dbModule)
    assert.equal(run('db insert/r/k/v1'), '+OK')
    assert.equal(run('db insert/r/x/a b/c'), '+OK')
    assert.equal(run('db select/r/x'), 'a b/c')
    assert.equal(run('db exists/r/k'), 'true')
    assert.equal(run('db exists/r/none'), 'false')
    assert.equal(run('db count/r'), '2')
    assert.equal(run('db list/r'), 'k,x')
    assert.equal(run('db list'), 'r')
    assert.equal(run('db delete/r/k'), '+OK')
    assert.equal(run('db select/r/k'), '')
    assert.equal(run('db insert/r'), '!err!')
  })

  it('keeps realms apart that share a beginning', () => {
    const run = console(dbModule)
    run('db insert/a/k/1')
    run('db insert/ab/k/2')
    assert.equal(run('db count/a'), '1')
    assert.equal(run('db count'), '2')
  })

  it('joins a group for ringing all, in turn or apart', () => {
    const run = console(dbModule)
    run('group insert:g:sofia/a')
    run('group insert:g:sofia/b')
    assert.equal(run('group call:g'), 'sofia/a,sofia/b')
    assert.equal(run('group call:g:order'), 'sofia/a|sofia/b')
    assert.equal(run('group call:g:multi'), 'sofia/a:_:sofia/b')
    run('group insert:g:sofia/a')
    assert.equal(run('group call:g'), 'sofia/b,sofia/a')
    run('group delete:g:*')
    assert.equal(run('group call:g'), '')
    assert.equal(run('group'), '!err!')
  })
})

describe('expr', () => {
  it('counts', () => assert.equal(console(exprModule)('expr (1+2)*3'), '9'))
})
