/**
 * The preprocessor of the XML configuration: line by line and before any XML is read, `$${name}` is replaced and
 * X-PRE-PROCESS commands are carried out. It knows nothing of XML, so a command inside a comment runs too.
 */
import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { placeText, reasonOf, type SourcePlace, SwitchError } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import { type Directive, readComment, readTag, splitPair } from './directive.ts'
import { glob } from './glob.ts'
import { type ExpandedLine, expandLine, writeGlobal } from './globals.ts'
import { runShell } from './shell.ts'
import { type MergedText, MergedTextBuilder } from './source-map.ts'

const log = logger('xml/pre-process')

/** How deep files may include files. */
const depthLimit = 100
/** How long the command of an `exec` or `exec-set` may take, in ms. */
const shellLimit = 5000

export interface PreProcessOptions {
  /** The global variables: read by `$${name}`, written by the `set` commands. */
  readonly variables: Map<string, string>
  /** Values that no command of the files may change. */
  readonly overrides?: ReadonlyMap<string, string>
  /** Asks a STUN server for our public address, for `stun-set`; rejects when it does not answer. */
  readonly stunLookup?: (host: string, port: number) => Promise<string>
}

/** Merges a file and all that it includes. Throws XML_NO_FILE when the file itself cannot be read; all else is logged. */
export async function preProcess(file: string, options: PreProcessOptions): Promise<MergedText> {
  for (const [name, value] of options.overrides ?? []) options.variables.set(name, value)
  const builder = new MergedTextBuilder()
  let text: string
  try {
    text = readText(file)
  } catch (thrown) {
    const isMissing = (thrown as NodeJS.ErrnoException).code === 'ENOENT'
    const why = isMissing ? 'there is no such file (--conf names its folder)' : reasonOf(thrown)
    throw new SwitchError('XML_NO_FILE', `cannot read ${file}: ${why}`)
  }
  await mergeFile({ file, text, chain: [file], builder, options })
  return builder.finish()
}

interface FileRun {
  readonly file: string
  readonly text: string
  /** The files that led here, this one last. */
  readonly chain: readonly string[]
  readonly builder: MergedTextBuilder
  readonly options: PreProcessOptions
}

/** A file with its lines ending in `\n`. What is not UTF-8 is taken for Latin-1. */
function readText(file: string): string {
  const bytes = readFileSync(file)
  const text = bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1')
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
}

