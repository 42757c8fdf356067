/** One GET or PUT over HTTP(S), with bounds on time and size. */
import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import {
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as plain,
} from 'node:http'
import { request as secure } from 'node:https'
import { pipeline } from 'node:stream/promises'
import { SwitchError } from '../../base/errors.ts'

export interface HttpLimits {
  readonly connectSeconds: number
  readonly totalSeconds: number
  /** Octets of a body. */
  readonly mostOctets: number
  /** Certificates of authorities, PEM; undefined: those that node knows. */
  readonly authorities: string | undefined
  readonly verifiesPeer: boolean
  readonly verifiesHost: boolean
}

export interface HttpReply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Octets stored; none unless the status is 2xx. */
  readonly octets: number
}

const mostRedirects = 5

function open(
  url: URL,
  method: string,
  headers: Readonly<Record<string, string>>,
  limits: HttpLimits,
  signal: AbortSignal,
): ClientRequest {
  const isSecure = url.protocol === 'https:'
  if (!isSecure && url.protocol !== 'http:')
    throw new SwitchError('FILE_BAD', `${url.protocol}// is neither http nor https`)
  const { username, password } = url
  const auth =
    username === ''
      ? {}
      : { auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}` }
  const tls = isSecure
    ? {
        rejectUnauthorized: limits.verifiesPeer,
        ...(limits.authorities === undefined ? {} : { ca: limits.authorities }),
        ...(limits.verifiesHost ? {} : { checkServerIdentity: () => undefined }),
      }
    : {}
  const request = (isSecure ? secure : plain)(url, { method, headers, signal, ...auth, ...tls })
  const timer = setTimeout(() => {
    request.destroy(new Error(`no connection within ${limits.connectSeconds} s`))
  }, limits.connectSeconds * 1000)
  request.once('socket', (socket) => {
    const done = () => clearTimeout(timer)
    if (socket.connecting) socket.once(isSecure ? 'secureConnect' : 'connect', done)
    else done()
  })
  request.once('close', () => clearTimeout(timer))
  return request
}

function replyTo(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve)
    request.once('error', reject)
  })
}

/** Runs `work` with a signal that ends it when its time is up. */
async function within<T>(
  limits: HttpLimits,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController()
  const timer = setTimeout(() => ending.abort(), limits.totalSeconds * 1000)
  try {
    return await work(ending.signal)
  } catch (thrown) {
    if (ending.signal.aborted) throw new Error(`not finished within ${limits.totalSeconds} s`)
    throw thrown
  } finally {
    clearTimeout(timer)
  }
}

/** Stores what a URL names in a file. Follows redirections; throws plain errors when nothing comes or too much. */
export function download(
  url: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  limits: HttpLimits,
): Promise<HttpReply> {
  return within(limits, async (signal) => {
    let target = new URL(url)
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const request = open(target, 'GET', headers, limits, signal)
      request.end()
      const reply = await replyTo(request)
      const status = reply.statusCode ?? 0
      const { location } = reply.headers
      if (status >= 301 && status <= 308 && status !== 304 && location !== undefined) {
        reply.destroy()
        target = new URL(location, target)
        continue
      }
      if (status < 200 || status > 299) {
        reply.resume()
        return { status, headers: reply.headers, octets: 0 }
      }
      return { status, headers: reply.headers, octets: await store(reply, path, limits, signal) }
    }
    throw new Error(`more than ${mostRedirects} redirections`)
  })
}

async function store(
  reply: IncomingMessage,
  path: string,
  limits: HttpLimits,
  signal: AbortSignal,
): Promise<number> {
  const most = limits.mostOctets
  const told = Number(reply.headers['content-length'] ?? 0)
  if (told > most) {
    reply.destroy()
    throw new Error(`${told} octets are more than the ${most} that are allowed`)
  }
  let octets = 0
  await pipeline(
    reply,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        octets += chunk.length
        if (octets > most) throw new Error(`more than the ${most} octets that are allowed`)
        yield chunk
      }
    },
    createWriteStream(path),
    { signal },
  )
  return octets
}

/** Sends a file; the status of the reply. */
export function upload(
  url: string,
  path: string,
  contentType: string,
  limits: HttpLimits,
): Promise<number> {
  return within(limits, async (signal) => {
    const { size } = await stat(path)
    const headers = { 'content-type': contentType, 'content-length': String(size) }
    const request = open(new URL(url), 'PUT', headers, limits, signal)
    const reply = replyTo(request)
    await Promise.race([reply, pipeline(createReadStream(path), request, { signal })])
    const answered = await reply
    answered.resume()
    return answered.statusCode ?? 0
  })
}
