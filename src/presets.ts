/** What the server itself tells a configuration: paths, addresses, and passwords that it makes at the first start. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { reasonOf, SwitchError } from './base/errors.ts'
import { localIpv4, localIpv6, maskOf } from './net/local-address.ts'

export interface Folders {
  readonly base: string
  readonly conf: string
  readonly data: string
  readonly sounds: string
}

/** Global variables by name, before any file is read. Throws SwitchError DATA_NOT_WRITABLE. */
export async function presetVariables(folders: Folders): Promise<Map<string, string>> {
  const data = (name: string) => join(folders.data, name)
  const ipv4 = await localIpv4()
  return new Map([
    ['hostname', hostname()],
    ['local_ip_v4', ipv4],
    ['local_mask_v4', maskOf(ipv4)],
    ['local_ip_v6', await localIpv6()],
    ['base_dir', folders.base],
    ['conf_dir', folders.conf],
    ['data_dir', folders.data],
    ['localstate_dir', folders.data],
    ['sounds_dir', folders.sounds],
    ['log_dir', data('log')],
    ['run_dir', data('run')],
    ['db_dir', data('db')],
    ['recordings_dir', data('recordings')],
    ['storage_dir', data('storage')],
    ['cache_dir', data('cache')],
    ['certs_dir', data('certs')],
    ['temp_dir', data('tmp')],
    ['mod_dir', join(folders.base, 'src')],
    ['script_dir', join(folders.base, 'scripts')],
    ['htdocs_dir', join(folders.base, 'src', 'web')],
    ['grammar_dir', join(folders.base, 'sounds')],
    ['fonts_dir', join(folders.base, 'sounds')],
    ['images_dir', join(folders.base, 'sounds')],
    ['zrtp_enabled', 'false'],
    ['nat_type', 'none'],
    ['default_password', secret(folders.data, 'default_password', 10)],
    ['event_socket_password', secret(folders.data, 'event_socket_password', 24)],
  ])
}

/** Makes the folders that the server writes to. */
export function makeFolders(dataDir: string): void {
  for (const name of ['', 'log', 'run', 'db', 'recordings', 'storage', 'cache', 'certs', 'tmp']) {
    const folder = join(dataDir, name)
    try {
      mkdirSync(folder, { recursive: true, mode: 0o750 })
    } catch (thrown) {
      throw notWritable(folder, thrown)
    }
  }
}

/** No 0/O and 1/l: people type these. */
const letters = 'abcdefghijkmnpqrstuvwxyz23456789'

/** A generated password that stays the same from then on; the file is its owner's alone. */
function secret(dataDir: string, name: string, length: number): string {
  const file = join(dataDir, name)
  try {
    if (existsSync(file)) {
      const kept = readFileSync(file, 'utf8').trim()
      if (kept) return kept
    }
    const made = Array.from(randomBytes(length), (byte) => letters[byte % letters.length]).join('')
    writeFileSync(file, `${made}\n`, { mode: 0o600 })
    return made
  } catch (thrown) {
    throw notWritable(file, thrown)
  }
}

function notWritable(path: string, thrown: unknown): SwitchError {
  return new SwitchError(
    'DATA_NOT_WRITABLE',
    `cannot write ${path} (${reasonOf(thrown)}); choose another place with --data or change its owner`,
  )
}