/** What makes a line more than text to pass on. */
const special = /\$\$\{|x-pre-process|<include>|<\/include>|<\?|<!--#/gi

async function mergeFile(run: FileRun): Promise<void> {
  const { file, text } = run
  let number = 1
  let start = 0
  // Inside an old-form command that did not end on its line.
  let isInComment = false
  while (start < text.length) {
    if (!isInComment) {
      special.lastIndex = start
      const found = special.exec(text)
      const plainEnd = found ? text.lastIndexOf('\n', found.index) + 1 : text.length
      if (plainEnd > start) {
        run.builder.add(text.slice(start, plainEnd), { file, line: number, column: 1 })
        for (let at = start; at < plainEnd; number++) {
          const end = text.indexOf('\n', at)
          at = end < 0 ? plainEnd : end + 1
        }
        start = plainEnd
        continue
      }
    }
    const end = text.indexOf('\n', start) + 1 || text.length
    isInComment = await mergeLine(text.slice(start, end), number++, isInComment, run)
    start = end
  }
}

/** Deals with one line that holds something special; true when it leaves an old-form command open. */
async function mergeLine(
  row: string,
  number: number,
  wasInComment: boolean,
  run: FileRun,
): Promise<boolean> {
  const at = (column: number): SourcePlace => ({ file: run.file, line: number, column })
  const line = expandLine(row, run.options.variables)
  for (const column of line.unterminated) log.err(`${placeText(at(column))}: $\${ without }`)
  // These are for other tools. The look is at the line as it stands before its first variable ends.
  if (/<include>|<\/include>|<\?/.test(line.head)) return wasInComment
  const start = wasInComment ? line.text.indexOf('-->') + 3 : 0
  if (wasInComment && start === 2) return true
  const rest = line.text.slice(start)
  if (/x-pre-process/i.test(rest)) {
    const directive = readTag(rest)
    const column = row.search(/x-pre-process/i)
    if (directive) await carryOut(directive, at(Math.max(1, column)), run)
    return false
  }
  const comment = line.text.indexOf('<!--#', start)
  if (comment < 0) {
    write(run, line, at, start, line.text.length)
    return false
  }
  write(run, line, at, start, comment)
  const end = line.text.indexOf('-->', comment)
  if (end >= 0) write(run, line, at, end + 3, line.text.length)
  const directive = readComment(line.text.slice(comment + 5, end < 0 ? undefined : end))
  if (directive) await carryOut(directive, at(comment + 1), run)
  return end < 0
}

/** Writes the characters `from` to `to` of an expanded line, each with its own column. */
function write(
  run: FileRun,
  line: ExpandedLine,
  at: (column: number) => SourcePlace,
  from: number,
  to: number,
): void {
  let start = 0
  for (const piece of line.pieces) {
    const end = start + piece.text.length
    const first = Math.max(from, start)
    if (first < Math.min(to, end)) {
      const text = piece.text.slice(first - start, Math.min(to, end) - start)
      if (piece.isValue) run.builder.addMade(text, at(piece.column))
      else run.builder.add(text, at(piece.column + first - start))
    }
    start = end
  }
}

async function carryOut(directive: Directive, place: SourcePlace, run: FileRun): Promise<void> {
  switch (directive.command) {
    case 'include':
      return include(directive.data, place, run)
    case 'exec': {
      const { output, failure } = await runShell(directive.data, shellLimit)
      if (failure) log.err(`${placeText(place)}: exec [${directive.data}] ${failure}`)
      run.builder.addMade(output, place)
      return
    }
    case 'set':
    case 'exec-set':
    case 'env-set':
    case 'stun-set':
      return assign(directive, place, run.options)
    default:
      log.warning(`${placeText(place)}: unknown preprocessor command ${directive.command}`)
  }
}

async function assign(
  directive: Directive,
  place: SourcePlace,
  options: PreProcessOptions,
): Promise<void> {
  const pair = splitPair(directive.data)
  if (!pair) {
    log.warning(`${placeText(place)}: ${directive.command} needs name=value, not ${directive.data}`)
    return
  }
  if (options.overrides?.has(pair.name)) return
  const value = await evaluate(directive.command, pair.value, place, options)
  if (value !== undefined) writeGlobal(options.variables, pair.name, value)
}

/** What the variable becomes; undefined leaves it as it is. */
async function evaluate(
  command: string,
  source: string,
  place: SourcePlace,
  options: PreProcessOptions,
): Promise<string | undefined> {
  if (command === 'set') return source
  if (command === 'env-set')
    return source.startsWith('$') ? process.env[source.slice(1)] : undefined
  if (command === 'stun-set') return publicAddress(source, place, options)
  const { output, failure } = await runShell(source, shellLimit)
  if (failure) {
    log.err(`${placeText(place)}: exec-set [${source}] ${failure}`)
    return undefined
  }
  return output === '' ? undefined : output.replace(/[ \n]+$/, '')
}

/** `stun:host[:port]` asks that server, `host:name` asks the DNS, anything else is the address itself. */
async function publicAddress(
  source: string,
  place: SourcePlace,
  options: PreProcessOptions,
): Promise<string | undefined> {
  const server = /^stun:([^:]*)(?::(\d+))?/i.exec(source)
  try {
    if (server) {
      if (!options.stunLookup) throw new Error('no STUN client')
      return await options.stunLookup(server[1] ?? '', Number(server[2] ?? 3478))
    }
    if (!/^host:/i.test(source)) return source
    const { lookup } = await import('node:dns/promises')
    return (await lookup(source.slice(5), { family: 4 })).address
  } catch (thrown) {
    log.err(`${placeText(place)}: stun-set ${source} failed: ${reasonOf(thrown)}`)
    return undefined
  }
}

async function include(pattern: string, place: SourcePlace, run: FileRun): Promise<void> {
  // Joined, so that places in messages have no `..` in them.
  const files = glob(isAbsolute(pattern) ? pattern : join(dirname(run.file), pattern))
  if (files.length === 0) log.info(`${placeText(place)}: no files to include at ${pattern}`)
  if (run.chain.length > depthLimit) {
    log.err(`${placeText(place)}: ${pattern} not included, more than ${depthLimit} files deep`)
    return
  }
  for (const file of files) {
    // A file within itself would only repeat itself up to the limit of depth.
    if (run.chain.includes(file)) {
      log.err(`${placeText(place)}: ${file} includes itself`)
      continue
    }
    let text: string
    try {
      text = readText(file)
    } catch (thrown) {
      log.err(`${placeText(place)}: cannot include ${file}: ${reasonOf(thrown)}`)
      continue
    }
    await mergeFile({ ...run, file, text, chain: [...run.chain, file] })
  }
}
