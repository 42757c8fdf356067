/**
 * Joins the sources of the server into some hundred files by what is loaded together: node reads these in half the time that it needs
 * for nine hundred. Packages stay outside. The source maps beside them let node name file and line of the sources in what it logs.
 *
 *   node bundle.mjs <to>
 */
import { build } from 'esbuild'

const [to = '.build/server'] = process.argv.slice(2)

// The names are those under which the sources find each other beside themselves.
await build({
  entryPoints: {
    main: 'src/main.ts',
    worker: 'src/media/worker.ts',
    'decoder-thread': 'src/formats/decoder-thread.ts',
  },
  outdir: to,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
})
