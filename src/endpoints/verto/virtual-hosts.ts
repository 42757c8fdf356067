/** Pages of a profile (`<vhosts>`): folders of files, with or without a password, and other paths for some of them. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { placeText, reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { compilePattern } from '../../core/regex/regex.ts'
import { text } from '../../core/setting-words.ts'
import { readSettings, type Setting } from '../../core/settings.ts'
import {
  answerPlain,
  type IncomingMessage,
  plainAddress,
  type ServerResponse,
} from '../../net/http-server.ts'
import { StaticFiles } from '../../net/static-files.ts'
import type { XmlNode } from '../../xml/node.ts'
import { child, children } from '../../xml/query.ts'
import { isSame } from './login.ts'
import type { VertoProfile } from './profile.ts'

const log = logger('verto/pages')

const settings: readonly Setting[] = [
  text('alias', undefined, 'another name of the host'),
  text('root', undefined, 'the folder; default the htdocs_dir of the server'),
  text('index', 'index.html', 'the page of a folder'),
  text('auth-realm', undefined, 'pages need a password when this is set'),
  text('auth-user', undefined, 'who may see them'),
  text('auth-pass', undefined, 'the password'),
  { ...text('script-root', undefined, 'no scripts are run here'), ignored: true },
]

/** What the folder of our own pages has. */
const ours = ['index.html', 'operator/index.html']

interface Host {
  readonly names: readonly string[]
  readonly root: string
  readonly files: StaticFiles | undefined
  readonly realm: string
  readonly user: string
  readonly password: string
  readonly rewrites: readonly {
    readonly matches: (url: string) => boolean
    readonly target: string
  }[]
}

export class VirtualHosts {
  readonly #profile: VertoProfile
  readonly #hosts: readonly Host[]

  constructor(profile: VertoProfile, node: XmlNode) {
    this.#profile = profile
    const { sw } = profile.verto
    this.#hosts = children(child(node, 'vhosts'), 'vhost').flatMap((host) => {
      const domain = host.attributes.get('domain')
      if (!domain) {
        log.err(`${placeText(host.place)}: a vhost without domain is left out`)
        return []
      }
      return [readHost(domain, host, sw.globals.get('htdocs_dir') ?? '')]
    })
  }

  get isEmpty(): boolean {
    return this.#hosts.length === 0
  }

  /** A host has the web phone and the operator's page, not some pages of somebody else. */
  get hasPhone(): boolean {
    return this.#hosts.some(({ root }) => ours.every((name) => existsSync(join(root, name))))
  }

  /** Name, folder and user of each, for `verto status`. */
  get faces(): readonly {
    readonly domain: string
    readonly root: string
    readonly user: string
  }[] {
    return this.#hosts.map(({ names, root, user }) => ({ domain: names[0] ?? '', root, user }))
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    const name = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase()
    const host = this.#hosts.find(({ names }) => names.includes(name)) ?? this.#hosts[0]
    if (!host?.files) return answerPlain(response, 404)
    const { verto } = this.#profile
    const from = plainAddress(request.socket)
    const retryAfter = host.realm === '' ? 0 : verto.logins.secondsLeft(from)
    if (retryAfter > 0) {
      verto.count('refused login rate')
      return answerPlain(response, 429, { 'Retry-After': String(retryAfter) })
    }
    if (host.realm !== '' && !isAllowed(host, request)) {
      // Browsers ask without a password first.
      if (request.headers.authorization !== undefined) {
        verto.count('refused login')
        verto.logins.failed(from)
        log.warning(`wrong password for the pages of ${host.names[0]} (${from})`)
      }
      return answerPlain(response, 401, {
        'WWW-Authenticate': `Basic realm="${host.realm.replace(/["\\\r\n]/g, '')}"`,
      })
    }
    const rule = host.rewrites.find(({ matches }) => matches(request.url ?? ''))
    if (rule) request.url = rule.target
    host.files.serve(request, response).catch((thrown: unknown) => {
      log.err(`${request.url}: ${reasonOf(thrown)}`)
      response.destroy()
    })
  }
}

function readHost(domain: string, node: XmlNode, htdocs: string): Host {
  const values = readSettings(node, settings)
  const root = values.text('root') || htdocs
  let files: StaticFiles | undefined
  try {
    files = new StaticFiles(root, values.text('index'))
  } catch {
    log.warning(`${placeText(node.place)}: there is no folder ${root}: ${domain} has no pages`)
  }
  return {
    names: [domain, values.text('alias')]
      .filter((name) => name !== '')
      .map((name) => name.toLowerCase()),
    root,
    files,
    realm: values.text('auth-realm'),
    user: values.text('auth-user'),
    password: values.text('auth-pass'),
    rewrites: rewritesOf(node),
  }
}

function rewritesOf(node: XmlNode): Host['rewrites'] {
  return children(child(node, 'rewrites'), 'rule').flatMap((rule) => {
    const expression = rule.attributes.get('expression') ?? ''
    const target = rule.attributes.get('value') ?? ''
    if (expression === '') return []
    try {
      const pattern = compilePattern(expression)
      return [{ matches: (url: string) => pattern.exec(url) !== undefined, target }]
    } catch (thrown) {
      log.err(`${placeText(rule.place)}: the rule is left out: ${reasonOf(thrown)}`)
      return []
    }
  })
}

function isAllowed({ user, password }: Host, request: IncomingMessage): boolean {
  const [, encoded = ''] = /^Basic\s+(\S+)$/i.exec(request.headers.authorization ?? '') ?? []
  const given = Buffer.from(encoded, 'base64').toString('utf8')
  return user !== '' && isSame(given, `${user}:${password}`)
}
