/**
 * The order in which FreeSWITCH's descriptions for browsers have their lines, which clients of Verto have seen for years. What
 * the lines say is made elsewhere.
 */

/** Attributes by what they begin with, in order; those of codecs keep the place that they have. */
const orders = {
  offer: [
    'fingerprint',
    'setup',
    'rtcp-mux',
    'rtcp:',
    'ssrc',
    'msid',
    'ice-',
    'candidate',
    'end-of-candidates',
    'silenceSupp',
    'ptime',
    'direction',
  ],
  answer: [
    'silenceSupp',
    'ptime',
    'direction',
    'fingerprint',
    'setup',
    'rtcp-mux',
    'rtcp:',
    'ice-',
    'candidate',
    'end-of-candidates',
    'ssrc',
    'msid',
  ],
} as const

const directions = /^a=(sendrecv|sendonly|recvonly|inactive)$/

function rank(line: string, order: readonly string[]): number {
  if (/^a=(rtpmap|fmtp|rtcp-fb|extmap):/.test(line)) return -1
  const word = directions.test(line) ? 'direction' : line.slice(2)
  const at = order.findIndex((begin) => word.startsWith(begin))
  return at < 0 ? order.length : at
}

/**
 * Sorts the attributes of every section. With one section alone there is nothing to bundle: names of sections and their group
 * are left out then, as FreeSWITCH leaves them out.
 */
export function inUsualOrder(text: string, kind: keyof typeof orders): string {
  const order: readonly string[] = orders[kind]
  const [head = '', ...sections] = text.split(/^(?=m=)/m)
  const isAlone = sections.length < 2
  const plain = (part: string) => (isAlone ? part.replace(/^a=(?:mid|group):.*\r\n/gm, '') : part)
  return [plain(head), ...sections.map((section) => sorted(plain(section), order))].join('')
}

function sorted(section: string, order: readonly string[]): string {
  const lines = section.split('\r\n').filter((line) => line !== '')
  const isAttribute = (line: string) => line.startsWith('a=')
  const others = lines.filter((line) => !isAttribute(line))
  const attributes = lines
    .filter(isAttribute)
    .map((line) => ({ line, rank: rank(line, order) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ line }) => line)
  return [...others, ...attributes].map((line) => `${line}\r\n`).join('')
}
