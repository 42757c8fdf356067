import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseHosts } from '../../../../src/sinks/event_socket/outbound-hosts.ts'

const host = (name: string, port: number, path?: string) => ({ host: name, port, path })

describe('the hosts of the application socket', () => {
  it('have port 8084 unless they or the one before say another', () => {
    assert.deepEqual(parseHosts('a'), [host('a', 8084)])
    assert.deepEqual(parseHosts('a|b:9000|c'), [host('a', 8084), host('b', 9000), host('c', 9000)])
  })

  it('may have a path', () => {
    assert.deepEqual(parseHosts('a:1/x/y:2|b/'), [host('a', 1, 'x/y:2'), host('b', 1, '')])
  })

  it('may be IPv6 addresses, in brackets where a port stands behind', () => {
    assert.deepEqual(parseHosts('[2001:db8::1]:9000/p|::1|[::1]'), [
      host('2001:db8::1', 9000, 'p'),
      host('::1', 9000),
      host('::1', 9000),
    ])
  })

  it('come as they were written when they are none', () => {
    assert.deepEqual(parseHosts('a:0|a:65536|a:b|:8084||[::1'), [
      'a:0',
      'a:65536',
      'a:b',
      ':8084',
      '',
      '[::1',
    ])
  })
})
