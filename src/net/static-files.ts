/** Serves the files of one folder, and nothing outside it. */
import { createReadStream, realpathSync, type Stats } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { answerPlain, type IncomingMessage, type ServerResponse } from './http-server.ts'

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.htm': 'text/html; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.mp3': 'audio/mpeg',
  '.ogg': 'audio/ogg',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.wav': 'audio/wav',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}

/**
 * The path below the folder that a request names, with `/` as separator; undefined for one that would lead out of it or names a
 * hidden file.
 */
function pathOfUrl(url: string): string | undefined {
  let path: string
  try {
    path = decodeURIComponent(url.split(/[?#]/, 1)[0] ?? '')
  } catch {
    return undefined
  }
  if (!path.startsWith('/') || /[\\\0]/.test(path)) return undefined
  const parts = path.split('/').slice(1)
  return parts.some((part) => part.startsWith('.')) ? undefined : parts.join('/')
}

export class StaticFiles {
  readonly root: string
  readonly #index: string

  /** `root` must be a folder that is there. */
  constructor(root: string, index = 'index.html') {
    this.root = realpathSync(root)
    this.#index = index
  }

  /** Answers a request: 200, 304, or why not. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method } = request
    if (method !== 'GET' && method !== 'HEAD')
      return answerPlain(response, 405, { Allow: 'GET, HEAD' })
    const path = pathOfUrl(request.url ?? '')
    const found = path === undefined ? undefined : await this.#find(path)
    if (!found) return answerPlain(response, 404)
    const { file, stats } = found
    const tag = `"${stats.size.toString(16)}-${Math.trunc(stats.mtimeMs).toString(16)}"`
    response.setHeader('ETag', tag)
    response.setHeader('Last-Modified', stats.mtime.toUTCString())
    response.setHeader('Cache-Control', 'no-cache')
    if (request.headers['if-none-match'] === tag) return void response.writeHead(304).end()
    response.writeHead(200, {
      'Content-Type': types[extname(file).toLowerCase()] ?? 'application/octet-stream',
      'Content-Length': stats.size,
    })
    if (method === 'HEAD') return void response.end()
    const stream = createReadStream(file)
    stream.on('error', () => response.destroy())
    response.on('close', () => stream.destroy())
    stream.pipe(response)
  }

  async #find(path: string): Promise<{ file: string; stats: Stats } | undefined> {
    try {
      let file = await realpath(join(this.root, path))
      let stats = await stat(file)
      if (stats.isDirectory()) {
        file = await realpath(join(file, this.#index))
        stats = await stat(file)
      }
      // A link must not lead out either.
      const isInside = file.startsWith(this.root + sep)
      return isInside && stats.isFile() ? { file, stats } : undefined
    } catch {
      return undefined
    }
  }
}
