/** The console on a real pseudo terminal: what a person sees and types. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type IPty, spawn } from 'node-pty'
import { EventSocketPeer, type PeerOptions } from '../support/event-socket-peer.ts'

const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
const program = fileURLToPath(new URL(`../../src/cli/main${ending}`, import.meta.url))
const loader = ending === '.ts' ? ['--import', 'tsx'] : []

/** Milliseconds without anything new on the terminal. */
const patience = 60_000

/** fs_cli on a terminal of 100 columns, connected to a peer. */
class Desk implements AsyncDisposable {
  readonly peer: EventSocketPeer
  readonly home = mkdtempSync(join(tmpdir(), 'console-'))
  readonly terminal: IPty
  readonly exited: Promise<number>
  /** All that was written so far. */
  text = ''
  #mark = 0
  #hasExited = false
  readonly #waiters = new Set<() => void>()

  private constructor(peer: EventSocketPeer, args: string[]) {
    this.peer = peer
    const all = [...loader, program, '-P', `${peer.port}`, ...args]
    this.terminal = spawn(process.execPath, all, {
      name: 'xterm-256color',
      cols: 100,
      rows: 30,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: this.home,
        TERM: 'xterm-256color',
        STROWGER_DATA: this.home,
      },
    })
    this.terminal.onData((data) => {
      this.text += data
      for (const wake of this.#waiters) wake()
      this.#waiters.clear()
    })
    this.exited = new Promise((resolve) => {
      this.terminal.onExit(({ exitCode }) => {
        this.#hasExited = true
        resolve(exitCode)
      })
    })
  }

  static async open(options: PeerOptions = {}, ...args: string[]): Promise<Desk> {
    const desk = new Desk(await EventSocketPeer.start(options), args)
    await desk.sees(/strowger@exchange> /)
    return desk
  }

  type(keys: string): void {
    this.#mark = this.text.length
    this.terminal.write(keys)
  }

  /** Waits until this has been written since the last `type`. */
  async sees(pattern: RegExp): Promise<string> {
    for (;;) {
      const since = this.text.slice(this.#mark)
      if (pattern.test(since)) return since
      await this.#more(pattern, since)
    }
  }

  /** Resolves when more was written; a test that waits in vain says for what, and what it saw instead. */
  #more(pattern: RegExp, since: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${pattern} did not come; seen: ${JSON.stringify(since)}`)),
        patience,
      )
      this.#waiters.add(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasExited) this.terminal.kill('SIGKILL')
    await this.exited
    await this.peer[Symbol.asyncDispose]()
    rmSync(this.home, { recursive: true })
  }
}

const statusText = 'UP 0 years\n'

test('it greets, shows the prompt, runs a command and leaves with /exit', async () => {
  await using desk = await Desk.open({ api: { status: statusText } })
  assert.match(desk.text, /Connected to .*exchange \(127\.0\.0\.1:[0-9]+\)/)
  desk.type('status\r')
  await desk.sees(/UP 0 years\r\n[\s\S]*strowger@exchange> /)
  desk.type('/exit\r')
  assert.equal(await desk.exited, 0)
  const history = readFileSync(join(desk.home, '.strowger_history'), 'utf8')
  assert.equal(history, 'status\n/exit\n')
})

test('a log line appears in its colour above the line being typed, which stays', async () => {
  await using desk = await Desk.open()
  desk.type('sofia sta')
  await desk.sees(/sofia sta/)
  desk.peer.log(3, 'something is wrong\n')
  const since = await desk.sees(/wrong[\s\S]*sofia sta/)
  assert.ok(since.includes('\x1b[31msomething is wrong\x1b[0m'))
})

test('a log line cannot send the terminal commands', async () => {
  await using desk = await Desk.open()
  desk.peer.log(6, 'caller \x1b]0;owned\x07\n')
  await desk.sees(/caller \^\[\]0;owned\^G/)
})

test('Tab asks the switch and completes the word', async () => {
  const answer = `\n\n[${'status'.padStart(20)}]\t\n\n\nwrite=3:status `
  await using desk = await Desk.open({ api: { console_complete: answer, status: statusText } })
  desk.type('sta\t')
  await desk.sees(/> .*status /)
  assert.equal((await desk.peer.received(/console_complete/)).line, 'api console_complete c=3;sta')
  desk.type('\r')
  await desk.sees(/UP 0 years/)
})

test('Up brings the last line back, function keys run their command', async () => {
  await using desk = await Desk.open({ api: { status: statusText, version: 'Strowger\n' } })
  desk.type('version\r')
  await desk.sees(/Strowger\r\n[\s\S]*> /)
  desk.type('\x1bOQ') // F2
  await desk.sees(/> .*status\r\n[\s\S]*UP 0 years[\s\S]*> /)
  desk.type('\x1b[A\r')
  await desk.sees(/> .*version[\s\S]*Strowger\r\n/)
})

test('what is typed while a command runs waits for its end', async () => {
  await using desk = await Desk.open({ api: { slow: undefined, status: statusText } })
  desk.type('slow\r')
  await desk.peer.received(/^api slow/)
  desk.type('status\r')
  desk.peer.release('slow is done\n')
  await desk.sees(/slow is done[\s\S]*> .*status\r\n[\s\S]*UP 0 years/)
})

test('Control-C gives a running command up, then drops the line, then leaves at the second press', async () => {
  await using desk = await Desk.open({ api: { slow: undefined } })
  desk.type('slow\r')
  await desk.peer.received(/^api slow/)
  desk.type('\x03')
  await desk.sees(/Not waiting any more[\s\S]*> /)
  desk.type('half\x03')
  await desk.sees(/half\^C\r\n[\s\S]*> /)
  desk.type('\x03')
  await desk.sees(/Type control-D or \/exit/)
  // The second counts for a few seconds, which a busy machine may let go by: then it was a first one again.
  let seen = ''
  for (let tries = 0; tries < 10 && !seen.includes('Interrupted.'); tries++) {
    desk.type('\x03')
    seen = await desk.sees(/Interrupted\.|Type control-D/)
  }
  assert.match(seen, /Interrupted\./)
  assert.equal(await desk.exited, 1)
})

test('-i lets Control-C leave at once', async () => {
  await using desk = await Desk.open({}, '-i')
  desk.type('\x03')
  assert.equal(await desk.exited, 1)
})

test('Control-D on an empty line leaves', async () => {
  await using desk = await Desk.open()
  desk.type('\x04')
  await desk.sees(/\/exit/)
  assert.equal(await desk.exited, 0)
})

test('a narrower terminal wraps the line anew', async () => {
  await using desk = await Desk.open({}, '-q')
  desk.type(`${'x'.repeat(60)}y`)
  await desk.sees(/y/)
  desk.type('')
  desk.terminal.resize(40, 30)
  // 19 columns of prompt and 61 of text end at column 0 of the third row: up two rows, clear, draw, settle.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  await desk.sees(/\x1b\[2A\r\x1b\[J.*x{60}y\r+\n/)
})

test('with -R it connects again when the server goes', async () => {
  await using desk = await Desk.open({ api: { status: statusText } }, '-R')
  desk.type('sta')
  await desk.sees(/sta/)
  desk.peer.hangUp()
  await desk.sees(/Disconnected\.[\s\S]*Connected again to exchange\.[\s\S]*> .*sta/)
  desk.type('tus\r')
  await desk.sees(/UP 0 years/)
})
