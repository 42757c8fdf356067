/** Runs compiled test files with node's own runner and tells about them: a line for each file, and every failure in full. */

import { setMaxListeners } from 'node:events'
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { run } from 'node:test'
import { inspect } from 'node:util'

/** Seconds after which a kind of tests says which files took longest. */
const slowKind = 60

// Every file of a run waits on the runner's one abort signal: that is no leak.
setMaxListeners(0)

/**
 * Runs the files kind after kind. `deadline` is on performance.now()'s clock: what has not begun by then counts as
 * failed. Returns how many passed, and which failed and were skipped.
 */
export async function runTests({ kinds, files, compiled, deadline }) {
  const totals = { passed: 0, todo: 0, failures: [], skips: [] }
  for (const kind of kinds) {
    const own = files.filter((file) => file.startsWith(`${kind.folder}/`)).sort(bySize)
    if (own.length === 0) continue
    const left = deadline - performance.now()
    if (left <= 0) {
      for (const file of own) totals.failures.push({ file, name: 'not run: the time is up' })
      continue
    }
    await runKind(kind, own, compiled, left, totals)
  }
  return totals
}

/**
 * The files of a kind whose tests share nothing but the processor run in few processes: most of the time of each would go into
 * loading the same modules. Gives the files to run, which import them.
 */
function joined(kind, files, compiled) {
  const folder = join(compiled(kind.folder), '.joined')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const batches = Array.from({ length: Math.min(kind.processes, files.length) }, (_, index) => ({
    name: join(folder, `${index + 1}.js`),
    files: files.filter((_file, at) => at % kind.processes === index),
  }))
  for (const { name, files } of batches) {
    const imports = files.map((file) => `import './${relative(folder, compiled(file))}'\n`)
    writeFileSync(name, imports.join(''))
  }
  return batches
}

/** Long files first: one that begins last is waited for alone. */
function bySize(one, other) {
  return size(other) - size(one)
}

function size(file) {
  return statSync(join('test', file), { throwIfNoEntry: false })?.size ?? 0
}

async function runKind(kind, files, compiled, left, totals) {
  const start = performance.now()
  const before = { passed: totals.passed, failed: totals.failures.length }
  const batches = kind.processes
    ? joined(kind, files, compiled)
    : files.map((file) => ({ name: compiled(file), files: [file] }))
  // Node names a test by its compiled file or, through the source map, by the file it was written in.
  const nameOf = new Map(
    files.flatMap((file) => [
      [compiled(file), file],
      [resolve('test', file), file],
    ]),
  )
  const batchOf = new Map(batches.flatMap(({ name, files }) => files.map((file) => [file, name])))
  const written = new Map()
  const spent = new Map()
  // An outer runner's mark would make ours pass over the files.
  delete process.env.NODE_TEST_CONTEXT
  process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --enable-source-maps`.trim()
  const stream = run({
    files: batches.map(({ name }) => name),
    concurrency: kind.atOnce,
    timeout: kind.seconds * 1000,
    signal: AbortSignal.timeout(Math.ceil(left)),
  })
  for await (const { type, data } of stream) {
    const file = nameOf.get(data.file) ?? data.file ?? '?'
    const batch = batchOf.get(file) ?? file
    if (type === 'test:stdout' || type === 'test:stderr') {
      written.set(batch, (written.get(batch) ?? '') + data.message)
    } else if (type === 'test:pass' || type === 'test:fail') {
      count(type, data, file, { written, batch }, totals)
      if (data.nesting === 0)
        spent.set(file, (spent.get(file) ?? 0) + (data.details?.duration_ms ?? 0))
    }
  }
  const passed = totals.passed - before.passed
  const failed = totals.failures.length - before.failed
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(
    `${failed > 0 ? 'FAILED' : 'ok'}: ${kind.folder}: ${files.length} files, ${passed} passed, ${failed} failed (${seconds} s)`,
  )
  if (seconds > slowKind) console.log(`  slowest: ${slowestOf(spent)}`)
}

/** The five files that took longest, so that one sees where the minutes go. */
function slowestOf(spent) {
  return [...spent]
    .sort(([, one], [, other]) => other - one)
    .slice(0, 5)
    .map(([file, ms]) => `${file} ${(ms / 1000).toFixed(0)} s`)
    .join(', ')
}

function count(type, data, file, output, totals) {
  if (data.skip !== undefined) {
    totals.skips.push({ name: data.name, why: typeof data.skip === 'string' ? data.skip : '' })
  } else if (data.todo !== undefined) {
    totals.todo++
  } else if (type === 'test:pass') {
    if (data.details?.type !== 'suite') totals.passed++
  } else if (isOwnFailure(data)) {
    totals.failures.push({ file, name: data.name })
    tell(data, file, output)
  }
}

/** A suite that failed only because a test in it did is told by that test. */
function isOwnFailure(data) {
  return data.details?.error?.failureType !== 'subtestsFailed'
}

function tell(data, file, { written, batch }) {
  console.log(`\nFAILED: test/${file}:${data.line ?? ''} ${data.name}`)
  const error = data.details?.error
  console.log(inspect(error?.cause ?? error, { depth: 4 }).replace(/^/gm, '    '))
  const text = written.get(batch)
  if (text) console.log(`  the file wrote:\n${text.slice(-16_000).replace(/^/gm, '    ')}`)
  written.delete(batch)
}
