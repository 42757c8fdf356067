/** What a server on this machine leaves in its data folder for consoles: where its event socket is, and the password. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SwitchError } from '../base/errors.ts'

/** The file in the data folder; readable by its owner only. */
const localServerFile = 'event_socket.json'

export interface LocalServer {
  /** An address to connect to, never a wildcard. */
  readonly host: string
  readonly port: number
  readonly password: string
}

/** Undefined when there is no such file; throws CLI_LOCAL_SERVER when there is one that cannot be used. */
export function readLocalServer(dataFolder: string): LocalServer | undefined {
  const file = join(dataFolder, localServerFile)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    const why = code === 'EACCES' ? 'it belongs to another user: give the password with -p' : code
    throw new SwitchError('CLI_LOCAL_SERVER', `${file} cannot be read: ${why}`)
  }
  return parseLocalServer(text, file)
}

export function parseLocalServer(text: string, file: string): LocalServer {
  const bad = (why: string) => new SwitchError('CLI_LOCAL_SERVER', `${file}: ${why}`)
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw bad('not JSON')
  }
  if (typeof parsed !== 'object' || parsed === null) throw bad('not an object')
  const { host, port, password } = parsed as Record<string, unknown>
  if (typeof host !== 'string') throw bad('"host" is missing')
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65535) {
    throw bad('"port" is not a port')
  }
  if (typeof password !== 'string') throw bad('"password" is missing')
  return { host: reachable(host), port, password }
}

/** A server that listens everywhere is reached at the loopback address. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '') return '127.0.0.1'
  return host === '::' ? '::1' : host
}

const loopback = /^(localhost|127\.[0-9.]+|::1)$/

/** Whether two names mean the same listener of this machine, as far as names tell. */
export function isSameHost(one: string, other: string): boolean {
  return one === other || (loopback.test(one) && loopback.test(other))
}
