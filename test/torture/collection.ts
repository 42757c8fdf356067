/** The torture messages: files with their expectation, and variations made by rule. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { SwitchError } from '../../src/base/errors.ts'
import { SipRequest } from '../../src/sip/message.ts'
import { parseMessage } from '../../src/sip/parser.ts'
import { canAnswer } from '../../src/sip/validate.ts'
import { root } from '../support/programs.ts'

export interface TortureCase {
  readonly name: string
  /** `ok`, `drop`, or `answer <status> <reason>`. */
  readonly expect: string
  readonly data: Buffer
}

// The files stay where they are when this is compiled to another folder.
const folder = pathToFileURL(join(root, 'test', 'torture', 'messages', '/'))

/** The files: `# about`, `# expect` and perhaps `# escapes` (\xHH stands for an octet) lead; line ends become CRLF. */
export function fileCases(): TortureCase[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sip'))
    .sort()
    .map((name) => {
      let text = readFileSync(new URL(name, folder), 'utf8')
      const notes = new Map<string, string>()
      for (;;) {
        const match = /^# (\w+)(?:: (.*))?\n/.exec(text)
        if (match === null) break
        notes.set(match[1]!, match[2] ?? '')
        text = text.slice(match[0].length)
      }
      const about = notes.get('about') ?? ''
      const expect = notes.get('expect')
      if (expect === undefined) throw new Error(`${name} states no expectation`)
      const lines = name === 'lf-only.sip' ? text : text.replace(/\n/g, '\r\n')
      const data = notes.has('escapes')
        ? Buffer.from(
            lines.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) =>
              String.fromCharCode(Number.parseInt(hex, 16)),
            ),
            'latin1',
          )
        : Buffer.from(lines)
      return { name: `${name}: ${about}`, expect, data }
    })
}

const good = [
  'OPTIONS sip:user@example.com SIP/2.0',
  'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKtorture;rport',
  'Max-Forwards: 70',
  'From: "Caller" <sip:caller@example.net>;tag=98asjd8',
  'To: <sip:user@example.com>',
  'Call-ID: torture@192.0.2.1',
  'CSeq: 4711 OPTIONS',
  'Content-Length: 0',
]

/** Variations of one good message, by rule. */
export function ruledCases(): TortureCase[] {
  const cases: TortureCase[] = []
  const add = (name: string, expect: string, lines: readonly string[]) =>
    cases.push({ name, expect, data: Buffer.from(`${lines.join('\r\n')}\r\n\r\n`) })
  const compact: Record<string, string> = {
    Via: 'v',
    From: 'f',
    To: 't',
    'Call-ID': 'i',
    'Content-Length': 'l',
  }
  const needed = ['Via', 'From', 'To', 'Call-ID', 'CSeq']
  for (let at = 1; at < good.length; at++) {
    const line = good[at]!
    const name = line.slice(0, line.indexOf(':'))
    const value = line.slice(line.indexOf(':') + 1).trim()
    const put = (text: string) => good.map((one, index) => (index === at ? text : one))
    add(`${name} in lower case`, 'ok', put(`${name.toLowerCase()}: ${value}`))
    add(`${name} in capitals`, 'ok', put(`${name.toUpperCase()}: ${value}`))
    add(`${name} with blanks before the colon`, 'ok', put(`${name} \t: ${value}`))
    add(`${name} without blank after the colon`, 'ok', put(`${name}:${value}`))
    add(`${name} with blanks at the end`, 'ok', put(`${name}: ${value} \t `))
    add(`${name} folded after the colon`, 'ok', put(`${name}:\r\n ${value}`))
    add(`${name} folded twice after the colon`, 'ok', put(`${name}:\r\n \r\n\t${value}`))
    add(`${name} moved to the end`, 'ok', [...good.filter((_, index) => index !== at), line])
    add(`${name} moved to the front`, 'ok', [
      good[0]!,
      line,
      ...good.filter((_, index) => index !== at && index !== 0),
    ])
    const short = compact[name]
    if (short !== undefined) {
      add(`${name} in its compact form`, 'ok', put(`${short}: ${value}`))
      add(`${name} in its compact form in capitals`, 'ok', put(`${short.toUpperCase()}: ${value}`))
    }
    const isNeeded = needed.includes(name)
    add(
      `${name} missing`,
      isNeeded ? 'drop' : 'ok',
      good.filter((_, index) => index !== at),
    )
    const empty = isNeeded
      ? 'drop'
      : name === 'Content-Length'
        ? 'answer 400 Bad Content-Length Header'
        : 'ok'
    add(`${name} empty`, empty, put(`${name}:`))
    if (name !== 'Via') add(`${name} twice`, `answer 400 Bad ${name} Header`, [...good, line])
    add(
      `${name} without colon`,
      isNeeded ? 'drop' : 'answer 400 Bad Request',
      put(`${name} ${value}`),
    )
  }
  for (const method of [
    'INVITE',
    'REGISTER',
    'SUBSCRIBE',
    'NOTIFY',
    'MESSAGE',
    'INFO',
    'UPDATE',
    'PRACK',
    'REFER',
    'PUBLISH',
    'BYE',
    'CANCEL',
    'X',
  ])
    add(
      `${method} is read`,
      'ok',
      good.map((line) => line.replace('OPTIONS', method)),
    )
  for (const status of [100, 180, 199, 200, 202, 302, 400, 401, 407, 480, 486, 500, 503, 600, 699])
    add(`status ${status} is read`, 'ok', [`SIP/2.0 ${status} Words`, ...good.slice(1)])
  for (const status of ['099', '700', '999', '0', '1000', '2x0', '-1'])
    add(`status ${status} is not`, 'drop', [`SIP/2.0 ${status} Words`, ...good.slice(1)])
  for (const version of ['SIP/1.0', 'SIP/2.1', 'SIP/3.0', 'SIP/20.0', 'sip/4.2'])
    add(`version ${version}`, 'answer 505 Version Not Supported', [
      `OPTIONS sip:a@b ${version}`,
      ...good.slice(1),
    ])
  for (const version of ['HTTP/1.1', 'SIP', 'SIP/2', 'SIP/x.y', '2.0', 'ZIP/2.0'])
    add(`version ${version}`, 'drop', [`OPTIONS sip:a@b ${version}`, ...good.slice(1)])
  for (const uri of [
    'sip:',
    'sip:@',
    'sip:a@',
    'sip::5060',
    'sip:a@b:port',
    'sip:[::1',
    'sip:[]',
    'sips:',
    'tel:',
    'sip:a@b"c',
    'sip:a@b<c',
    'sip:a@b\\c',
  ])
    add(`Request-URI ${uri}`, 'answer 400 Bad Request', [
      `OPTIONS ${uri} SIP/2.0`,
      ...good.slice(1),
    ])
  return cases
}

/** What becomes of a datagram: `ok`, `drop`, or `answer <status> <reason>`. */
export function outcome(data: Buffer): string {
  try {
    const message = parseMessage(data)
    const { fault } = message
    if (fault === undefined) return 'ok'
    if (!(message instanceof SipRequest) || fault.status === undefined || !canAnswer(message))
      return 'drop'
    return `answer ${fault.status} ${fault.message}`
  } catch (thrown) {
    if (thrown instanceof SwitchError) return 'drop'
    throw thrown
  }
}
