/** A web server that takes what is posted to it, and answers as a test wants. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { until } from './until.ts'

export interface Posted {
  readonly url: string
  readonly type: string
  readonly authorization: string
  readonly agent: string
  readonly body: string
}

export interface PostServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly address: string
  readonly posted: Posted[]
  /** How each is answered; default: 200. */
  answer: (post: Posted, response: ServerResponse) => void
  /** Resolves when so many have come. */
  came(count: number): Promise<readonly Posted[]>
}

export async function startPostServer(
  tls?: { readonly key: string; readonly cert: string },
  port = 0,
): Promise<PostServer> {
  const posted: Posted[] = []
  const take = (request: IncomingMessage, response: ServerResponse) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (text: string) => {
      body += text
    })
    request.on('end', () => {
      const { headers, url = '' } = request
      const post = {
        url,
        type: headers['content-type'] ?? '',
        authorization: headers.authorization ?? '',
        agent: headers['user-agent'] ?? '',
        body,
      }
      posted.push(post)
      server.answer(post, response)
    })
  }
  const http = tls ? createSecureServer(tls, take) : createServer(take)
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve))
  const server: PostServer = {
    address: `${tls ? 'https' : 'http'}://127.0.0.1:${(http.address() as AddressInfo).port}`,
    posted,
    answer: (_post, response) => void response.end('ok'),
    async came(count) {
      await until(
        () => posted.length >= count,
        `${count} posts`,
        () => posted.length,
      )
      return posted
    },
    async [Symbol.asyncDispose]() {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
  return server
}
