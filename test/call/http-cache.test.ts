/** Sounds from the web: fetched once, kept, asked about again, and played. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { HttpCache, type HttpCacheOptions } from '../../src/core/http-cache/http-cache.ts'
import { openForWriting } from '../../src/formats/index.ts'
import { sine } from '../support/levels.ts'
import { phone, startEngine } from '../support/media.ts'
import { temporaryFolder } from '../support/sound.ts'
import { startSwitch } from '../support/switch.ts'
import { cleanest } from '../support/tone.ts'

interface Web extends AsyncDisposable {
  readonly url: string
  /** Every request so far. */
  readonly asked: IncomingMessage[]
}

async function web(
  answer: (request: IncomingMessage, reply: ServerResponse) => void,
): Promise<Web> {
  const asked: IncomingMessage[] = []
  const server = createServer((request, reply) => {
    asked.push(request)
    answer(request, reply)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

function options(folder: string, more: Partial<HttpCacheOptions> = {}): HttpCacheOptions {
  return {
    folder,
    mostUrls: 100,
    mostTotal: 1e6,
    mostOctets: 1e5,
    maxAge: 60,
    prefetchesAtOnce: 2,
    prefetchQueue: 4,
    connectSeconds: 30,
    totalSeconds: 30,
    authorities: undefined,
    verifiesPeer: true,
    verifiesHost: true,
    ...more,
  }
}

test('a hundred who ask at once cause one download; the copy outlives the cache', async () => {
  await using folder = await temporaryFolder()
  await using site = await web((_request, reply) => setTimeout(() => reply.end('sound'), 50))
  const cache = new HttpCache(options(folder.path))
  const paths = await Promise.all(
    Array.from({ length: 100 }, () => cache.get(`${site.url}/a.wav#top`)),
  )
  assert.equal(new Set(paths).size, 1)
  assert.equal(site.asked.length, 1)
  assert.match(paths[0]!, /\.wav$/)
  assert.equal(await readFile(paths[0]!, 'utf8'), 'sound')
  const later = new HttpCache(options(folder.path))
  assert.equal(await later.get(`${site.url}/a.wav`), paths[0])
  assert.equal(await later.lookUp(`${site.url}/a.wav`), paths[0])
  assert.equal(site.asked.length, 1)
})

test('a stale copy is asked about with its ETag, and 304 keeps it', async () => {
  await using folder = await temporaryFolder()
  await using site = await web((request, reply) => {
    reply.setHeader('cache-control', 'max-age=0')
    reply.setHeader('etag', '"one"')
    if (request.headers['if-none-match'] === '"one"') reply.writeHead(304).end()
    else reply.end('sound')
  })
  const cache = new HttpCache(options(folder.path))
  const path = await cache.get(`${site.url}/a.wav`)
  assert.equal(await cache.get(`${site.url}/a.wav`), path)
  assert.equal(site.asked[1]?.headers['if-none-match'], '"one"')
  assert.equal(await cache.lookUp(`${site.url}/a.wav`), undefined)
})

test('what cannot be reached any more is played from the stale copy; what is gone is not', async () => {
  await using folder = await temporaryFolder()
  let status = 200
  await using site = await web((_request, reply) => {
    reply.setHeader('cache-control', 'no-cache')
    reply.writeHead(status).end('sound')
  })
  const cache = new HttpCache(options(folder.path))
  const path = await cache.get(`${site.url}/a.wav`)
  status = 503
  assert.equal(await cache.get(`${site.url}/a.wav`), path)
  status = 404
  await assert.rejects(cache.get(`${site.url}/a.wav`), { code: 'FILE_NOT_FOUND' })
  status = 500
  await assert.rejects(cache.get(`${site.url}/a.wav`), { code: 'FILE_BAD' })
  assert.deepEqual(cache.figures, { urls: 0, octets: 0 })
})

test('size, time, redirections and odd schemes have their bounds', async () => {
  await using folder = await temporaryFolder()
  await using site = await web((request, reply) => {
    if (request.url === '/large.wav') reply.end(Buffer.alloc(200_000))
    else if (request.url === '/loop.wav') reply.writeHead(302, { location: '/loop.wav' }).end()
    else if (request.url === '/there.wav') reply.writeHead(302, { location: '/here.wav' }).end()
    else if (request.url === '/here.wav') reply.end('here')
    else if (request.url === '/file.wav')
      reply.writeHead(302, { location: 'file:///etc/passwd' }).end()
    else reply.write('slow')
  })
  const hasty = new HttpCache(options(folder.path, { totalSeconds: 0.3 }))
  await assert.rejects(hasty.get(`${site.url}/slow.wav`), { code: 'FILE_BAD' }, 'slow')
  const cache = new HttpCache(options(folder.path))
  for (const name of ['large', 'loop', 'file'])
    await assert.rejects(cache.get(`${site.url}/${name}.wav`), { code: 'FILE_BAD' }, name)
  assert.equal(await readFile(await cache.get(`${site.url}/there.wav`), 'utf8'), 'here')
  await assert.rejects(cache.get('http://127.0.0.1:1/a.wav'), { code: 'FILE_BAD' })
  await assert.rejects(cache.get('nonsense'), { code: 'FILE_BAD' })
})

test('the copies longest unused go when there are too many, or too large', async () => {
  await using folder = await temporaryFolder()
  await using site = await web((_request, reply) => reply.end(Buffer.alloc(1000)))
  const cache = new HttpCache(options(folder.path, { mostUrls: 3, mostTotal: 2500 }))
  await cache.get(`${site.url}/a.wav`)
  await cache.get(`${site.url}/b.wav`)
  await cache.get(`${site.url}/a.wav`)
  await cache.get(`${site.url}/c.wav`)
  assert.equal(await cache.lookUp(`${site.url}/b.wav`), undefined)
  assert.ok(await cache.lookUp(`${site.url}/a.wav`))
  assert.deepEqual(cache.figures, { urls: 2, octets: 2000 })
  await cache.clear()
  assert.deepEqual(cache.figures, { urls: 0, octets: 0 })
})

test('the console gets, looks up, prefetches, puts, removes and clears', async () => {
  await using folder = await temporaryFolder()
  const sent: string[] = []
  await using site = await web((request, reply) => {
    if (request.method !== 'PUT') return void reply.end('sound')
    request.on('data', (chunk: Buffer) => sent.push(chunk.toString()))
    request.on('end', () => reply.writeHead(201).end())
  })
  await using s = await startSwitch({
    modules: ['mod_commands', 'mod_http_cache'],
    configuration: `<configuration name="http_cache.conf"><settings>
      <param name="location" value="${folder.path}"/></settings></configuration>`,
  })
  const url = `${site.url}/a.wav`
  assert.equal(await s.api(`http_tryget ${url}`), '-ERR DOWNLOAD_NEEDED\n')
  const path = await s.api(`http_get ${url}`)
  assert.equal(await readFile(path, 'utf8'), 'sound')
  assert.equal(await s.api(`http_tryget ${url}`), path)
  assert.equal(await s.api(`http_get {refresh=true}${url}`), path)
  assert.equal(site.asked.length, 2)
  assert.equal(await s.api(`http_remove_cache ${url}`), '+OK\n')
  assert.equal(await s.api(`http_prefetch ${url}`), '+OK\n')
  assert.equal(await s.api(`http_get ${url}`), path)
  assert.equal(site.asked.length, 3)
  assert.equal(await s.api('http_clear_cache'), '+OK\n')
  assert.equal(await s.api(`http_tryget ${url}`), '-ERR DOWNLOAD_NEEDED\n')
  const file = join(folder.path, 'up.wav')
  await writeFile(file, 'mine')
  assert.equal(await s.api(`http_put ${site.url}/up.wav ${file}`), '+OK 201\n')
  assert.deepEqual(sent, ['mine'])
  assert.equal(await s.api('http_get'), 'USAGE: {param=val}<url>\n')
})

test('a URL is played like a file; a scheme that nobody brings says so', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'a.wav')
  const sink = await openForWriting(path, 8000)
  sink.write(sine(620, 8000, 8000))
  await sink.close()
  const content = await readFile(path)
  await using site = await web((_request, reply) => {
    reply.setHeader('content-type', 'audio/wav')
    reply.end(content)
  })
  await using engine = await startEngine()
  const cache = new HttpCache(options(join(folder.path, 'cache')))
  const a = await phone(engine)
  await using peer = a.peer
  const bare = a.leg.play({ paths: [`${site.url}/sound`] })
  const { ended, reason } = await bare.ended
  assert.equal(ended, 'not found')
  assert.match(reason ?? '', /mod_http_cache/)
  engine.fetchers.set('http', (scheme, rest) => cache.get(`${scheme}://${rest}`))
  const playback = a.leg.play({ paths: [`${site.url}/sound`, `{vol=-3}${site.url}/sound`] })
  assert.equal((await playback.ended).samples, 16000)
  await peer.until(100)
  assert.ok(cleanest(620, peer.heard()) > 0.95)
  assert.equal(site.asked.length, 1)
})
