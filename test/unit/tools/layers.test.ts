/** The layer check, put to small made-up trees. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { checkLayers } from '../../../tools/layers.ts'

/** The faults of a tree given as its files. */
function faults(files: Readonly<Record<string, string>>): string[] {
  const src = mkdtempSync(join(tmpdir(), 'layers-'))
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(src, name)), { recursive: true })
      writeFileSync(join(src, name), text)
    }
    return checkLayers(src)
  } finally {
    rmSync(src, { recursive: true })
  }
}

test('a tree whose imports go down has no faults', () => {
  assert.deepEqual(
    faults({
      'base/log.ts': "import { inspect } from 'node:util'\n",
      'net/udp.ts': "import { logger } from '../base/log.ts'\nimport { a } from './tcp.ts'\n",
      'core/channel.ts': "import type { MediaEngine } from '../media/engine.ts'\n",
      'media/engine.ts': "import { logger } from '../base/log.ts'\n",
      'endpoints/sofia/profile.ts':
        "import { a } from './registrar.ts'\nimport { b } from '../../sip/uri.ts'\n",
      'main.ts': "import './modules.ts'\nimport { x } from './endpoints/sofia/profile.ts'\n",
      'modules.ts': "import { y } from './applications/echo.ts'\n",
    }),
    [],
  )
})

test('an import upwards is told with its file and line', () => {
  assert.deepEqual(
    faults({ 'base/log.ts': "// the log\n\nimport { x } from '../core/channel.ts'\n" }),
    ['src/base/log.ts:3: base may not import core/channel.ts (it may import nothing of ours)'],
  )
})

test('type-only imports, re-exports, bare and dynamic imports obey too', () => {
  const each = [
    "import type { X } from '../core/a.ts'",
    "export { x } from '../core/a.ts'",
    "export * from '../core/a.ts'",
    "import '../core/a.ts'",
    "const a = await import('../core/a.ts')",
    "let a: import('../core/a.ts').A",
    "import {\n  a,\n  b,\n} from '../core/a.ts'",
    'import x from "../core/a.ts"',
  ]
  for (const line of each) {
    const found = faults({ 'net/udp.ts': `${line}\n` })
    assert.equal(found.length, 1, line)
    assert.match(found[0]!, /^src\/net\/udp\.ts:[14]: net may not import core\/a\.ts/)
  }
})

test('comments and texts that speak of an import are none', () => {
  assert.deepEqual(
    faults({
      'base/a.ts': "/** import x from '../core/a.ts' */\nconst a = \"from '../core/a.ts'\"\n",
    }),
    [],
  )
})

test('core sees only the face of media', () => {
  assert.deepEqual(faults({ 'core/a.ts': "import { x } from '../media/protocol.ts'\n" }), [])
  assert.match(
    faults({ 'core/a.ts': "import { x } from '../media/mixer.ts'\n" })[0]!,
    /may not import/,
  )
})

test('core sees the shapes of codecs and formats, not the codecs', () => {
  assert.deepEqual(
    faults({
      'core/a.ts':
        "import type { Codec } from '../codecs/codec.ts'\nimport type { F } from '../formats/format.ts'\n",
    }),
    [],
  )
  assert.equal(faults({ 'core/a.ts': "import { x } from '../codecs/g722.ts'\n" }).length, 1)
})

test('no endpoint imports another', () => {
  assert.deepEqual(faults({ 'endpoints/sofia/a.ts': "import { x } from '../loopback/b.ts'\n" }), [
    'src/endpoints/sofia/a.ts:1: endpoints/sofia may not import endpoints/loopback/b.ts ' +
      '(it may import base, net, xml, sip, sdp, webrtc, core, codecs/codec.ts, codecs/index.ts, media/engine.ts)',
  ])
})

test('an application imports no command', () => {
  assert.equal(faults({ 'applications/a.ts': "import { x } from '../commands/b.ts'\n" }).length, 1)
})

test('nobody imports the roots, and nothing lies outside src', () => {
  assert.match(
    faults({ 'core/a.ts': "import { x } from '../main.ts'\n" })[0]!,
    /which only files at the top may/,
  )
  assert.match(
    faults({ 'core/a.ts': "import { x } from '../../test/support/phone.ts'\n" })[0]!,
    /imports test\/support\/phone\.ts, which is outside src/,
  )
})

test('a folder that the rules do not know is a fault', () => {
  assert.match(faults({ 'helpers/a.ts': "import { x } from '../base/log.ts'\n" })[0]!, /no rule/)
})

test('folders that import each other in a ring are told once, with an import for every step', () => {
  const found = faults({
    'codecs/codec.ts': "import { x } from '../core/a.ts'\n",
    'core/a.ts': "import { y } from '../codecs/codec.ts'\n",
  })
  assert.equal(found.length, 2)
  assert.equal(
    found[1],
    'folders import each other in a ring: codecs -> core -> codecs\n' +
      '  codecs imports core at src/codecs/codec.ts:1\n' +
      '  core imports codecs at src/core/a.ts:1',
  )
})
