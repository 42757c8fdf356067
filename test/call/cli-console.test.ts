/** The console without a terminal, as scripts and pipes use it, and the program fs_cli around it. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type ConsoleOptions, startConsole } from '../../src/cli/console.ts'
import { EventSocketPeer } from '../support/event-socket-peer.ts'
import { patienceMs } from '../support/until.ts'

/** A console on two pipes. */
class Bench {
  readonly input = new PassThrough()
  readonly output = new PassThrough()
  readonly running
  /** What the console looks at again for every command. */
  readonly options: { -readonly [K in keyof ConsoleOptions]: ConsoleOptions[K] }
  text = ''
  readonly #waiters = new Set<() => void>()

  constructor(peer: { port: number; password: string }, more: Partial<ConsoleOptions> = {}) {
    this.output.on('data', (bytes: Buffer) => {
      this.text += bytes.toString()
      for (const wake of this.#waiters) wake()
      this.#waiters.clear()
    })
    this.options = {
      host: '127.0.0.1',
      port: peer.port,
      password: peer.password,
      input: this.input,
      output: this.output,
      ...more,
    }
    this.running = startConsole(this.options)
  }

  async shows(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.text)) {
      await new Promise<void>((resolve) => this.#waiters.add(resolve))
    }
  }
}

test('lines run one after the other, and the end of the input ends the console', async () => {
  await using peer = await EventSocketPeer.start({ api: { status: 'UP\n', version: 'one\n' } })
  const bench = new Bench(peer, { isQuiet: true })
  bench.input.end('status\n\nversion\n/nonsense\n')
  assert.deepEqual(await bench.running.finished, { reason: 'left' })
  assert.equal(bench.text, 'UP\n\none\n\nUnknown command [nonsense]\n')
  const command = await peer.received(/^api version/)
  assert.equal(command.headers['console_execute'], 'true')
})

test('a command under way is waited for when the input has ended', async () => {
  await using peer = await EventSocketPeer.start({ api: { slow: undefined } })
  const bench = new Bench(peer, { isQuiet: true })
  bench.input.end('slow\n')
  await peer.received(/^api slow/)
  peer.release('done at last\n')
  await bench.running.finished
  assert.match(bench.text, /done at last/)
})

test('the log is asked for at the start, at the level given, and not at all when quiet', async () => {
  await using peer = await EventSocketPeer.start()
  const bench = new Bench(peer, { logLevel: 'info' })
  await peer.received(/^log info$/)
  peer.log(6, 'a line of the log\n')
  await bench.shows(/^a line of the log$/m)
  bench.input.end()
  await bench.running.finished

  await using silent = await EventSocketPeer.start()
  const quiet = new Bench(silent, { isQuiet: true })
  quiet.input.end()
  await quiet.running.finished
  assert.ok(!silent.lines.some((line) => line.startsWith('log')))
})

test('console loglevel also changes the log shown here', async () => {
  await using peer = await EventSocketPeer.start({
    api: { console: '+OK console log level set\n' },
  })
  const bench = new Bench(peer, { isQuiet: true })
  bench.input.end('console loglevel 4\n')
  await bench.running.finished
  assert.deepEqual(peer.lines.slice(-2), ['log 4', 'api console loglevel 4'])
})

test('the words of the event socket go out as they are, and their reply is shown', async () => {
  await using peer = await EventSocketPeer.start()
  const bench = new Bench(peer, { isQuiet: true })
  bench.input.write('/event plain CHANNEL_ANSWER\n')
  await bench.shows(/event listener enabled/)
  peer.event('CHANNEL_ANSWER', { 'Caller-Caller-ID-Name': 'Grüße & co' })
  await bench.shows(/RECV EVENT\nEvent-Name: CHANNEL_ANSWER\nCaller-Caller-ID-Name: Grüße & co\n/)
  bench.input.end('/exit\n')
  assert.deepEqual(await bench.running.finished, { reason: 'left' })
})

test('the filters of the log can be set while it runs', async () => {
  await using peer = await EventSocketPeer.start()
  const bench = new Bench(peer)
  bench.input.write('/logfilter keep\n/uuid abc\n')
  await bench.shows(/UUID filtering enabled/)
  peer.log(6, 'drop\n', 'abc')
  peer.log(6, 'keep not: another channel\n', 'def')
  peer.log(6, 'keep this\n', 'abc')
  await bench.shows(/keep this/)
  assert.ok(!/drop|keep not/.test(bench.text))
  bench.running.close()
  assert.deepEqual(await bench.running.finished, { reason: 'closed' })
})

test('without reconnecting, a server that goes ends the console', async () => {
  await using peer = await EventSocketPeer.start()
  const bench = new Bench(peer, { isQuiet: true })
  bench.input.write('/help\n')
  await bench.shows(/leave the console/)
  peer.hangUp()
  assert.deepEqual(await bench.running.finished, { reason: 'disconnected' })
  assert.match(bench.text, /Disconnected\.\n$/)
})

test('with reconnecting it comes back, with its log level', async () => {
  await using peer = await EventSocketPeer.start({ api: { status: 'UP\n' } })
  const bench = new Bench(peer, { reconnects: true, logLevel: 'notice' })
  await peer.received(/^log notice/)
  peer.commands.length = 0
  peer.hangUp()
  await peer.received(/^log notice/)
  await bench.shows(/Connected again to exchange/)
  bench.input.end('status\n')
  await bench.running.finished
  assert.match(bench.text, /UP\n/)
})

