/** SIPp beside a test: runs one of our scenarios (test/interop/sipp) and reads the figures it leaves. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from './ports.ts'
import { Program, root } from './programs.ts'
import { password, type Server } from './server.ts'

export interface SippOptions {
  /** A file of test/interop/sipp without its ending. */
  readonly scenario: string
  /** The server's port. */
  readonly server: number
  /** Our own port; a free one unless told. */
  readonly port?: number
  /** The number to call, or the user to register. */
  readonly service?: string
  /** Who calls. */
  readonly user?: string
  readonly calls?: number
  /** Calls a second. */
  readonly rate?: number
  /** How long each call talks, ms. */
  readonly talk?: number
  /** What `refuse` answers, in place of 603 Decline: SIPp takes no variable there. */
  readonly answer?: string
  /** Words for `[name]` in the scenario. */
  readonly keys?: Readonly<Record<string, string>>
  readonly transport?: 'u1' | 't1' | 'tn'
  /** After so many seconds since its start it counts as failed; 100 unless told. */
  readonly seconds?: number
}

export interface SippFigures {
  readonly successful: number
  readonly failed: number
  readonly retransmissions: number
  /** From INVITE to its 200, mean, ms; undefined where the scenario does not measure it. */
  readonly setup: number | undefined
}

export class Sipp implements AsyncDisposable {
  readonly program: Program
  readonly port: number
  readonly #folder: string

  private constructor(program: Program, port: number, folder: string) {
    this.program = program
    this.port = port
    this.#folder = folder
  }

  static async start(options: SippOptions): Promise<Sipp> {
    const folder = mkdtempSync(join(tmpdir(), 'strowger-sipp-'))
    const port = options.port ?? (await freePorts(2))
    const media = await freePorts(4)
    const user = options.user ?? '1000'
    const scenario = join(folder, 'scenario.xml')
    const text = readFileSync(join(root, 'test/interop/sipp', `${options.scenario}.xml`), 'utf8')
    writeFileSync(scenario, text.replace('603 Decline', options.answer ?? '603 Decline'))
    const args = [
      `127.0.0.1:${options.server}`,
      ...['-sf', scenario],
      ...['-i', '127.0.0.1', '-p', `${port}`, '-mp', `${media}`],
      ...['-t', options.transport ?? 'u1'],
      ...['-s', options.service ?? user, '-au', user, '-ap', password],
      ...['-m', `${options.calls ?? 1}`, '-r', `${options.rate ?? 10}`, '-l', '2000'],
      ...['-d', `${options.talk ?? 0}`],
      ...['-timeout', `${options.seconds ?? 100}`, '-timeout_error', '-nostdin'],
      ...['-trace_stat', '-stf', join(folder, 'figures.csv'), '-fd', '1'],
      ...['-trace_err', '-error_file', join(folder, 'errors.log')],
      ...['-key', 'user', user],
      ...Object.entries(options.keys ?? {}).flatMap(([name, value]) => ['-key', name, value]),
    ]
    return new Sipp(new Program('sipp', args, { cwd: folder }), port, folder)
  }

  /** Waits for its end; throws with SIPp's own words when a call failed. */
  async succeeds(ms = 110_000): Promise<SippFigures> {
    const code = await this.program.ends(ms)
    const figures = this.figures()
    if (code !== 0) {
      throw new Error(`sipp ended with ${code}: ${JSON.stringify(figures)}\n${this.#faults()}`)
    }
    return figures
  }

  /** What it wrote about messages it did not expect. */
  get errors(): string {
    const file = join(this.#folder, 'errors.log')
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }

  /** What it did not expect: how often each, without the repeats for calls that are over, which are no fault. */
  #faults(): string {
    const counts = new Map<string, { count: number; whole: string }>()
    for (const entry of this.errors.split(/^(?=.?\d{4}-\d\d-\d\d\t)/m)) {
      const [, , , , text = ''] = /^(\S+)\t(\S+)\t(\S+): (.*)/.exec(entry) ?? []
      if (text.startsWith('Dead call')) continue
      const kind = text.replace(/Call-Id '[^']*'|received '\S+ \S+@\S+/gi, '').slice(0, 120)
      const known = counts.get(kind)
      if (known) known.count++
      else counts.set(kind, { count: 1, whole: entry.slice(0, 900) })
    }
    return [...counts.values()]
      .map(({ count, whole }) => `${count} times: ${whole}`)
      .join('\n')
      .slice(0, 4000)
  }

  /** The newest line of its figures. */
  figures(): SippFigures {
    const file = join(this.#folder, 'figures.csv')
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
    const names = lines[0]?.split(';') ?? []
    const values = lines.length > 1 ? (lines.at(-1)?.split(';') ?? []) : []
    const of = (name: string) => values[names.indexOf(name)]
    const number = (name: string) => Number(of(name) ?? Number.NaN)
    return {
      successful: number('SuccessfulCall(C)'),
      failed: number('FailedCall(C)'),
      retransmissions: number('Retransmissions(C)'),
      setup: milliseconds(of('ResponseTime1(C)')),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Registers a phone at this port for a user, with the password of the tests; no seconds end the registration. */
export async function register(
  server: Server,
  user: string,
  port: number,
  seconds = 600,
): Promise<void> {
  await using registering = await Sipp.start({
    scenario: 'register',
    server: server.ports.internal,
    user,
    keys: { contact_port: `${port}`, expires: `${seconds}` },
  })
  await registering.succeeds()
}

export interface BridgedCalls {
  readonly calls: number
  /** Calls a second. */
  readonly rate: number
  /** How long each talks, ms. */
  readonly talk: number
  /** Channels that were up before and stay. */
  readonly others?: number
  /** What is dialled; it has to lead to 1001. Default 1001 itself. */
  readonly service?: string
}

/**
 * `calls` bridged calls: 1000 calls 1001, who is registered where a second SIPp answers. Ends when all have ended, there
 * and in the server; throws when one failed.
 */
export async function bridgedCalls(
  server: Server,
  { calls, rate, talk, others = 0, service = '1001' }: BridgedCalls,
): Promise<{ readonly caller: SippFigures; readonly callee: SippFigures }> {
  const port = server.ports.internal
  const seconds = Math.ceil(calls / rate) + 100
  await using called = await Sipp.start({ scenario: 'uas', server: port, calls, seconds })
  await register(server, '1001', called.port)
  await using calling = await Sipp.start({
    scenario: 'uac',
    server: port,
    service,
    calls,
    rate,
    talk,
    seconds,
  })
  const caller = await calling.succeeds((seconds + 5) * 1000)
  const callee = await called.succeeds()
  await server.isIdle(others)
  // The next round has another port, and a user has as many phones as he has contacts.
  await register(server, '1001', called.port, 0)
  return { caller, callee }
}

/** `00:00:00:003000` is hours, minutes, seconds and microseconds. */
function milliseconds(text: string | undefined): number | undefined {
  const match = /^(\d+):(\d+):(\d+):(\d+)$/.exec(text ?? '')
  if (match === null) return undefined
  const [hours = 0, minutes = 0, seconds = 0, micros = 0] = match.slice(1).map(Number)
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + micros / 1000
}
