/** http_cache.conf.xml. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { placeText, reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { readSettings, type Setting } from '../settings.ts'
import type { Switch } from '../switch.ts'
import type { HttpCacheOptions } from './http-cache.ts'

const log = logger('core/http_cache')

// biome-ignore format: a table keeps its columns
const settings: readonly Setting[] = [
  { name: 'enable-file-formats', type: 'boolean', default: 'false', about: 'Plays http:// and https:// too, not only http_cache://' },
  { name: 'max-urls', type: 'number', default: '4000', about: 'Copies that are kept' },
  { name: 'max-megabytes', type: 'number', default: '1024', about: 'Size of all copies together' },
  { name: 'max-file-megabytes', type: 'number', default: '100', about: 'Size of one copy' },
  { name: 'location', type: 'text', about: 'Folder of the copies; default: http_cache in $${cache_dir}' },
  { name: 'default-max-age', type: 'number', default: '86400', about: 'Seconds that a copy is fresh where the server says nothing' },
  { name: 'prefetch-thread-count', type: 'number', default: '8', about: 'Copies that http_prefetch fetches at once' },
  { name: 'prefetch-queue-size', type: 'number', default: '100', about: 'Copies that may wait for http_prefetch' },
  { name: 'ssl-cacert', type: 'text', about: 'File with certificates of authorities; default: those of node' },
  { name: 'ssl-verifypeer', type: 'boolean', default: 'true', about: "Checks the server's certificate" },
  { name: 'ssl-verifyhost', type: 'boolean', default: 'true', about: "Checks the name in the server's certificate" },
  { name: 'connect-timeout', type: 'number', default: '300', about: 'Seconds until there is a connection' },
  { name: 'download-timeout', type: 'number', default: '300', about: 'Seconds until all of it is here' },
]

export interface HttpCacheSettings extends HttpCacheOptions {
  readonly playsHttp: boolean
}

const megabyte = 1024 * 1024

export function readHttpCacheSettings(sw: Switch): HttpCacheSettings {
  const node = sw.configuration('http_cache.conf')
  const values = readSettings(node, settings)
  for (const part of node?.children ?? [])
    if (part.name === 'profiles' && part.children.length > 0)
      log.warning(`${placeText(part.place)}: profiles (S3, Azure) are not supported here`)
  /** A number above 0, else its default. */
  const positive = (name: string): number => {
    const value = values.number(name)
    if (value > 0) return value
    const fallback = Number(settings.find((setting) => setting.name === name)?.default)
    log.err(`http_cache.conf: ${name} must be above 0; ${fallback} is used`)
    return fallback
  }
  return {
    playsHttp: values.boolean('enable-file-formats'),
    mostUrls: positive('max-urls'),
    mostTotal: positive('max-megabytes') * megabyte,
    mostOctets: positive('max-file-megabytes') * megabyte,
    folder: values.maybe('location') || join(sw.globals.get('cache_dir') ?? '', 'http_cache'),
    maxAge: positive('default-max-age'),
    prefetchesAtOnce: positive('prefetch-thread-count'),
    prefetchQueue: positive('prefetch-queue-size'),
    authorities: authorities(values.maybe('ssl-cacert')),
    verifiesPeer: values.boolean('ssl-verifypeer'),
    verifiesHost: values.boolean('ssl-verifyhost'),
    connectSeconds: positive('connect-timeout'),
    totalSeconds: positive('download-timeout'),
  }
}

function authorities(path: string | undefined): string | undefined {
  if (path === undefined || path === '') return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    log.info(`ssl-cacert: ${reasonOf(thrown)}; the authorities that node knows are used`)
    return undefined
  }
}
