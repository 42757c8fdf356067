/** A baresip phone: registers, calls and answers by its control socket, sends a tone and records what it hears. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from './ports.ts'
import { eventually, Program } from './programs.ts'
import { password } from './server.ts'
import { lastOf, mainFrequency, type Recording, readRecording, shareOf, writeTone } from './wav.ts'
import { lastLines, witness } from './witness.ts'

export interface PhoneOptions {
  /** The port of the internal profile. */
  readonly server: number
  readonly user: string
  readonly transport?: 'udp' | 'tcp'
  readonly password?: string
  /** Hz of the tone it sends. */
  readonly tone?: number
  readonly codec?: 'PCMU' | 'PCMA' | 'G722' | 'opus'
  /** Answers by itself. */
  readonly answers?: boolean
  /** SRTP with keys in the SDP: taken and offered in RTP/AVP, or in RTP/SAVP and nothing else. */
  readonly encryption?: 'srtp' | 'srtp-mand' | 'dtls_srtp'
  /** Subscribes to its mailbox; MWI_NOTIFY tells what comes. */
  readonly hasLamp?: boolean
}

export interface PhoneEvent {
  readonly type: string
  /** Why a call closed, what a registration got. */
  readonly param: string
  readonly at: number
}

const folderOfModules = '/usr/lib/baresip/modules'
const wanted = ['g711', 'g722', 'aufile', 'sndfile', 'menu', 'ctrl_tcp']

/** Why phones cannot be had beyond the program being missing: false when they can. */
export function skipWithoutModules(further: readonly string[] = []): string | false {
  let there: string[] = []
  try {
    there = readdirSync(folderOfModules)
  } catch {
    return `${folderOfModules} is not there`
  }
  const missing = [...wanted, ...further].filter((name) => !there.includes(`${name}.so`))
  return missing.length > 0 && `baresip lacks its modules ${missing.join(' ')}`
}

export class Phone implements AsyncDisposable {
  readonly program: Program
  readonly events: PhoneEvent[] = []
  readonly options: PhoneOptions
  readonly #folder: string
  readonly #control: Socket
  readonly #seen = new Map<string, number>()
  readonly #witness: Disposable
  #answers = 0
  #received = Buffer.alloc(0)

