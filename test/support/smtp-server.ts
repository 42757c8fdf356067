/** A small SMTP server (RFC 5321) on loopback: takes mail, and refuses it in the way a test wants. */
import { createServer, type Server, type Socket } from 'node:net'

export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  /** The whole mail, lines ended by CR LF, dots unstuffed. */
  readonly text: string
}

export class SmtpServer implements AsyncDisposable {
  readonly mails: ReceivedMail[] = []
  /** What RCPT is answered with; 250 takes it. */
  verdict = '250 ok'
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  connections = 0

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket) => this.#serve(socket))
  }

  static async start(port = 0): Promise<SmtpServer> {
    const server = createServer()
    const smtp = new SmtpServer(server)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
    return smtp
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  #serve(socket: Socket): void {
    this.connections++
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => undefined)
    let buffered = ''
    let from = ''
    let to: string[] = []
    let data: string | undefined
    const say = (line: string) => socket.write(`${line}\r\n`)
    const take = (line: string) => {
      if (data !== undefined) {
        if (line === '.') {
          this.mails.push({ from, to, text: data })
          data = undefined
          return say('250 taken')
        }
        data += `${line.startsWith('..') ? line.slice(1) : line}\r\n`
        return undefined
      }
      const address = /<([^>]*)>/.exec(line)?.[1] ?? ''
      switch (line.slice(0, 4).toUpperCase()) {
        case 'EHLO':
          return say('250-localhost\r\n250 8BITMIME')
        case 'MAIL':
          from = address
          to = []
          return say('250 ok')
        case 'RCPT':
          if (this.verdict.startsWith('2')) to.push(address)
          return say(this.verdict)
        case 'DATA':
          data = ''
          return say('354 go on')
        case 'QUIT':
          say('221 bye')
          return socket.end()
        default:
          return say('250 ok')
      }
    }
    socket.on('data', (bytes: Buffer) => {
      buffered += bytes.toString('latin1')
      for (let end = buffered.indexOf('\r\n'); end >= 0; end = buffered.indexOf('\r\n')) {
        const line = buffered.slice(0, end)
        buffered = buffered.slice(end + 2)
        take(line)
      }
    })
    say('220 localhost test')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}

/** The header of that name, unfolded. */
export function mailHeader(text: string, name: string): string | undefined {
  const head = text.slice(0, text.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ')
  return new RegExp(`^${name}:\\s*(.*)$`, 'im').exec(head)?.[1]
}

/** The content of the attachment whose file name ends so, decoded. */
export function mailAttachment(text: string, nameEnd: string): Buffer | undefined {
  const boundary = /boundary="?([^";\r\n]+)"?/i.exec(text)?.[1]
  if (boundary === undefined) return undefined
  for (const part of text.split(`--${boundary}`)) {
    const gap = part.indexOf('\r\n\r\n')
    const head = part.slice(0, gap)
    if (!head.includes(`${nameEnd}`) || !/base64/i.test(head)) continue
    return Buffer.from(part.slice(gap + 4).replace(/\s/g, ''), 'base64')
  }
  return undefined
}
