/** The HTTP listener: pages, limits, what is no HTTP, and certificates that change while connections are up. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { makeCertificate } from '../../src/net/certificate.ts'
import { answerPlain, HttpServer } from '../../src/net/http-server.ts'
import { StaticFiles } from '../../src/net/static-files.ts'
import { TlsFiles } from '../../src/net/tls-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'strowger-http-'))
after(() => rmSync(folder, { recursive: true, force: true }))

mkdirSync(join(folder, 'pages', 'below'), { recursive: true })
writeFileSync(join(folder, 'secret.txt'), 'secret')
writeFileSync(join(folder, 'pages', 'index.html'), '<p>hello</p>')
writeFileSync(join(folder, 'pages', 'below', 'a b.js'), 'export {}')
writeFileSync(join(folder, 'pages', '.hidden'), 'hidden')
symlinkSync(join(folder, 'secret.txt'), join(folder, 'pages', 'link.txt'))

interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

function fetchPage(
  port: number,
  path: string,
  method = 'GET',
  headers = {},
  body = '',
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      )
    })
    request.on('error', reject)
    request.end(body)
  })
}

async function serve(): Promise<HttpServer> {
  const files = new StaticFiles(join(folder, 'pages'))
  const server = new HttpServer({
    address: '127.0.0.1',
    port: 0,
    handlers: { request: (request, response) => void files.serve(request, response) },
  })
  await server.listen()
  return server
}

/** What comes back for raw octets until the other side closes. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp(port, '127.0.0.1', () => socket.write(text))
    let got = ''
    socket.on('data', (data) => {
      got += data
    })
    socket.on('close', () => resolve(got))
    socket.on('error', reject)
  })
}

describe('the HTTP server', () => {
  it('serves the files of its folder with headers that keep others out', async () => {
    await using server = await serve()
    const page = await fetchPage(server.port, '/')
    assert.equal(page.status, 200)
    assert.equal(page.body, '<p>hello</p>')
    assert.match(page.headers['content-type'] ?? '', /^text\/html/)
    assert.equal(page.headers['x-content-type-options'], 'nosniff')
    assert.equal(page.headers['x-frame-options'], 'DENY')
    assert.match(String(page.headers['content-security-policy']), /frame-ancestors 'none'/)
    const script = await fetchPage(server.port, '/below/a%20b.js?v=1')
    assert.match(script.headers['content-type'] ?? '', /^text\/javascript/)
    const tag = page.headers.etag ?? ''
    const again = await fetchPage(server.port, '/', 'GET', { 'If-None-Match': tag })
    assert.equal(again.status, 304)
    const head = await fetchPage(server.port, '/', 'HEAD')
    assert.equal(head.body, '')
    assert.equal(head.headers['content-length'], '12')
  })

  it('serves nothing outside of it, nothing hidden, nothing that is not there', async () => {
    await using server = await serve()
    const paths = [
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/below/..%2f..%2fsecret.txt',
      '/link.txt',
      '/.hidden',
    ]
    for (const path of [...paths, '/none', '/below', '/a%00b', '/%zz', '/..\\secret.txt'])
      assert.equal((await fetchPage(server.port, path)).status, 404, path)
  })

  it('refuses other methods, and bodies that are too large', async () => {
    await using server = await serve()
    assert.equal((await fetchPage(server.port, '/', 'POST', {}, 'a=b')).status, 405)
    const size = String(10 * 1024 * 1024)
    const large = await raw(
      server.port,
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n`,
    )
    assert.match(large, /^HTTP\/1\.1 413 /)
    assert.equal(server.counters['refused too large'], 1)
  })

  it('answers what is no HTTP, and headers without end', async () => {
    await using server = await serve()
    assert.match(await raw(server.port, 'hello\r\n\r\n'), /^HTTP\/1\.1 400 /)
    const long = `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`
    assert.match(await raw(server.port, long), /^HTTP\/1\.1 431 /)
    const upgrade = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
    assert.match(await raw(server.port, upgrade), /^HTTP\/1\.1 400 /)
    assert.equal(server.counters['refused malformed'], 1)
    assert.equal((await fetchPage(server.port, '/')).status, 200)
  })

  it('takes only so many sockets, and none from where it must not', async () => {
    const options = {
      address: '127.0.0.1',
      port: 0,
      handlers: { request: (_: unknown, response: never) => answerPlain(response, 404) },
    }
    await using full = new HttpServer({ ...options, maxConnections: 0 })
    await full.listen()
    assert.equal(await raw(full.port, '').catch(() => ''), '')
    assert.equal(full.counters['refused full'], 1)
    await using closed = new HttpServer({
      ...options,
      handlers: { ...options.handlers, admits: () => false },
    })
    await closed.listen()
    assert.equal(await raw(closed.port, '').catch(() => ''), '')
    assert.equal(closed.counters['refused address'], 1)
  })

  it('leaves room for others beside one address, and none for who reads nothing', async () => {
    const options = {
      address: '127.0.0.1',
      port: 0,
      handlers: { request: () => undefined },
    }
    await using crowded = new HttpServer({ ...options, maxConnections: 4 })
    await crowded.listen()
    const first = [1, 2].map(() => connectTcp(crowded.port, '127.0.0.1'))
    await Promise.all(first.map((socket) => once(socket, 'connect')))
    assert.equal(await raw(crowded.port, '').catch(() => ''), '')
    assert.equal(crowded.counters['refused crowd'], 1)
    const [one] = first
    const closed = crowded.counters['connections']
    one?.destroy()
    assert.equal(closed, 3)
    // Nobody answers, and nothing moves.
    await using slow = new HttpServer({ ...options, idleMs: 50 })
    await slow.listen()
    // A busy machine may say it only when the other side has gone.
    const nothing = await raw(slow.port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n').catch(() => '')
    assert.equal(nothing, '')
    assert.equal(slow.counters['refused slow'], 1)
    for (const socket of first) socket.destroy()
  })

  it('says which address is taken', async () => {
    await using server = await serve()
    const second = new HttpServer({
      address: '127.0.0.1',
      port: server.port,
      handlers: { request: () => undefined },
    })
    await assert.rejects(second.listen(), { code: 'NET_ADDRESS_IN_USE' })
  })
})

describe('certificates', () => {
  const file = join(folder, 'wss.pem')
  const write = (name: string) => {
    const { certificate, key } = makeCertificate({ commonName: name, names: ['localhost'] })
    writeFileSync(file, certificate + key)
  }
  const nameAt = (socket: TLSSocket) => socket.getPeerCertificate().subject.CN
  const secure = (port: number): Promise<TLSSocket> =>
    new Promise((resolve, reject) => {
      const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false }, () =>
        resolve(socket),
      )
      socket.on('error', reject)
    })

  it('are read again when the file changes; who is connected stays so', async () => {
    write('first')
    await using server = new HttpServer({
      address: '127.0.0.1',
      port: 0,
      tls: new TlsFiles({ certificate: file, key: file, chain: file }, 20),
      handlers: { request: (_, response) => answerPlain(response, 404) },
    })
    await server.listen()
    const old = await secure(server.port)
    assert.equal(nameAt(old), 'first')
    // What cannot be used is not taken.
    writeFileSync(file, 'nonsense')
    await new Promise((resolve) => setTimeout(resolve, 100))
    const between = await secure(server.port)
    assert.equal(nameAt(between), 'first')
    between.destroy()
    write('second')
    let seen = ''
    for (let tries = 0; tries < 200 && seen !== 'second'; tries++) {
      const fresh = await secure(server.port)
      seen = nameAt(fresh) as string
      fresh.destroy()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    assert.equal(seen, 'second')
    const answer = new Promise<string>((resolve) =>
      old.once('data', (data) => resolve(String(data))),
    )
    old.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    assert.match(await answer, /^HTTP\/1\.1 404 /)
    old.destroy()
  })

  it('that are missing or wrong are named', () => {
    const missing = join(folder, 'none.pem')
    assert.throws(() => new TlsFiles({ certificate: missing, key: missing }).read(), /none\.pem/)
    writeFileSync(file, 'nonsense')
    assert.throws(() => new TlsFiles({ certificate: file, key: file }).read(), {
      code: 'CERTIFICATE_BAD',
    })
  })
})
