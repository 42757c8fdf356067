/** What xml_cdr.conf, json_cdr.conf and the profiles of format_cdr.conf say: whose calls, how they look, and where they go. */
import { isAbsolute, join } from 'node:path'
import { logger } from '../../base/log.ts'
import type { Setting, Values } from '../../core/settings.ts'
import { readSettings } from '../../core/settings.ts'
import type { Switch } from '../../core/switch.ts'
import { isTrue } from '../../core/variables.ts'
import type { XmlNode } from '../../xml/node.ts'
import { type AuthScheme, readAuthSchemes } from './authorization.ts'

const log = logger('sinks/cdr')

export type RecordForm = 'xml' | 'json'
/** How the body of a POST looks. */
export type Encoding = 'form' | 'base64' | 'plain form' | 'bare'

export interface DocumentSettings {
  /** `xml_cdr`, `format_cdr/default`: in the log and in `counters`. */
  readonly name: string
  readonly form: RecordForm
  /** Percent-encoded values of variables in JSON; in XML they always are. */
  readonly encodesValues: boolean
  readonly recordsBLeg: boolean
  readonly prefixesALeg: boolean
  /** The variable that names another folder for a call. */
  readonly folderVariable: string
  /** Undefined: nothing is kept on disk but what could not be posted. */
  readonly folder: string | undefined
  /** The name of the file, with `${variables}`; undefined: the uuid. */
  readonly file: string | undefined
  /** Tried in turn for records that could not be posted; none: those are lost. */
  readonly errorFolders: readonly string[]
  readonly keepsWhatIsPosted: boolean
  /** SIGHUP begins new folders, named by the time. */
  readonly rotates: boolean
  /** Records that may wait to be posted. */
  readonly capacity: number
  readonly post: PostSettings | undefined
}

export interface PostSettings {
  readonly urls: readonly URL[]
  readonly encoding: Encoding
  readonly contentType: string
  readonly agent: string
  /** The uuid in the address has the prefix of the A-leg. */
  readonly prefixesUuid: boolean
  readonly credentials: { readonly user: string; readonly password: string } | undefined
  readonly schemes: ReadonlySet<AuthScheme>
  /** Further tries after the first one. */
  readonly retries: number
  readonly delayMs: number
  readonly timeoutMs: number
  readonly tls: {
    readonly certificate: string
    readonly key: string
    readonly passphrase: string
    readonly authorities: string
    readonly checksCertificate: boolean
    readonly checksName: boolean
  }
}

const mostUrls = 20
/** A web server that takes a connection and says nothing is not waited for without end. */
const usualTimeoutSeconds = 30
const usualDelaySeconds = 5

function table(isXml: boolean): readonly Setting[] {
  const no = { type: 'boolean', default: 'false' } as const
  return [
    { name: 'format', type: 'text', oneOf: ['xml', 'json'], about: 'of format_cdr: what is made' },
    { name: 'url', type: 'text', about: 'where records are posted; several are tried in turn' },
    { name: 'cred', type: 'text', about: 'user:password for it' },
    { name: 'auth-scheme', type: 'text', default: 'basic', about: 'basic, digest, any' },
    { name: 'retries', type: 'number', default: '0', about: 'tries after the first one' },
    { name: 'delay', type: 'number', default: '0', about: 's between two tries' },
    { name: 'timeout', type: 'number', default: '0', about: 's for one' },
    { name: 'encode', type: 'text', default: 'false', about: 'true, base64, textxml, false' },
    { name: 'encode-values', type: 'boolean', default: 'true', about: 'in JSON' },
    { name: 'log-http-and-disk', ...no, about: 'what is posted goes to log-dir too' },
    { name: 'log-errors-to-disk', type: 'boolean', default: 'true', about: 'to err-log-dir' },
    { name: 'log-dir', type: 'text', about: 'a folder, below the log folder unless absolute' },
    { name: 'log-file', type: 'text', about: 'of format_cdr: the name of the file' },
    { name: 'err-log-dir', type: 'text', about: 'for what could not be posted' },
    { name: 'log-b-leg', type: 'boolean', default: 'true', about: 'records of who was called' },
    { name: 'prefix-a-leg', ...no, about: 'a_ before the uuid of who called' },
    { name: 'rotate', ...no, about: 'SIGHUP begins new folders' },
    { name: 'queue-capacity', type: 'number', default: '5000', about: 'records that may wait' },
    { name: 'enable-cacert-check', ...no, about: 'the certificate of https must be a valid one' },
    { name: 'enable-ssl-verifyhost', ...no, about: 'and be of that host' },
    { name: 'ssl-cert-path', type: 'text', about: 'our own certificate, PEM' },
    { name: 'ssl-key-path', type: 'text', about: 'its key' },
    { name: 'ssl-key-password', type: 'text', about: 'of the key' },
    { name: 'ssl-cacert-file', type: 'text', about: 'who signs valid certificates, PEM' },
    { name: 'ssl-version', type: 'text', ignored: true, about: 'it is always TLS 1.2 or newer' },
    { name: 'cookie-file', type: 'text', ignored: true, about: 'cookies are not kept' },
    {
      name: 'disable-100-continue',
      type: 'boolean',
      ignored: true,
      about: 'it is never asked for',
    },
  ].filter(({ name }) => isXml || name !== 'cookie-file') as readonly Setting[]
}

