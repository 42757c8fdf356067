/** The names of SIP headers: their usual spelling, their compact forms, and which may stand only once (RFC 3261 §7.3, §20). */

/** What the parser knows about a header name. */
export interface HeaderKind {
  /** The usual spelling; it also is the key under which a message finds the header. */
  readonly name: string
  /** A bit of its own for those that may stand only once in a message, else 0. */
  readonly singleBit: number
}

/** Headers whose second appearance makes the message unusable. */
const singles = [
  'From',
  'To',
  'Call-ID',
  'CSeq',
  'Content-Length',
  'Max-Forwards',
  'Content-Type',
  'Event',
  'Expires',
  'Refer-To',
  'Replaces',
]

const compact: Readonly<Record<string, string>> = {
  a: 'Accept-Contact',
  b: 'Referred-By',
  c: 'Content-Type',
  d: 'Request-Disposition',
  e: 'Content-Encoding',
  f: 'From',
  i: 'Call-ID',
  j: 'Reject-Contact',
  k: 'Supported',
  l: 'Content-Length',
  m: 'Contact',
  n: 'Identity-Info',
  o: 'Event',
  r: 'Refer-To',
  s: 'Subject',
  t: 'To',
  u: 'Allow-Events',
  v: 'Via',
  x: 'Session-Expires',
  y: 'Identity',
}

const others =
  `Accept Accept-Encoding Accept-Language Alert-Info Allow Authentication-Info Authorization Call-Info
Content-Disposition Content-Language Date Diversion Error-Info Expires Flow-Timer Geolocation History-Info In-Reply-To Info-Package
Join Max-Breadth MIME-Version Min-Expires Min-SE Organization P-Access-Network-Info P-Asserted-Identity P-Associated-URI
P-Called-Party-ID P-Charging-Vector P-Early-Media P-Preferred-Identity Path Priority Privacy Proxy-Authenticate
Proxy-Authorization Proxy-Require RAck Reason Record-Route Recv-Info Remote-Party-ID Reply-To Require Retry-After Route RSeq
Security-Client Security-Server Security-Verify Server Service-Route SIP-ETag SIP-If-Match Subscription-State Target-Dialog
Timestamp Unsupported User-Agent User-to-User Warning WWW-Authenticate`.split(/\s+/)

const kinds = new Map<string, HeaderKind>()

function register(name: string): void {
  const bit = singles.indexOf(name)
  const kind: HeaderKind = { name, singleBit: bit < 0 ? 0 : 1 << bit }
  kinds.set(name, kind)
  kinds.set(name.toLowerCase(), kind)
}
for (const name of [...singles, ...Object.values(compact), ...others]) register(name)
for (const [letter, name] of Object.entries(compact)) {
  const kind = kinds.get(name)
  if (kind === undefined) continue
  kinds.set(letter, kind)
  kinds.set(letter.toUpperCase(), kind)
}

/** What is known of a name in any spelling; undefined for one that is not in the table. */
export function headerKind(name: string): HeaderKind | undefined {
  return kinds.get(name) ?? kinds.get(name.toLowerCase())
}

/** The key under which a message files a header: its usual spelling when known, else lower case. */
export function headerKey(name: string): string {
  const kind = kinds.get(name)
  if (kind !== undefined) return kind.name
  const lower = name.toLowerCase()
  return kinds.get(lower)?.name ?? lower
}
