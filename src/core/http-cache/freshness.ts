/** What the headers of a reply say about how long it may be kept, and what it is. */
import type { IncomingHttpHeaders } from 'node:http'
import { extname } from 'node:path'

/** Seconds that a reply stays fresh. Without a word of the server it is `otherwise`; `no-cache` and `no-store` are 0. */
export function freshSeconds(headers: IncomingHttpHeaders, otherwise: number, now: number): number {
  const control = (headers['cache-control'] ?? '').toLowerCase()
  if (/\bno-(cache|store)\b/.test(control)) return 0
  const age = /\bmax-age\s*=\s*"?(\d+)/.exec(control)
  if (age) return Math.max(0, Number(age[1]) - (Number(headers.age ?? 0) || 0))
  const expires = Date.parse(headers.expires ?? '')
  return Number.isNaN(expires) ? otherwise : Math.max(0, (expires - now) / 1000)
}

const byType: Readonly<Record<string, string>> = {
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/wav': 'wav',
  'audio/wave': 'wav',
  'audio/x-wav': 'wav',
  'audio/vnd.wave': 'wav',
  'audio/ogg': 'ogg',
  'audio/opus': 'opus',
  'application/ogg': 'ogg',
  'audio/basic': 'au',
  'audio/x-aiff': 'aiff',
  'audio/aiff': 'aiff',
  'audio/pcmu': 'PCMU',
  'audio/pcma': 'PCMA',
}

const byExtension: Readonly<Record<string, string>> = {
  wav: 'audio/x-wav',
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
  opus: 'audio/ogg',
  au: 'audio/basic',
  aiff: 'audio/x-aiff',
}

/** The extension that the copy gets: that of the URL, else what the content type stands for, else none. */
export function extensionOf(url: string, headers: IncomingHttpHeaders): string {
  const own = extname(new URL(url).pathname)
  if (/^\.[A-Za-z0-9]{1,8}$/.test(own)) return own
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const known = byType[type]
  return known === undefined ? '' : `.${known}`
}

/** The content type of a file that is sent. */
export function contentTypeOf(path: string): string {
  return byExtension[extname(path).slice(1).toLowerCase()] ?? 'application/octet-stream'
}