export interface DocumentKind {
  /** `xml_cdr`: also the folder below the log folder. */
  readonly kind: 'xml_cdr' | 'json_cdr' | 'format_cdr'
  readonly name: string
  readonly agent: string
  /** Undefined: `format` says it. */
  readonly form: RecordForm | undefined
}

export function readDocumentSettings(
  sw: Switch,
  node: XmlNode | undefined,
  kind: DocumentKind,
): DocumentSettings {
  const values = readSettings(node, table(kind.kind !== 'json_cdr'))
  const form = kind.form ?? (values.text('format') === 'json' ? 'json' : 'xml')
  if (!kind.form && !values.text('format')) log.err(`${kind.name} has no format; xml is used`)
  const base = sw.globals.get('log_dir') ?? '.'
  const whole = (path: string) => (isAbsolute(path) ? path : join(base, path || kind.kind))
  const given = values.maybe('log-dir')
  const folder = given === undefined ? undefined : whole(given)
  const errors = values.all('err-log-dir').map(whole)
  const post = readPost(values, kind, form)
  if (!post && folder === undefined)
    log.warning(`${kind.name} has neither url nor log-dir: only calls that name a folder are kept`)
  return {
    name: kind.name,
    form,
    encodesValues: values.boolean('encode-values'),
    recordsBLeg: values.boolean('log-b-leg'),
    prefixesALeg: values.boolean('prefix-a-leg'),
    folderVariable: `${kind.kind}_base`,
    folder,
    file: values.maybe('log-file') || undefined,
    errorFolders: !values.boolean('log-errors-to-disk')
      ? []
      : errors.length > 0
        ? errors
        : [folder ?? whole('')],
    keepsWhatIsPosted: values.boolean('log-http-and-disk'),
    rotates: values.boolean('rotate'),
    capacity: Math.max(1, values.number('queue-capacity')),
    post,
  }
}

function readPost(values: Values, kind: DocumentKind, form: RecordForm): PostSettings | undefined {
  const urls = values.all('url').flatMap((text) => urlOf(text, kind.name))
  if (urls.length > mostUrls) log.err(`${kind.name}: only the first ${mostUrls} urls are used`)
  if (urls.length === 0) return undefined
  const [encoding, contentType] = encodingOf(values.text('encode'), form)
  const retries = Math.max(0, Math.trunc(values.number('retries')))
  const timeout = values.number('timeout')
  if (timeout < 0) log.err(`${kind.name}: timeout="${timeout}" is no length of time`)
  const cred = values.text('cred')
  const colon = cred.indexOf(':')
  return {
    urls: urls.slice(0, mostUrls),
    encoding,
    contentType,
    agent: kind.agent,
    prefixesUuid: kind.kind !== 'json_cdr',
    credentials: cred
      ? {
          user: colon < 0 ? cred : cred.slice(0, colon),
          password: colon < 0 ? '' : cred.slice(colon + 1),
        }
      : undefined,
    schemes: readAuthSchemes(values.text('auth-scheme'), kind.name),
    retries,
    delayMs: (values.number('delay') || usualDelaySeconds) * 1000,
    timeoutMs: (timeout > 0 ? timeout : usualTimeoutSeconds) * 1000,
    tls: {
      certificate: values.text('ssl-cert-path'),
      key: values.text('ssl-key-path'),
      passphrase: values.text('ssl-key-password'),
      authorities: values.text('ssl-cacert-file'),
      checksCertificate: values.boolean('enable-cacert-check'),
      checksName: values.boolean('enable-ssl-verifyhost'),
    },
  }
}

function urlOf(text: string, name: string): URL[] {
  if (text.trim() === '') return []
  try {
    const url = new URL(text.trim())
    if (/^https?:$/.test(url.protocol)) return [url]
  } catch {
    // Told below.
  }
  log.err(`${name}: url="${text}" is neither http:// nor https://; left out`)
  return []
}

function encodingOf(word: string, form: RecordForm): [Encoding, contentType: string] {
  const encode = word.toLowerCase()
  const type = (kind: string) => `application/x-www-form-${kind}`
  if (encode === 'base64') return ['base64', type('base64-encoded')]
  if (encode === 'textxml') return ['bare', 'text/xml']
  if (encode === 'appljson') return ['bare', 'application/json']
  if (isTrue(encode)) return ['form', type('urlencoded')]
  return form === 'json' ? ['bare', 'application/json'] : ['plain form', type('plaintext')]
}