test('a server that is not there yet is waited for', async () => {
  const early = await EventSocketPeer.start()
  const { port } = early
  await early[Symbol.asyncDispose]()
  const bench = new Bench({ port, password: 'ClueCon' }, { attempts: 30, isQuiet: true })
  await bench.shows(/connection refused\. Trying again/)
  await using peer = await EventSocketPeer.start({ port })
  await peer.received(/^auth/)
  bench.input.end()
  assert.deepEqual(await bench.running.finished, { reason: 'left' })
})

test('a console that cannot connect says why, and a wrong password is tried once only', async () => {
  await using peer = await EventSocketPeer.start()
  const bench = new Bench({ port: peer.port, password: 'wrong' }, { attempts: 30 })
  const { reason, error } = await bench.running.finished
  assert.equal(reason, 'unreachable')
  assert.equal(error?.code, 'EVENT_SOCKET_BAD_PASSWORD')
  assert.equal(peer.commands.length, 1)
})

test('a password that changed while connecting is tried again', async () => {
  await using peer = await EventSocketPeer.start({ password: 'new' })
  const { port } = peer
  const passwords = ['old']
  const target = () => ({
    host: '127.0.0.1',
    port,
    password: passwords.shift() ?? 'new',
    user: undefined,
  })
  const bench = new Bench(peer, { target, attempts: 3, isQuiet: true })
  bench.input.end()
  assert.deepEqual(await bench.running.finished, { reason: 'left' })
  assert.deepEqual(peer.lines.slice(0, 2), ['auth old', 'auth new'])
})

test('a command that takes too long is given up, and the next one still gets its own answer', async () => {
  await using peer = await EventSocketPeer.start({ api: { slow: undefined, status: 'UP\n' } })
  const bench = new Bench(peer, { isQuiet: true, timeout: 100 })
  bench.input.write('slow\n')
  await bench.shows(/Request timed out\./)
  // The next one has all the time that a busy machine needs.
  bench.options.timeout = patienceMs
  peer.release('too late')
  bench.input.end('status\n')
  await bench.running.finished
  assert.equal(bench.text, 'Request timed out.\nUP\n\n')
})

// The program itself. A test that was compiled runs the compiled program.
const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
const program = fileURLToPath(new URL(`../../src/cli/main${ending}`, import.meta.url))
const loader = ending === '.ts' ? ['--import', 'tsx'] : []

async function fsCli(args: string[], home: string, typed = '') {
  const child = spawn(process.execPath, [...loader, program, ...args], {
    env: { ...process.env, HOME: home, STROWGER_DATA: home, NO_COLOR: '1' },
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (bytes: Buffer) => {
    out += bytes.toString()
  })
  child.stderr.on('data', (bytes: Buffer) => {
    err += bytes.toString()
  })
  child.stdin.end(typed)
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { out, err, code }
}

function home(): { path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'fs_cli-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

test('-x prints the answer of one command and ends with 0, whatever the command said', async () => {
  await using peer = await EventSocketPeer.start({ api: { status: 'UP\n' } })
  using folder = home()
  const port = String(peer.port)
  assert.deepEqual(await fsCli(['-P', port, '-x', 'status'], folder.path), {
    out: 'UP\n\n',
    err: '',
    code: 0,
  })
  const unknown = await fsCli(['-P', port, '-x', 'nonsuch'], folder.path)
  assert.match(unknown.out, /-ERR nonsuch Command not found!/)
  assert.equal(unknown.code, 0)
})

test('-x ends with 254 when the command takes too long', async () => {
  await using peer = await EventSocketPeer.start({ api: { slow: undefined } })
  using folder = home()
  const { out, code } = await fsCli(['-P', `${peer.port}`, '-t', '50', '-x', 'slow'], folder.path)
  assert.deepEqual([out, code], ['Request timed out.\n', 254])
})

test('without a connection it ends with 255, after a wrong option with 1', async () => {
  using folder = home()
  await using peer = await EventSocketPeer.start()
  const refused = await fsCli(['-P', `${peer.port}`, '-p', 'no', '-x', 'status'], folder.path)
  assert.match(refused.err, /the password was refused/)
  assert.equal(refused.code, 255)
  const wrong = await fsCli(['--frob'], folder.path)
  assert.match(wrong.err, /no option --frob[\s\S]*Usage: fs_cli/)
  assert.equal(wrong.code, 1)
})

test('the port and password are found in the data folder of the local server', async () => {
  await using peer = await EventSocketPeer.start({ password: 'generated', api: { status: 'UP' } })
  using folder = home()
  const found = { host: '0.0.0.0', port: peer.port, password: 'generated' }
  writeFileSync(join(folder.path, 'event_socket.json'), JSON.stringify(found))
  assert.equal((await fsCli(['-x', 'status'], folder.path)).out, 'UP\n')
})

test('a profile says where to connect; what it says wrongly is told', async () => {
  await using peer = await EventSocketPeer.start({ password: 'mine', api: { status: 'UP' } })
  using folder = home()
  const profile = `[box]\nport => ${peer.port}\npassword => mine\nfancy => yes\n`
  writeFileSync(join(folder.path, '.fs_cli_conf'), profile)
  const { out, err, code } = await fsCli(['box', '-x', 'status'], folder.path)
  assert.deepEqual([out, code], ['UP\n', 0])
  assert.match(err, /\.fs_cli_conf:4: unknown setting fancy/)
})

test('commands come from a pipe, and the batch mode shows its prompt', async () => {
  await using peer = await EventSocketPeer.start({ api: { status: 'UP\n' } })
  using folder = home()
  const port = String(peer.port)
  const piped = await fsCli(['-q', '-P', port], folder.path, 'status\n')
  assert.deepEqual(piped, { out: 'UP\n\n', err: '', code: 0 })
  const batch = await fsCli(['-bqP', port], folder.path, 'status\n')
  assert.equal(batch.out, 'strowger@exchange> UP\n\nstrowger@exchange> \n')
})
