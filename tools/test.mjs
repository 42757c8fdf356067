/**
 * `npm test`: everything that must hold, from a bare checkout. Plain JavaScript, for it runs before anything is
 * installed. Steps: packages, the programs that tests talk to, build with type check, lint, layers, tests.
 *
 *   npm test                      all of it
 *   npm test -- unit              the tests under test/unit, without lint and layers
 *   npm test -- call/xyz          the test files whose path begins so
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { preparePty } from './test-peers.mjs'
import { runTests } from './test-run.mjs'

const root = resolve(fileURLToPath(new URL('..', import.meta.url)))
/** Where the time goes, in minutes: the whole must end within 15. */
const mostMinutes = 14

/**
 * The kinds of tests in the order in which they run. Calls wait more than they work, so there are more of them at once than
 * processors; real programs share the machine's ports and ears, so few of those. `seconds` bounds one file; `processes`: so many
 * take all the files together.
 */
const kinds = [
  {
    folder: 'unit',
    atOnce: availableParallelism(),
    processes: 2 * availableParallelism(),
    seconds: 120,
  },
  { folder: 'contract', atOnce: availableParallelism(), seconds: 180 },
  { folder: 'torture', atOnce: availableParallelism(), seconds: 120 },
  { folder: 'call', atOnce: 5, seconds: 300 },
  { folder: 'interop', atOnce: 2, seconds: 300 },
  { folder: 'load', atOnce: 1, seconds: 300 },
]

const began = performance.now()
const seconds = () => ((performance.now() - began) / 1000).toFixed(0)
const selected = process.argv.slice(2).map((word) => word.replace(/^(\.\/)?test\//, ''))
const failedSteps = []

process.chdir(root)
const files = testFiles()
if (selected.length > 0 && files.length === 0) {
  console.error(`no test file begins with ${selected.join(' or ')} (under test/)`)
  process.exit(2)
}

// Debian's programs come, and the native package is compiled, while the sources are built and read: each takes a minute.
const needsPeers = files.some((file) => /^(call|interop|load)\//.test(file))
const peersEnd = needsPeers ? started(process.execPath, ['tools/test-peers.mjs']) : undefined
step('packages', () => run('sh', ['-c', ensuring('fetch_packages')]), true)
const nativeStart = performance.now()
const nativeEnd = started('sh', ['-c', ensuring('prepare_packages')])

step('build and type check', build)
if (selected.length === 0) {
  step('lint', () =>
    run('node', ['node_modules/@biomejs/biome/bin/biome', 'check', '--log-level=error']),
  )
  step('layers', () => run('node', ['.build/tools/layers.js']))
}

const isNativeReady = await nativeEnd
step('native packages', () => isNativeReady, true, nativeStart)
if (peersEnd) {
  await peersEnd
  preparePty(root)
}

const totals = await runTests({
  kinds,
  files,
  compiled: (file) => join(root, '.build/test', file.replace(/\.ts$/, '.js')),
  deadline: began + mostMinutes * 60_000,
})

console.log('')
for (const { name, why } of totals.skips) console.log(`skipped: ${name}${why ? ` (${why})` : ''}`)
for (const name of failedSteps) console.log(`FAILED: ${name}`)
for (const { file, name } of totals.failures) console.log(`FAILED: test/${file}: ${name}`)
const skipped = totals.skips.length > 0 ? `, ${totals.skips.length} skipped` : ''
const todo = totals.todo > 0 ? `, ${totals.todo} to do` : ''
console.log(
  `${totals.passed} passed, ${totals.failures.length + failedSteps.length} failed${skipped}${todo}, in ${seconds()} s`,
)
process.exit(totals.failures.length + failedSteps.length > 0 ? 1 : 0)

/** Test files as paths under test/, those selected, in the order of their kinds. */
function testFiles() {
  if (!existsSync('test')) return []
  return readdirSync('test', { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.test.ts'))
    .filter((name) => selected.length === 0 || selected.some((word) => isSelected(name, word)))
    .sort()
}

/** `unit`, `unit/sip`, `unit/sip/digest` and `unit/sip/digest.test.ts` all select test/unit/sip/digest.test.ts. */
function isSelected(name, word) {
  const plain = word.replace(/\/$/, '')
  return (
    name === plain ||
    name.startsWith(`${plain}/`) ||
    name.startsWith(`${plain}.`) ||
    (plain.includes('/') && name.startsWith(plain))
  )
}

/** Runs one step and tells how long it took, since `start`. A step that the rest cannot do without ends it all. */
function step(name, action, needed = false, start = performance.now()) {
  const ok = action()
  console.log(
    `${ok ? 'ok' : 'FAILED'}: ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`,
  )
  if (ok) return
  failedSteps.push(name)
  if (needed) {
    console.log(`0 passed, 1 failed, in ${seconds()} s`)
    process.exit(1)
  }
}

/** Compiles all, and tells the launchers that it was done: they need not do it again. */
function build() {
  const start = Date.now() / 1000
  if (!run('node', ['node_modules/typescript/bin/tsc'])) return false
  if (!run('node', ['scripts/lib/bundle.mjs', '.build/server'])) return false
  writeFileSync('.build/.stamp', '')
  utimesSync('.build/.stamp', start, start)
  return true
}

/** What is done where the packages are not all there. */
function ensuring(what) {
  return `root=$PWD; . scripts/lib/ensure-built.sh; check_node; is_installed || ${what}`
}

/** Runs a program beside what follows; whether it ended well. */
function started(command, args) {
  return new Promise((resolve) => {
    spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
      .on('error', () => resolve(false))
      .on('exit', (code) => resolve(code === 0))
  })
}

function run(command, args) {
  return spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status === 0
}
