/** The test runner's book-keeping, on made-up test files. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

const runner = resolve('tools/test-run.mjs')

/** What runTests says and returns for files of one kind, given as name and text. */
async function runFiles(files: Readonly<Record<string, string>>, minutes = 1) {
  const folder = await mkdtemp(join(tmpdir(), 'test-run-'))
  try {
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(folder, name), `import { test, describe } from 'node:test'\n${text}\n`)
    }
    const script = `
      import { runTests } from ${JSON.stringify(runner)}
      const totals = await runTests({
        kinds: [{ folder: 'unit', atOnce: 1, seconds: 60 }],
        files: ${JSON.stringify(Object.keys(files).map((name) => `unit/${name}`))},
        compiled: (file) => ${JSON.stringify(folder)} + file.slice('unit'.length),
        deadline: performance.now() + ${minutes} * 60_000,
      })
      console.log('TOTALS ' + JSON.stringify(totals))`
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    // A file, not -e: the runner's children inherit node's own options and would run the script again.
    await writeFile(join(folder, 'script.mjs'), script)
    const { stdout } = await promisify(execFile)('node', [join(folder, 'script.mjs')], { env })
    const [said = '', totals = ''] = stdout.split('TOTALS ')
    return { said, totals: JSON.parse(totals) }
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('counts tests, not suites, and keeps skips with their reason', async () => {
  const { totals } = await runFiles({
    'a.mjs': `describe('suite', () => { test('one', () => {}); test('two', () => {}) })
              test('left out', { skip: 'no sipp' }, () => {})
              test('later', { todo: true }, () => { throw new Error('not yet') })`,
  })
  assert.deepEqual(totals, {
    passed: 2,
    todo: 1,
    failures: [],
    skips: [{ name: 'left out', why: 'no sipp' }],
  })
})

test('tells a failure in full and counts it once, not again for its suite', async () => {
  const { said, totals } = await runFiles({
    'a.mjs': `describe('suite', () => { test('breaks', () => { throw new Error('the reason') }) })`,
  })
  assert.deepEqual(totals.failures, [{ file: 'unit/a.mjs', name: 'breaks' }])
  assert.match(said, /FAILED: test\/unit\/a\.mjs:\d+ breaks/)
  assert.match(said, /the reason/)
})

test('a file that cannot be loaded is a failure', async () => {
  const { totals } = await runFiles({ 'a.mjs': `import './not-there.mjs'` })
  assert.equal(totals.passed, 0)
  assert.equal(totals.failures.length, 1)
})

test('what has not begun when the time is up counts as failed', async () => {
  const { totals } = await runFiles({ 'a.mjs': `test('one', () => {})` }, 0)
  assert.deepEqual(totals.failures, [{ file: 'unit/a.mjs', name: 'not run: the time is up' }])
})
