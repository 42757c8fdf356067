import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { onLog } from '../../../src/base/log.ts'
import { credentialsFor, readIceServers } from '../../../src/core/ice-servers.ts'
import { parseXml } from '../../../src/xml/parse.ts'

const read = (params: string) =>
  readIceServers(parseXml(`<profile>\n${params}</profile>`, 'v.xml'), 'ice-server')

const param = (value: string, more = '') => `<param name="ice-server" value="${value}" ${more}/>\n`

describe('STUN and TURN servers of a profile', () => {
  it('are read in their order, with the ports of RFC 7064 and 7065 where none is said', () => {
    const account = 'username="u" password="p"'
    const servers = read(
      param('stun:stun.example.com') +
        param('stuns:[2001:db8::1]') +
        param('TURN:192.0.2.1:5000?transport=TCP', account) +
        param('turn:t.example.com', account) +
        param('turns:t.example.com:443?transport=tcp', 'secret="s"'),
    )
    assert.deepEqual(
      servers.map(({ url, host, port, transport }) => [url, host, port, transport]),
      [
        ['stun:stun.example.com', 'stun.example.com', 3478, 'udp'],
        ['stuns:[2001:db8::1]', '2001:db8::1', 5349, 'tcp'],
        ['turn:192.0.2.1:5000?transport=TCP', '192.0.2.1', 5000, 'tcp'],
        ['turn:t.example.com', 't.example.com', 3478, 'udp'],
        ['turns:t.example.com:443?transport=tcp', 't.example.com', 443, 'tcp'],
      ],
    )
    assert.deepEqual(servers[2]?.account, { username: 'u', password: 'p' })
    assert.deepEqual(servers[4]?.account, { secret: 's', lifetime: 86_400 })
  })

  it('may stand in a list of settings, and other params are none of them', () => {
    const servers = read(
      `<settings>${param('stun:a')}<param name="rtp-ip" value="stun:b"/></settings>`,
    )
    assert.deepEqual(
      servers.map(({ host }) => host),
      ['a'],
    )
  })

  for (const [what, params, complaint] of [
    ['no address', param(''), /ice-server="" is no stun:host:port or turn:/],
    ['another scheme', param('http://a'), /is no stun:host:port/],
    ['a port that is none', param('stun:a:70000'), /has no port between 1 and 65535/],
    ['a transport of STUN', param('stun:a?transport=udp'), /only turn and turns have/],
    [
      'a transport that is none',
      param('turn:a?transport=sctp', 'secret="s"'),
      /neither udp nor tcp/,
    ],
    ['TURN without an account', param('turn:a'), /needs username and password, or secret/],
    ['half an account', param('turn:a', 'username="u"'), /needs username and password/],
    [
      'two accounts',
      param('turn:a', 'username="u" password="p" secret="s"'),
      /which exclude each other/,
    ],
    ['STUN with an account', param('stun:a', 'secret="s"'), /asks for no password/],
    ['a lifetime that is none', param('turn:a', 'secret="s" lifetime="1h"'), /lifetime="1h"/],
    ['a lifetime too short', param('turn:a', 'secret="s" lifetime="59"'), /from 60 on/],
    [
      'a lifetime of nothing',
      param('turn:a', 'username="u" password="p" lifetime="60"'),
      /a lifetime without a secret/,
    ],
  ] as const) {
    it(`are left out with file and line when there is ${what}`, () => {
      const lines: string[] = []
      using _ = onLog(({ text, level }) => void (level === 3 && lines.push(text)))
      assert.deepEqual(read(params), [])
      assert.equal(lines.length, 1)
      assert.match(lines[0] ?? '', complaint)
      assert.match(lines[0] ?? '', /^v\.xml:2:1: ice-server="[^"]*" .*; it is left out$/)
    })
  }

  it('show no password in the log, wherever somebody wrote it', () => {
    const lines: string[] = []
    using _ = onLog(({ text }) => void lines.push(text))
    read(param('turn:me:pass-in-url@host') + param('turn:a', 'username="u" secret="hidden"'))
    assert.equal(lines.length, 2)
    assert.doesNotMatch(lines.join('\n'), /pass-in-url|hidden/)
  })

  it('make a name that ends, and its HMAC-SHA1 as password, of a shared secret', () => {
    const account = { secret: 'north', lifetime: 3600 }
    assert.deepEqual(credentialsFor(account, '1000@example.test', 1_700_000_000_999), {
      username: '1700003600:1000@example.test',
      // printf %s 1700003600:1000@example.test | openssl dgst -sha1 -hmac north -binary | base64
      password: 'UtZMezfxmw00Ki7ZEyNP7f5qxsM=',
    })
    const fixed = { username: 'u', password: 'p' }
    assert.deepEqual(credentialsFor(fixed, '1000@example.test', 0), fixed)
  })
})
