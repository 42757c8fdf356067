/** sofia_dig: where requests to a SIP URI would go, and in which order (RFC 3263). */
import { reasonOf } from '../../base/errors.ts'
import type { Command } from '../../core/interfaces.ts'
import { separate } from '../../core/separate.ts'
import { locate } from '../../sip/dns.ts'
import type { Protocol, Target } from '../../sip/flow.ts'
import { parseUri } from '../../sip/uri.ts'

const usage = 'usage: sofia_dig [OPTIONS] [@dnsserver] uri\n'

interface Question {
  readonly uri: string
  readonly wantsXml: boolean
  readonly protocols: readonly Protocol[]
  /** 4, 6, or undefined for both. */
  readonly family: 4 | 6 | undefined
}

export const sofiaDig: Command = {
  name: 'sofia_dig',
  syntax: '<url>',
  about: 'SIP DIG',
  async run(args) {
    const question = readQuestion(separate(args, ' '))
    if (typeof question === 'string') return question
    const { uri, wantsXml, protocols } = question
    try {
      const parsed = parseUri(/^sips?:/i.test(uri) ? uri : `sip:${uri}`)
      const found = await locate(parsed, (protocol) => protocols.includes(protocol))
      const targets = found.filter((target) => isOfFamily(target, question.family))
      if (targets.length > 0) return wantsXml ? xmlText(targets) : tableText(targets)
      return `-ERR: ${uri}: not found\n`
    } catch (thrown) {
      return `-ERR: ${uri}: not found (${reasonOf(thrown)})\n`
    }
  },
}

/** What is asked; or the reply to a line that asks nothing. */
function readQuestion(words: readonly string[]): Question | string {
  let wantsXml = false
  let family: 4 | 6 | undefined
  const protocols: Protocol[] = []
  const left = [...words]
  if (left[0]?.toLowerCase() === 'xml') wantsXml = left.shift() !== undefined
  while (left[0]?.startsWith('-')) {
    const word = left.shift() ?? ''
    const named = /^(?:-p=?|--)(.*)$/.exec(word)?.[1]
    const protocol = named === '' ? left.shift() : named
    if (word === '-4') family = 4
    else if (word === '-6') family = 6
    else if (protocol === 'udp' || protocol === 'tcp') protocols.push(protocol)
    else return usage
  }
  if (left[0]?.startsWith('@')) return '-ERR another DNS server cannot be asked in this version\n'
  const [uri] = left
  if (uri === undefined) return usage
  return { uri, wantsXml, family, protocols: protocols.length > 0 ? protocols : ['udp', 'tcp'] }
}

function isOfFamily(target: Target, family: 4 | 6 | undefined): boolean {
  return family === undefined || target.address.includes(':') === (family === 6)
}

/** Equals are in the order drawn by weight, so each has a rank of its own and the whole weight. */
const weight = '1.000'

function tableText(targets: readonly Target[]): string {
  const line = (cells: readonly string[]) =>
    `${cells.map((cell) => cell.padStart(10)).join('\t')}\n`
  const rows = targets.map(({ protocol, port, address }, index) =>
    line([String(index + 1), weight, protocol, String(port), address]),
  )
  const head = line(['Preference', 'Weight', 'Transport', 'Port', 'Address'])
  return `${head}${'='.repeat(80)}\n${rows.join('')}`
}

function xmlText(targets: readonly Target[]): string {
  const routes = targets.map(
    ({ protocol, port, address }, index) =>
      ` <route>\n  <preference>${index + 1}</preference>\n  <weight>${weight}</weight>\n  <transport>${protocol}</transport>\n  <port>${port}</port>\n  <address>${address}</address>\n </route>\n`,
  )
  return `<routes>\n${routes.join('')}</routes>\n`
}
