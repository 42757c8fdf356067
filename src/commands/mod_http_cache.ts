/** mod_http_cache: sounds from the web, played from copies on disk, and the commands that look after the copies. */
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import { upload } from '../core/http-cache/download.ts'
import { contentTypeOf } from '../core/http-cache/freshness.ts'
import { HttpCache } from '../core/http-cache/http-cache.ts'
import { type HttpCacheSettings, readHttpCacheSettings } from '../core/http-cache/settings.ts'
import type { Command, CommandContext, Module } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'
import type { Switch } from '../core/switch.ts'
import { isTrue } from '../core/variables.ts'

const log = logger('commands/http_cache')

interface Loaded {
  readonly cache: HttpCache
  readonly settings: HttpCacheSettings
}

const loaded = new WeakMap<Switch, Loaded>()

/** `{refresh=true}http://…`: the parameters and the URL. */
function split(args: string): [parameters: ReadonlyMap<string, string>, url: string] {
  const match = /^\s*\{([^}]*)\}\s*(.*)$/s.exec(args)
  if (!match) return [new Map(), args.trim()]
  const pairs = (match[1] ?? '').split(',').map((pair) => pair.split('='))
  const parameters = new Map(
    pairs.map(([name = '', ...value]) => [name.trim().toLowerCase(), value.join('=').trim()]),
  )
  return [parameters, (match[2] ?? '').trim()]
}

const getSyntax = '{param=val}<url>'

async function get(args: string, { sw }: CommandContext): Promise<string> {
  if (args === '') return `USAGE: ${getSyntax}\n`
  const [parameters, url] = split(args)
  const cache = loaded.get(sw)?.cache
  if (!cache) return '-ERR\n'
  if (isTrue(parameters.get('prefetch') ?? '')) return cache.prefetch(url) ? '+OK\n' : '-ERR\n'
  try {
    return await cache.get(url, isTrue(parameters.get('refresh') ?? ''))
  } catch (thrown) {
    log.warning(reasonOf(thrown))
    return '-ERR\n'
  }
}

const commands: readonly Command[] = [
  { name: 'http_get', syntax: getSyntax, about: 'HTTP GET', run: get },
  {
    name: 'http_tryget',
    syntax: getSyntax,
    about: 'HTTP GET from cache only',
    async run(args, { sw }) {
      if (args === '') return `USAGE: ${getSyntax}\n`
      try {
        const path = await loaded.get(sw)?.cache.lookUp(split(args)[1])
        return path ?? '-ERR DOWNLOAD_NEEDED\n'
      } catch (thrown) {
        log.warning(reasonOf(thrown))
        return '-ERR\n'
      }
    },
  },
  {
    name: 'http_prefetch',
    syntax: getSyntax,
    about: 'Prefetch document in a background thread.  Use http_get to get the prefetched document',
    run(args, { sw }) {
      if (args === '') return `USAGE: ${getSyntax}\n`
      const isQueued = loaded.get(sw)?.cache.prefetch(split(args)[1]) === true
      if (!isQueued) log.warning(`${args}: too many prefetches wait already`)
      return isQueued ? '+OK\n' : '-ERR\n'
    },
  },
  {
    name: 'http_put',
    syntax: '{param=val}<url> <file>',
    about: 'HTTP PUT',
    async run(args, { sw }) {
      const [url = '', path] = separate(split(args)[1], ' ', 3)
      if (path === undefined) return 'USAGE: {param=val}<url> <file>\n'
      const settings = loaded.get(sw)?.settings
      if (!settings) return '-ERR\n'
      try {
        const status = await upload(url, path, contentTypeOf(path), settings)
        return `${status >= 200 && status <= 299 ? '+OK' : '-ERR'} ${status}\n`
      } catch (thrown) {
        log.warning(`${url}: ${reasonOf(thrown)}`)
        return '-ERR 0\n'
      }
    },
  },
  {
    name: 'http_clear_cache',
    syntax: '',
    about: 'Clear the cache',
    async run(args, { sw }) {
      if (args !== '') return 'USAGE: \n'
      await loaded.get(sw)?.cache.clear()
      return '+OK\n'
    },
  },
  {
    name: 'http_remove_cache',
    syntax: '<url>',
    about: 'Remove URL from cache',
    async run(args, { sw }) {
      if (args === '') return 'USAGE: <url>\n'
      try {
        await loaded.get(sw)?.cache.remove(split(args)[1])
        return '+OK\n'
      } catch (thrown) {
        return `-ERR ${reasonOf(thrown)}\n`
      }
    },
  },
]

export const module: Module = {
  name: 'mod_http_cache',
  commands,
  formats: ['http_cache'],
  start(sw) {
    const settings = readHttpCacheSettings(sw)
    const cache = new HttpCache(settings)
    loaded.set(sw, { cache, settings })
    const schemes = ['http_cache', ...(settings.playsHttp ? ['http', 'https'] : [])]
    for (const scheme of schemes)
      sw.media.fetchers.set(scheme, (_scheme, rest, parameters) => {
        // http_cache:// is followed by a whole URL, or by one without its scheme.
        const isWhole = /^https?:\/\//i.test(rest)
        const url = isWhole ? rest : `${scheme === 'http_cache' ? 'http' : scheme}://${rest}`
        const isFresh =
          isTrue(parameters.get('refresh') ?? '') || parameters.get('cache') === 'false'
        return cache.get(url, isFresh)
      })
    return Promise.resolve({
      [Symbol.asyncDispose]: () => {
        for (const scheme of schemes) sw.media.fetchers.delete(scheme)
        cache.close()
        loaded.delete(sw)
        return Promise.resolve()
      },
    })
  },
}
