/**
 * What a failed test leaves to read: servers, programs and pages say here what they saw last. After a test that failed it is written
 * down; after one that passed it is forgotten.
 */
import { after, afterEach } from 'node:test'

type Tell = () => string

const present = new Map<object, readonly [name: string, tell: Tell]>()
/** The last words of those that went within the test. */
let gone: string[] = []

/** `tell` is asked when a test has failed, or once when what it tells of goes: dispose of it before that. */
export function witness(name: string, tell: Tell): Disposable {
  const one = {
    [Symbol.dispose]() {
      if (present.delete(one)) gone.push(words(name, tell))
    },
  }
  present.set(one, [name, tell])
  return one
}

function words(name: string, tell: Tell): string {
  let text: string
  try {
    text = tell()
  } catch (thrown) {
    text = `says nothing: ${String(thrown)}`
  }
  return `--- ${name}\n${text.trimEnd()}\n`
}

/** Benchmarks use what tests use, and have no tests. */
const isTest =
  process.env['NODE_TEST_CONTEXT'] !== undefined || /\.test\.[jt]s$/.test(process.argv[1] ?? '')

/** So long the file may take to end behind its last test, ms: a browser that goes needs a while. */
const endMs = 20_000

if (isTest) {
  afterEach((test) => {
    const all = [...gone, ...[...present.values()].map(([name, tell]) => words(name, tell))]
    gone = []
    if ('passed' in test && test.passed === false && all.length > 0)
      console.log(`--- ${new Date().toISOString()}: "${test.name}" failed\n${all.join('')}`)
  })
  // What a failed test left open would hold up all files that come behind this one.
  after(() => {
    const timer = setTimeout(() => {
      console.log(`still open behind the tests: ${process.getActiveResourcesInfo().join(' ')}`)
      process.exit()
    }, endMs)
    timer.unref()
  })
}

/** The last lines of a text, none of them longer than a screen is wide. */
export function lastLines(text: string, count: number): string {
  return text
    .slice(-count * 400)
    .trimEnd()
    .split('\n')
    .slice(-count)
    .map((line) => (line.length > 300 ? `${line.slice(0, 300)} …` : line))
    .join('\n')
}
