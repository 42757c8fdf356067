/** Posts records to a web server: one try at a time, the next address after a failure. */
import { readFileSync } from 'node:fs'
import {
  type ClientRequestArgs,
  Agent as HttpAgent,
  type IncomingMessage,
  request,
} from 'node:http'
import { Agent as HttpsAgent, request as secureRequest } from 'node:https'
import { SwitchError } from '../../base/errors.ts'
import { answerChallenge, basic } from './authorization.ts'
import type { Encoding, PostSettings } from './settings.ts'

/** At the end of the server an answer has so long, ms. */
const lastPostMs = 5000

/** The body of a POST. */
export function bodyOf(text: string, encoding: Encoding): string {
  switch (encoding) {
    case 'form':
      // A lone half of a surrogate pair has no UTF-8: it is sent as what stands for such.
      return `cdr=${encodeURIComponent(Buffer.from(text).toString())}`
    case 'base64':
      return `cdr=${Buffer.from(text).toString('base64')}`
    case 'plain form':
      return `cdr=${text}`
    case 'bare':
      return text
  }
}

export class Poster implements Disposable {
  readonly #settings: PostSettings
  readonly #agents: { readonly http: HttpAgent; readonly https: HttpsAgent }
  /** The address that worked last. */
  #current = 0

  /** Throws SwitchError CDR_TLS_FILE when a certificate cannot be read. */
  constructor(settings: PostSettings) {
    this.#settings = settings
    const { certificate, key, passphrase, authorities, checksCertificate, checksName } =
      settings.tls
    const options = { keepAlive: true, maxSockets: 1 }
    this.#agents = {
      http: new HttpAgent(options),
      https: new HttpsAgent({
        ...options,
        ...(certificate ? { cert: fileText(certificate) } : {}),
        ...(key ? { key: fileText(key), passphrase } : {}),
        ...(authorities ? { ca: fileText(authorities) } : {}),
        rejectUnauthorized: checksCertificate,
        ...(checksName ? {} : { checkServerIdentity: () => undefined }),
      }),
    }
  }

  /** The address that is tried next. */
  get url(): URL {
    const { urls } = this.#settings
    return urls[this.#current] ?? (urls[0] as URL)
  }

  /**
   * One try. Throws when the answer is no 2xx or does not come; the next try is to the next address. When `ending` aborts, an
   * answer has only a little while left.
   */
  async post(body: string, uuid: string, ending: AbortSignal): Promise<void> {
    const { credentials, schemes } = this.#settings
    const url = new URL(this.url)
    url.search += `${url.search ? '&' : '?'}uuid=${encodeURIComponent(uuid)}`
    try {
      const isKnown = credentials !== undefined && !schemes.has('digest')
      const first = await this.#send(url, body, ending, isKnown ? basic(credentials) : undefined)
      let { status } = first
      if (status === 401 && credentials && !isKnown) {
        const uri = url.pathname + url.search
        const answer = answerChallenge(first.challenges, schemes, credentials, 'POST', uri)
        if (answer) status = (await this.#send(url, body, ending, answer)).status
      }
      if (status < 200 || status > 299)
        throw new SwitchError('CDR_POST_REFUSED', `the web server answers ${status}`)
    } catch (thrown) {
      this.#current = (this.#current + 1) % this.#settings.urls.length
      throw thrown
    }
  }

  #send(
    url: URL,
    body: string,
    ending: AbortSignal,
    authorization: string | undefined,
  ): Promise<{ status: number; challenges: readonly string[] }> {
    const isSecure = url.protocol === 'https:'
    const options: ClientRequestArgs = {
      method: 'POST',
      agent: isSecure ? this.#agents.https : this.#agents.http,
      headers: {
        'Content-Type': this.#settings.contentType,
        'Content-Length': Buffer.byteLength(body),
        'User-Agent': this.#settings.agent,
        Accept: '*/*',
        ...(authorization === undefined ? {} : { Authorization: authorization }),
      },
    }
    return new Promise((resolve, reject) => {
      const sending = (isSecure ? secureRequest : request)(url, options)
      const giveUp = () => sending.destroy(new SwitchError('CDR_POST_TIMEOUT', 'no answer in time'))
      // For all of it, however slowly something comes.
      const { timeoutMs } = this.#settings
      let timer = setTimeout(giveUp, ending.aborted ? Math.min(lastPostMs, timeoutMs) : timeoutMs)
      const hurry = () => {
        clearTimeout(timer)
        timer = setTimeout(giveUp, lastPostMs)
      }
      ending.addEventListener('abort', hurry)
      const finish = () => {
        clearTimeout(timer)
        ending.removeEventListener('abort', hurry)
      }
      sending.on('error', (thrown) => {
        finish()
        reject(thrown)
      })
      sending.on('response', (response: IncomingMessage) => {
        // The page means nothing here; it is read so that the connection can be used again.
        response.resume()
        response.on('error', () => {})
        response.on('close', () => {
          finish()
          resolve({
            status: response.statusCode ?? 0,
            challenges: response.headersDistinct['www-authenticate'] ?? [],
          })
        })
      })
      sending.end(body)
    })
  }

  [Symbol.dispose](): void {
    this.#agents.http.destroy()
    this.#agents.https.destroy()
  }
}

function fileText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    throw new SwitchError('CDR_TLS_FILE', `${path}: ${(thrown as Error).message}`)
  }
}
