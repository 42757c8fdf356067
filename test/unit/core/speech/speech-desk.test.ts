/** Speech is made a few at a time, once for each text, within bounds; what is left over is cleaned up. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { SwitchError } from '../../../../src/base/errors.ts'
import type { SpeechEngine, SpeechJob } from '../../../../src/core/interfaces.ts'
import { Registry } from '../../../../src/core/registry.ts'
import { runProgram } from '../../../../src/core/speech/run-program.ts'
import { SpeechDesk, speechLimits } from '../../../../src/core/speech/speech-desk.ts'
import { eventually } from '../../../support/programs.ts'
import { temporaryFolder } from '../../../support/sound.ts'

/** Writes the text as if it were sound, when the test lets it. */
class FakeEngine implements SpeechEngine {
  readonly name = 'fake'
  readonly jobs: SpeechJob[] = []
  readonly #gates: (() => void)[] = []
  isOpen = true

  async render(job: SpeechJob): Promise<void> {
    this.jobs.push(job)
    if (!this.isOpen)
      await new Promise<void>((resolve, reject) => {
        this.#gates.push(resolve)
        job.signal.addEventListener('abort', () => reject(new SwitchError('TTS_TIMEOUT', 'late')))
      })
    if (job.text === 'broken') throw new SwitchError('TTS_FAILED', 'it is broken')
    await writeFile(job.path, job.text === 'silent' ? '' : `${job.voice} ${job.text}`.padEnd(100))
  }

  letGo(): void {
    for (const go of this.#gates.splice(0)) go()
  }
}

function deskOf(folder: string, engine: FakeEngine, limits = {}): SpeechDesk {
  const engines = new Registry<SpeechEngine>('engine')
  engines.add(engine, 'mod_fake')
  return new SpeechDesk(engines, folder, { ...speechLimits, ...limits })
}

const codeOf = (code: string) => (thrown: unknown) =>
  thrown instanceof SwitchError && thrown.code === code

test('a text is rendered once, whoever asks, and again by nobody', async () => {
  await using folder = await temporaryFolder()
  const engine = new FakeEngine()
  const desk = deskOf(folder.path, engine)
  const [one, two] = await Promise.all([
    desk.fetch('fake|v|hi  you\n'),
    desk.fetch('FAKE|v|hi you'),
  ])
  assert.equal(one, two)
  assert.equal((await readFile(one, 'utf8')).trim(), 'v hi you')
  assert.equal(await desk.fetch('fake|v|hi you'), one)
  assert.notEqual(await desk.fetch('fake|w|hi you'), one)
  assert.equal((await readFile(await desk.fetch('fake||a|b'), 'utf8')).trim(), 'a|b')
  assert.equal(engine.jobs.length, 3)
  // It outlives a restart.
  const later = deskOf(folder.path, engine)
  assert.equal(await later.fetch('fake|v|hi you'), one)
  assert.equal(engine.jobs.length, 3)
  assert.equal(later.figures['cached'], 1)
})

test('two are at work, the others wait, and too many are refused', async () => {
  await using folder = await temporaryFolder()
  const engine = new FakeEngine()
  engine.isOpen = false
  const desk = deskOf(folder.path, engine, { waiting: 3 })
  const asked = Array.from({ length: 5 }, (_, index) => desk.fetch(`fake||${index}`))
  await eventually('two at work', () => engine.jobs.length === 2 && desk.figures['waiting'] === 3)
  await assert.rejects(desk.fetch('fake||6'), codeOf('TTS_BUSY'))
  assert.equal(desk.figures['at work'], 2)
  assert.equal(desk.figures['refused: queue full'], 1)
  engine.isOpen = true
  engine.letGo()
  assert.equal(new Set(await Promise.all(asked)).size, 5)
  assert.equal(desk.figures['at work'], 0)
})

test('what fails says why, is not kept and leaves nothing', async () => {
  await using folder = await temporaryFolder()
  const engine = new FakeEngine()
  const desk = deskOf(folder.path, engine, { timeoutMs: 50, characters: 20 })
  await assert.rejects(desk.fetch('fake||broken'), /it is broken/)
  await assert.rejects(desk.fetch('fake||silent'), /no sound was made/)
  await assert.rejects(desk.fetch('other-one||hi'), /mod_other_one is not loaded/)
  await assert.rejects(desk.fetch('fake|| \n'), /no words/)
  await assert.rejects(desk.fetch(`fake||${'x'.repeat(21)}`), /more than 20 characters/)
  engine.isOpen = false
  await assert.rejects(desk.fetch('fake||slow'), codeOf('TTS_TIMEOUT'))
  assert.deepEqual(await readdir(folder.path), [])
  assert.equal(desk.figures['failed'], 2)
  assert.equal(desk.figures['timed out'], 1)
})

test('those longest unused go first, and halves of an earlier run at once', async () => {
  await using folder = await temporaryFolder()
  const engine = new FakeEngine()
  await writeFile(join(folder.path, 'abc.1.part.wav'), 'half')
  await writeFile(join(folder.path, 'abcd.wav'), 'x'.repeat(100))
  await utimes(join(folder.path, 'abcd.wav'), 1000, 1000)
  const desk = deskOf(folder.path, engine, { files: 2 })
  const one = await desk.fetch('fake||one')
  assert.deepEqual((await readdir(folder.path)).length, 2)
  const two = await desk.fetch('fake||two')
  await desk.fetch('fake||one')
  const three = await desk.fetch('fake||three')
  const names = (await readdir(folder.path)).map((name) => join(folder.path, name)).sort()
  assert.deepEqual(names, [one, three].sort())
  assert.ok(!names.includes(two))
  assert.equal(desk.figures['octets'], 200)
})

test('a program that hangs is ended with all it started', async () => {
  await using folder = await temporaryFolder()
  const pidFile = join(folder.path, 'pid')
  const run = runProgram({
    command: '/bin/sh',
    args: ['-c', 'sleep 300 & echo $! > "$PID"; wait'],
    env: { PID: pidFile },
    debianPackage: 'dash',
    signal: AbortSignal.timeout(300),
  })
  await assert.rejects(run, codeOf('TTS_TIMEOUT'))
  const pid = Number(await readFile(pidFile, 'utf8'))
  await eventually('its end', () => !isRunning(pid))
})

test('a program that is not there is told with its package, one that fails with its words', async () => {
  const signal = AbortSignal.timeout(10_000)
  const missing = { command: 'strowger-no-such', args: [], debianPackage: 'such', signal }
  await assert.rejects(runProgram(missing), /apt-get install such/)
  const failing = {
    command: '/bin/sh',
    args: ['-c', 'echo oh  no >&2; exit 3'],
    debianPackage: '',
    signal,
  }
  await assert.rejects(runProgram(failing), /ended with 3: oh no/)
})

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // What init has not taken notice of yet is over too.
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}