  private constructor(options: PhoneOptions, folder: string, program: Program, control: Socket) {
    this.options = options
    this.#folder = folder
    this.program = program
    this.#control = control
    this.#witness = witness(`phone of ${options.user}`, () => lastLines(this.#story(), 20))
    control.on('error', () => undefined) // it goes with the program
    control.on('data', (bytes: Buffer) => this.#receive(bytes))
  }

  /** Starts it; it registers by itself. `registered` waits for that. */
  static async start(options: PhoneOptions): Promise<Phone> {
    const folder = mkdtempSync(join(tmpdir(), 'strowger-phone-'))
    const sip = await freePorts(4)
    const rtp = await freePorts(40)
    const control = sip + 3
    const codec = options.codec ?? 'PCMU'
    const { rate, channels } = shapeOf(codec)
    // baresip falls silent at the end of the file: longer than any call, however slow the machine is.
    const seconds = codec === 'opus' ? 120 : 300
    writeTone(join(folder, 'tone.wav'), options.tone ?? 440, rate, seconds, channels)
    const transport = options.transport ?? 'udp'
    writeFileSync(join(folder, 'contacts'), '')
    writeFileSync(
      join(folder, 'accounts'),
      [
        `<sip:${options.user}@127.0.0.1:${options.server};transport=${transport}>`,
        `auth_pass=${options.password ?? password}`,
        'regint=120',
        `audio_codecs=${codec}/${rate}/${channels}`,
        `answermode=${options.answers ? 'auto' : 'manual'}`,
        ...(options.encryption ? [`mediaenc=${options.encryption}`] : []),
      ]
        .join(';')
        .concat('\n'),
    )
    const lines = [
      'poll_method epoll',
      `sip_listen 127.0.0.1:${sip}`,
      'net_interface 127.0.0.1',
      `audio_player aufile,${join(folder, 'play.wav')}`,
      `audio_source aufile,${join(folder, 'tone.wav')}`,
      `audio_alert aufile,${join(folder, 'alert.wav')}`,
      'call_max_calls 4',
      'jitter_buffer_delay 1-10',
      `rtp_ports ${rtp}-${rtp + 39}`,
      `module_path ${folderOfModules}`,
      ...['g711.so', 'g722.so', 'aufile.so', 'sndfile.so'].map((name) => `module ${name}`),
      ...(codec === 'opus' ? ['module opus.so'] : []),
      ...(options.encryption
        ? [options.encryption === 'dtls_srtp' ? 'module dtls_srtp.so' : 'module srtp.so']
        : []),
      `snd_path ${folder}`,
      'module_tmp account.so',
      'module_app menu.so',
      'module_app ctrl_tcp.so',
      ...(options.hasLamp ? ['module_app mwi.so'] : []),
      `ctrl_tcp_listen 127.0.0.1:${control}`,
      'statmode_default off',
      'ringback_disabled yes',
    ]
    writeFileSync(join(folder, 'config'), `${lines.join('\n')}\n`)
    const program = new Program('baresip', ['-f', folder], { env: { HOME: folder }, cwd: folder })
    try {
      const socket = await eventually(
        'baresip to take commands',
        () => {
          if (program.exitCode !== undefined) throw new Error(`baresip ended: ${program.text}`)
          return opened(control)
        },
        undefined,
        () => program.text,
      )
      return new Phone(options, folder, program, socket)
    } catch (thrown) {
      await program[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
      throw thrown
    }
  }

  /** Waits for the registration that the start asked for. Throws when it was refused. */
  async registered(): Promise<this> {
    // The event may have come before the control socket was there; the program writes it too.
    await eventually(
      `${this.options.user} to register`,
      () => {
        const failed = /reg: .*(?:40[1-9]|50[0-9]) .*|REGISTER_FAIL/.exec(this.program.text)
        if (failed) throw new Error(`refused: ${failed[0]}`)
        return /\b200 OK \(|registered successfully|useragent registered/i.test(this.program.text)
      },
      undefined,
      () => this.program.text,
    )
    return this
  }

  /** Calls a number; `waits` for nothing. */
  dial(number: string): Promise<string> {
    const transport = this.options.transport ?? 'udp'
    const uri = `sip:${number}@127.0.0.1:${this.options.server};transport=${transport}`
    return this.command('dial', uri)
  }

  accept(): Promise<string> {
    return this.command('accept')
  }

  /** Ends the call; refuses an incoming one as busy (486). */
  hangUp(): Promise<string> {
    return this.command('hangup')
  }

  /** Runs one of baresip's commands; its answer. */
  async command(name: string, params = ''): Promise<string> {
    const token = `${++this.#answers}`
    const text = JSON.stringify({ command: name, params, token })
    this.#control.write(`${Buffer.byteLength(text)}:${text},`)
    const answer = await this.#next(
      (event) => event.type === `answer ${token}`,
      `answer to ${name}`,
    )
    return answer.param
  }

  /**
   * The next event of this type that no call of this function has given yet: CALL_INCOMING, CALL_RINGING,
   * CALL_PROGRESS, CALL_ESTABLISHED, CALL_CLOSED …
   */
  async event(type: string, ms?: number): Promise<PhoneEvent> {
    const count = this.#seen.get(type) ?? 0
    this.#seen.set(type, count + 1)
    return eventually(
      `${this.options.user} to get ${type}`,
      () => this.events.filter((event) => event.type === type)[count],
      ms,
      () => [this.events.map((event) => event.type), this.program.text.slice(-600)],
    )
  }

  /** What it heard in its newest call. */
  heard(): Recording {
    const newest = this.#dumps('-dec.wav').at(-1)
    return newest ? readRecording(newest) : { rate: 8000, samples: new Int16Array() }
  }

  #story(): string {
    const now = performance.now()
    return this.events
      .map(({ type, param, at }) => `${((at - now) / 1000).toFixed(2)} s ${type} ${param}`)
      .join('\n')
  }

  /**
   * Waits until nearly all of the last second heard is this tone; with `fresh`, of a second that lies wholly after now.
   * Rejects saying which tone was there.
   */
  async hears(frequency: number, fresh = false): Promise<void> {
    const before = fresh ? this.heard().samples.length : 0
    await eventually(
      `${this.options.user} to hear ${frequency} Hz`,
      () => {
        const all = this.heard()
        const last = lastOf(all, 1000)
        const isLong = last.samples.length >= last.rate && all.samples.length - before >= last.rate
        return isLong && isMostly(last, frequency)
      },
      60_000,
      () => {
        const all = this.heard()
        const last = lastOf(all, 1000)
        const main = mainFrequency(last)
        return {
          samples: all.samples.length,
          main,
          share: shareOf(last, main),
          log: this.program.text.slice(-300),
        }
      },
    )
  }

  #dumps(ending: string): string[] {
    return readdirSync(this.#folder)
      .filter((name) => name.startsWith('dump-') && name.endsWith(ending))
      .sort()
      .map((name) => join(this.#folder, name))
  }

  #next(accepts: (event: PhoneEvent) => boolean, what: string): Promise<PhoneEvent> {
    return eventually(
      `${this.options.user}: ${what}`,
      () => this.events.find(accepts),
      undefined,
      () => this.program.text.slice(-1000),
    )
  }

  /** Netstrings of JSON: `12:{"event":…},`. */
  #receive(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes])
    for (;;) {
      const colon = this.#received.indexOf(':')
      if (colon < 0) return
      const length = Number(this.#received.subarray(0, colon).toString())
      if (this.#received.length < colon + length + 2) return
      const text = this.#received.subarray(colon + 1, colon + 1 + length).toString()
      this.#received = this.#received.subarray(colon + length + 2)
      const said = JSON.parse(text) as Record<string, string | boolean | undefined>
      const type = said['event'] ? `${said['type']}` : `answer ${said['token']}`
      const param = `${said['event'] ? (said['param'] ?? '') : (said['data'] ?? '')}`
      this.events.push({ type, param, at: performance.now() })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#witness[Symbol.dispose]()
    this.#control.destroy()
    await this.program[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Nearly all tenths of it are the tone: where a busy machine lost a packet its phase jumps, and two pieces together would cancel each other. */
function isMostly({ rate, samples }: Recording, frequency: number): boolean {
  const step = rate / 10
  const count = Math.floor(samples.length / step)
  let good = 0
  for (let i = 0; i < count; i++) {
    const piece = samples.subarray(i * step, (i + 1) * step)
    if (shareOf({ rate, samples: piece }, frequency) > 0.85) good++
  }
  return good >= count * 0.8
}

/** baresip plays and writes files that are just as its codec is. */
function shapeOf(codec: NonNullable<PhoneOptions['codec']>): { rate: number; channels: number } {
  if (codec === 'opus') return { rate: 48000, channels: 2 }
  return { rate: codec === 'G722' ? 16000 : 8000, channels: 1 }
}

function opened(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(socket))
    socket.once('error', () => resolve(undefined))
  })
}
