/** Headless Chromium with pages of the test's own: SIP libraries of the field in it, tones into it, tones found in what it hears. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './programs.ts'
import { lastLines, witness } from './witness.ts'

const executablePath = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find((path) =>
  existsSync(path),
)

/** How long a browser is waited for, ms: two of them and a server on a busy machine are slow at everything. */
export const browserMs = 60_000

/** What a browser does rejects when it is not done in time: it would hold up the whole file. */
export async function within<T>(done: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${browserMs} ms`)), browserMs)
  })
  try {
    return await Promise.race([done, late])
  } finally {
    clearTimeout(timer)
  }
}

/** What is used of playwright-core and esbuild, which are asked for only where they are there. */
export interface Page {
  goto(url: string): Promise<unknown>
  reload(): Promise<unknown>
  addInitScript(script: string): Promise<void>
  evaluate<T>(script: string): Promise<T>
  fill(selector: string, value: string): Promise<void>
  click(selector: string, options?: { timeout: number }): Promise<void>
  textContent(selector: string): Promise<string | null>
  isVisible(selector: string): Promise<boolean>
  screenshot(options: { path: string }): Promise<unknown>
  setViewportSize(size: { width: number; height: number }): Promise<void>
  on(event: 'console', listener: (message: { text(): string }) => void): void
  on(event: 'pageerror', listener: (error: Error) => void): void
  on(event: 'dialog', listener: (dialog: { accept(): Promise<void> }) => void): void
  readonly keyboard: { press(key: string): Promise<void> }
  close(): Promise<void>
}
interface Context {
  newPage(): Promise<Page>
  setDefaultTimeout(ms: number): void
  close(): Promise<void>
}
interface Playwright {
  chromium: { launchPersistentContext(folder: string, options: object): Promise<Context> }
}
interface Bundler {
  buildSync(options: object): { outputFiles: { text: string }[] }
}

const require = createRequire(join(root, 'package.json'))

/** What to give a test as `skip`; `packages` are what it needs beside the browser. */
export function skipWithoutChromium(packages = ['esbuild', 'jssip']): string | false {
  if (!executablePath) return 'Chromium is not installed (apt-get install chromium-headless-shell)'
  try {
    for (const name of ['playwright-core', ...packages]) require.resolve(name)
  } catch (thrown) {
    return String(thrown).split('\n')[0] ?? 'packages are missing'
  }
  return false
}

/** Headless Chromium with a folder of its own, which goes with it. */
export class Browser implements AsyncDisposable {
  readonly #context: Context
  readonly #folder: string

  private constructor(context: Context, folder: string) {
    this.#context = context
    this.#folder = folder
  }

  static async launch(): Promise<Browser> {
    const folder = mkdtempSync(join(tmpdir(), 'strowger-chromium-'))
    const { chromium } = require('playwright-core') as Playwright
    const context = await chromium.launchPersistentContext(folder, {
      executablePath,
      headless: true,
      timeout: browserMs,
      ignoreHTTPSErrors: true,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--autoplay-policy=no-user-gesture-required',
        '--use-fake-device-for-media-stream',
        '--use-fake-ui-for-media-stream',
        // Candidates with names of mDNS are of use to nobody here.
        '--disable-features=WebRtcHideLocalIpsWithMdns',
        '--allow-loopback-in-peer-connection',
      ],
    })
    context.setDefaultTimeout(browserMs)
    return new Browser(context, folder)
  }

  newPage(): Promise<Page> {
    return this.#context.newPage()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await within(this.#context.close(), 'a browser to end')
    // It may still write while it goes.
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** A library as one script that puts it under a name of the window's. */
function bundle(name: string, from: string): string {
  const { buildSync } = require('esbuild') as Bundler
  const [file] = buildSync({
    stdin: { contents: `import * as all from '${from}'; window.${name} = all`, resolveDir: root },
    bundle: true,
    write: false,
    format: 'iife',
    logLevel: 'silent',
  }).outputFiles
  return file?.text ?? ''
}

/**
 * What every page has: `tone(frequency)` gives a stream with that tone, `video()` one with a moving picture too; `hear(stream)`
 * listens to one, and `heard()` tells the strongest frequency of what it hears now and how much of it there is; `see(stream)` and `seen()`
 * do so for pictures, `videoFigures(connection)` gives the statistics of both directions.
 */
const helpers = `
const sound = new AudioContext({ sampleRate: 48000 })
let analyser
function tone(frequency) {
  const oscillator = sound.createOscillator()
  oscillator.frequency.value = frequency
  const volume = sound.createGain()
  volume.gain.value = 0.5
  const out = sound.createMediaStreamDestination()
  oscillator.connect(volume).connect(out)
  oscillator.start()
  return out.stream
}
function video(frequency, colour) {
  const canvas = document.createElement('canvas')
  canvas.width = 320
  canvas.height = 240
  const brush = canvas.getContext('2d')
  let step = 0
  setInterval(() => {
    brush.fillStyle = colour
    brush.fillRect(0, 0, 320, 240)
    brush.fillStyle = 'white'
    brush.fillRect(step++ % 300, 100, 20, 20)
  }, 50)
  const stream = tone(frequency)
  for (const track of canvas.captureStream(20).getVideoTracks()) stream.addTrack(track)
  return stream
}
function hear(stream) {
  // Without an element of its own Chromium brings nothing of a far stream to the audio graph.
  const element = new Audio()
  element.srcObject = stream
  element.muted = true
  void element.play()
  analyser = sound.createAnalyser()
  analyser.fftSize = 16384
  analyser.smoothingTimeConstant = 0
  sound.createMediaStreamSource(stream).connect(analyser)
}
function heard() {
  if (!analyser) return { frequency: 0, level: -200 }
  const bins = new Float32Array(analyser.frequencyBinCount)
  analyser.getFloatFrequencyData(bins)
  let best = 0
  bins.forEach((level, i) => { if (level > bins[best]) best = i })
  return { frequency: best * sound.sampleRate / analyser.fftSize, level: bins[best] }
}
async function videoFigures(connection) {
  if (!connection) return { out: {}, in: {} }
  const all = [...(await connection.getStats()).values()].filter(({ kind }) => kind === 'video')
  const of = (type) => all.find((each) => each.type === type) ?? {}
  return { out: of('outbound-rtp'), in: of('inbound-rtp') }
}
let picture
function see(stream) {
  picture = document.createElement('video')
  picture.srcObject = stream
  picture.muted = true
  void picture.play()
}
function seen() {
  if (!picture || picture.videoWidth === 0) return { width: 0, colour: [0, 0, 0] }
  const canvas = document.createElement('canvas')
  canvas.width = picture.videoWidth
  canvas.height = picture.videoHeight
  const brush = canvas.getContext('2d')
  brush.drawImage(picture, 0, 0)
  return { width: canvas.width, colour: [...brush.getImageData(10, 10, 1, 1).data.slice(0, 3)] }
}
`

export class Chromium implements AsyncDisposable {
  readonly #browser: Browser
  readonly #server: Server
  readonly #url: string
  #open: { readonly page: Page; readonly seen: Disposable }[] = []

  private constructor(browser: Browser, server: Server, url: string) {
    this.#browser = browser
    this.#server = server
    this.#url = url
  }

  /** `scripts`: libraries by the name that they get in the window. */
  static async launch(scripts: Readonly<Record<string, string>>): Promise<Chromium> {
    const files = new Map(
      Object.entries(scripts).map(([name, from]) => [`/${name}.js`, bundle(name, from)]),
    )
    const tags = [...files.keys()].map((path) => `<script src="${path}"></script>`).join('')
    files.set('/', `<!doctype html><title>test</title>${tags}<script>${helpers}</script>`)
    const server = createServer((request, response) => {
      const text = files.get(request.url ?? '')
      const type = request.url === '/' ? 'text/html' : 'text/javascript'
      response.writeHead(text === undefined ? 404 : 200, { 'content-type': type })
      response.end(text)
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    try {
      return new Chromium(await Browser.launch(), server, `http://127.0.0.1:${port}/`)
    } catch (thrown) {
      server.close()
      throw thrown
    }
  }

  /** A page with the libraries in it. What it logs comes with `seen`. */
  async page(): Promise<{ run<T>(script: string): Promise<T>; log: string[] }> {
    const page = await this.#browser.newPage()
    const log: string[] = []
    page.on('console', (message) => void log.push(message.text()))
    page.on('pageerror', (error) => void log.push(String(error)))
    await page.goto(this.#url)
    this.#open.push({ page, seen: witness('page', () => lastLines(log.join('\n'), 12)) })
    return { run: (script) => within(page.evaluate(script), script.slice(0, 200)), log }
  }

  /** Behind each test: its phones would go on looking for their server, its cameras go on filming. */
  async closePages(): Promise<void> {
    const pages = this.#open
    this.#open = []
    for (const { page, seen } of pages) {
      seen[Symbol.dispose]()
      await within(page.close(), 'a page to close')
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { seen } of this.#open) seen[Symbol.dispose]()
    await this.#browser[Symbol.asyncDispose]()
    this.#server.closeAllConnections()
    await new Promise((done) => this.#server.close(done))
  }
}
