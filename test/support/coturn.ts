/** A TURN server, coturn, on loopback ports of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from './ports.ts'
import { Program, skipWithout } from './programs.ts'

export const skipWithoutCoturn = () => skipWithout('turnserver')

/** Ports that one server may relay at. */
const relayPorts = 40

export interface CoturnOptions {
  /** What it shares with whoever makes accounts, else the one account that there is, `user:password`. */
  readonly secret?: string
  readonly account?: string
  /** Where what it relays comes from; default 127.0.0.1. */
  readonly relayAddress?: string
  /** Further lines of its configuration. */
  readonly more?: readonly string[]
}

export class Coturn implements AsyncDisposable {
  readonly port: number
  /** Where what it relays comes from: from this port on. */
  readonly firstRelay: number
  readonly program: Program
  readonly #folder: string

  private constructor(port: number, firstRelay: number, program: Program, folder: string) {
    this.port = port
    this.firstRelay = firstRelay
    this.program = program
    this.#folder = folder
  }

  static async start(options: CoturnOptions): Promise<Coturn> {
    const folder = mkdtempSync(join(tmpdir(), 'strowger-coturn-'))
    const port = await freePorts(2)
    const firstRelay = await freePorts(relayPorts)
    const { secret, account, relayAddress = '127.0.0.1', more = [] } = options
    const lines = [
      'listening-ip=127.0.0.1',
      `relay-ip=${relayAddress}`,
      `listening-port=${port}`,
      `min-port=${firstRelay}`,
      `max-port=${firstRelay + relayPorts - 1}`,
      'realm=example.test',
      ...(secret === undefined
        ? ['lt-cred-mech', `user=${account}`]
        : ['use-auth-secret', `static-auth-secret=${secret}`]),
      'allow-loopback-peers',
      'no-cli',
      'no-tls',
      'no-dtls',
      'verbose',
      'log-file=stdout',
      `pidfile=${join(folder, 'pid')}`,
      `userdb=${join(folder, 'db')}`,
      ...more,
    ]
    const file = join(folder, 'turnserver.conf')
    writeFileSync(file, lines.join('\n'))
    const program = new Program('turnserver', ['-c', file])
    const server = new Coturn(port, firstRelay, program, folder)
    try {
      await program.says(/UDP listener opened on: [\s\S]*Total General servers/)
    } catch (thrown) {
      await server[Symbol.asyncDispose]()
      throw thrown
    }
    return server
  }

  /** `turn:127.0.0.1:…` */
  get url(): string {
    return `turn:127.0.0.1:${this.port}`
  }

  relays(port: number): boolean {
    return port >= this.firstRelay && port < this.firstRelay + relayPorts
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
