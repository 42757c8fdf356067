/**
 * Checks that imports in src/ go down only: `npm run layers`. Type-only imports obey too.
 * Prints `file:line: what is wrong` and exits with 1 when one does not, or when folders import each other in a ring.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Who may import whom. A folder may always import itself. An entry with a slash is one file;
 * `endpoints/*` means each folder below endpoints for itself, so that none imports another.
 */
export const rules: Readonly<Record<string, readonly string[]>> = {
  base: [],
  net: ['base'],
  xml: ['base'],
  sdp: ['base'],
  codecs: ['base'],
  formats: ['base', 'codecs'],
  sip: ['base', 'net'],
  rtp: ['base', 'net'],
  webrtc: ['base', 'net', 'rtp'],
  media: ['base', 'net', 'rtp', 'webrtc', 'codecs', 'formats'],
  core: [
    'base',
    'xml',
    'sdp',
    'codecs/codec.ts',
    'codecs/index.ts',
    'formats/format.ts',
    'media/engine.ts',
    'media/protocol.ts',
  ],
  'endpoints/*': [
    'base',
    'net',
    'xml',
    'sip',
    'sdp',
    'webrtc',
    'core',
    'codecs/codec.ts',
    'codecs/index.ts',
    'media/engine.ts',
  ],
  applications: ['base', 'xml', 'core'],
  commands: ['base', 'xml', 'core'],
  say: ['base', 'core'],
  speech: ['base', 'xml', 'core'],
  sinks: ['base', 'xml', 'core'],
  stores: ['base', 'core'],
  cli: ['base', 'net'],
}

/** Files at the top of src/ (main.ts, modules.ts …) tie everything together: they may import all, nobody imports them. */
function isRoot(path: string): boolean {
  return !path.includes('/')
}

interface Import {
  /** Paths from src/, with `/`. */
  readonly from: string
  readonly to: string
  readonly line: number
}

/** Every fault in the tree, as lines to print; none when all is well. */
export function checkLayers(src: string): string[] {
  const faults: string[] = []
  const edges = new Map<string, Map<string, Import>>()
  for (const file of sourceFiles(src)) {
    for (const found of importsOf(src, file)) {
      const fault = faultOf(found)
      if (fault) faults.push(`src/${found.from}:${found.line}: ${fault}`)
      const [from, to] = [folderOf(found.from), folderOf(found.to)]
      if (from === to || isRoot(found.from)) continue
      const targets = edges.get(from) ?? new Map<string, Import>()
      if (!targets.has(to)) targets.set(to, found)
      edges.set(from, targets)
    }
  }
  return [...faults, ...ringsOf(edges)]
}

function faultOf({ from, to }: Import): string | undefined {
  if (to.startsWith('../')) return `imports ${to.replace(/^(\.\.\/)+/, '')}, which is outside src`
  if (isRoot(from)) return undefined
  if (isRoot(to)) return `imports ${to}, which only files at the top may`
  const folder = folderOf(from)
  if (folder === folderOf(to)) return undefined
  const allowed = rules[folder.startsWith('endpoints/') ? 'endpoints/*' : folder]
  if (!allowed) return `${folder} has no rule in tools/layers.ts`
  if (allowed.includes(to) || allowed.includes(folderOf(to))) return undefined
  const list = allowed.length > 0 ? allowed.join(', ') : 'nothing of ours'
  return `${folder} may not import ${to} (it may import ${list})`
}

/** The folder that the rules know a file by: the first one, or two for endpoints; '' for a file at the top. */
function folderOf(path: string): string {
  const parts = path.split('/')
  if (parts[0] === 'endpoints' && parts.length > 2) return parts.slice(0, 2).join('/')
  return parts.length > 1 ? (parts[0] ?? '') : ''
}

/** Rings among the folders, each told once with an import for every step. */
function ringsOf(edges: ReadonlyMap<string, ReadonlyMap<string, Import>>): string[] {
  const told = new Map<string, string>()
  const visit = (folder: string, path: readonly string[]): void => {
    const at = path.indexOf(folder)
    if (at >= 0) {
      const ring = path.slice(at)
      const key = [...ring].sort().join(' ')
      if (!told.has(key)) told.set(key, tellRing(ring, edges))
      return
    }
    for (const next of edges.get(folder)?.keys() ?? []) visit(next, [...path, folder])
  }
  for (const folder of edges.keys()) visit(folder, [])
  return [...told.values()]
}

function tellRing(
  ring: readonly string[],
  edges: ReadonlyMap<string, ReadonlyMap<string, Import>>,
): string {
  const steps = ring.map((folder, index) => {
    const next = ring[(index + 1) % ring.length] ?? ''
    const step = edges.get(folder)?.get(next)
    return `  ${folder} imports ${next} at src/${step?.from}:${step?.line}`
  })
  return [`folders import each other in a ring: ${[...ring, ring[0]].join(' -> ')}`, ...steps].join(
    '\n',
  )
}

function sourceFiles(src: string): string[] {
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.split(sep).join('/'))
    .sort()
}

/**
 * `import … from`, `export … from` and bare imports at the start of a line, where the formatter puts them, so that
 * comments and texts are not mistaken for them; and `import('…')` anywhere.
 */
const staticImport = /^(?:import|export)\b(?:[^'"`;]*?\bfrom)?\s*(['"])(?<path>[^'"\n]+)\1/gm
const dynamicImport = /\bimport\(\s*(['"])(?<path>[^'"\n]+)\1/g

function importsOf(src: string, file: string): Import[] {
  const text = readFileSync(join(src, file), 'utf8')
  const found: Import[] = []
  for (const pattern of [staticImport, dynamicImport]) {
    for (const match of text.matchAll(pattern)) {
      const path = match.groups?.['path'] ?? ''
      if (!path.startsWith('.')) continue
      const to = relative(src, resolve(src, dirname(file), path))
        .split(sep)
        .join('/')
      const end = match.index + match[0].length
      found.push({ from: file, to, line: text.slice(0, end).split('\n').length })
    }
  }
  return found
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // Run from the sources or from .build: either way the sources of the checkout are meant.
  const src = resolve(process.argv[2] ?? 'src')
  const faults = checkLayers(src)
  for (const fault of faults) console.log(fault)
  console.log(
    faults.length === 0 ? 'layers: all imports go down' : `layers: ${faults.length} faults`,
  )
  if (faults.length > 0) process.exitCode = 1
}
