/** The web phone as the server serves it, in headless Chromium: its microphone is a tone, its camera a colour, and what it hears and sees can be asked. */
import { Browser, browserMs, type Page, within } from './chromium.ts'
import { eventually } from './programs.ts'

/**
 * The microphone gives a tone; `window.heard()` tells the strongest frequency that the page hears, and how much of it. The camera
 * gives a colour that depends on the tone (`colourOf`); `window.seen()` tells that of the picture that is shown.
 */
const helpers = (frequency: number) => `
const sound = new AudioContext({ sampleRate: 48000 })
window.cameras = 0
navigator.mediaDevices.getUserMedia = async ({ audio, video }) => {
  const tracks = video ? picture() : []
  return new MediaStream([...(audio ? tone() : []), ...tracks])
}
function picture() {
  const canvas = document.createElement('canvas')
  canvas.width = 320
  canvas.height = 240
  const brush = canvas.getContext('2d')
  let step = 0
  const timer = setInterval(() => {
    brush.fillStyle = 'rgb(${colourOf(frequency).join()})'
    brush.fillRect(0, 0, 320, 240)
    brush.fillStyle = 'white'
    brush.fillRect(step++ % 300, 100, 20, 20)
  }, 50)
  const [track] = canvas.captureStream(20).getVideoTracks()
  const stop = track.stop.bind(track)
  window.cameras++
  track.stop = () => {
    window.cameras--
    clearInterval(timer)
    stop()
  }
  return [track]
}
window.seen = () => {
  const element = document.querySelector('.their-picture:not([hidden])')
  if (!element?.videoWidth) return undefined
  const canvas = document.createElement('canvas')
  canvas.width = element.videoWidth
  canvas.height = element.videoHeight
  const brush = canvas.getContext('2d')
  brush.drawImage(element, 0, 0)
  return [...brush.getImageData(10, 10, 1, 1).data.slice(0, 3)]
}
function tone() {
  const oscillator = sound.createOscillator()
  oscillator.frequency.value = ${frequency}
  const volume = sound.createGain()
  volume.gain.value = 0.4
  const out = sound.createMediaStreamDestination()
  oscillator.connect(volume).connect(out)
  oscillator.start()
  return out.stream.getAudioTracks()
}
let heardStream
let analyser
window.heard = () => {
  const stream = [...document.querySelectorAll('audio')].map((each) => each.srcObject).find(Boolean)
  if (!stream) return { frequency: 0, level: -200 }
  if (stream !== heardStream) {
    heardStream = stream
    analyser = sound.createAnalyser()
    analyser.fftSize = 16384
    analyser.smoothingTimeConstant = 0
    sound.createMediaStreamSource(stream).connect(analyser)
  }
  const bins = new Float32Array(analyser.frequencyBinCount)
  analyser.getFloatFrequencyData(bins)
  let best = 0
  bins.forEach((level, at) => { if (level > bins[best]) best = at })
  return { frequency: best * sound.sampleRate / analyser.fftSize, level: bins[best] }
}
`

/** What the camera of the phone with that tone shows, as red, green and blue. */
export function colourOf(frequency: number): readonly [number, number, number] {
  return frequency < 1200 ? [200, 30, 30] : [30, 30, 200]
}

export class WebPhones implements AsyncDisposable {
  readonly #browsers: Browser[] = []

  /** A browser of its own, signed in. */
  async open(
    url: string,
    user: string,
    password: string,
    frequency: number,
    script = '',
  ): Promise<WebPhone> {
    const phone = await this.show(url, frequency, script)
    await phone.signIn(user, password)
    await phone.until('to be signed in', () => phone.page.isVisible('#phone'))
    return phone
  }

  /** A browser of its own that shows the page, with a script of the test's before it. */
  async show(url: string, frequency: number, script = ''): Promise<WebPhone> {
    const browser = await Browser.launch()
    this.#browsers.push(browser)
    const page = await browser.newPage()
    await page.addInitScript(helpers(frequency) + script)
    const phone = new WebPhone(page)
    await page.goto(url)
    return phone
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#browsers.map((browser) => browser[Symbol.asyncDispose]()))
  }
}

export class WebPhone {
  readonly page: Page
  /** What the page said to the console, faults above all. */
  readonly log: string[] = []

  constructor(page: Page) {
    this.page = page
    page.on('console', (message) => void this.log.push(message.text()))
    page.on('pageerror', (error) => void this.log.push(String(error.stack ?? error)))
  }

  async signIn(user: string, password: string): Promise<void> {
    await this.page.fill('#user', user)
    await this.page.fill('#password', password)
    await this.page.click('#sign-in button')
  }

  async dial(number: string): Promise<void> {
    await this.page.fill('#number', number)
    await this.page.click('#call')
  }

  /** A button of the call that is shown. */
  press(words: string): Promise<void> {
    return this.page.click(`.call button:has-text("${words}"):visible`, { timeout: browserMs })
  }

  state(words: string): Promise<void> {
    return this.until(`a call that is ${words}`, async () =>
      (await this.text('.call .state')).startsWith(words),
    )
  }

  /** What stands at the first place that a selector of CSS finds; '' where there is none now. */
  text(selector: string): Promise<string> {
    return this.page.evaluate(
      `document.querySelector(${JSON.stringify(selector)})?.textContent ?? ''`,
    )
  }

  /** Waits until what is shown there is so. */
  says(selector: string, words: RegExp): Promise<void> {
    return this.until(`${selector} to say ${words}`, async () =>
      words.test(await this.text(selector)),
    )
  }

  over(): Promise<void> {
    return this.until('no call', async () => !(await this.page.isVisible('.call')))
  }

  /** Waits until the page hears that tone, loudly. */
  hears(frequency: number): Promise<void> {
    return this.until(`a tone of ${frequency} Hz`, async () => {
      const heard = await this.heard()
      return heard.level > -50 && Math.abs(heard.frequency - frequency) < 10
    })
  }

  /** Waits until the page shows the picture of the phone with that tone. */
  sees(frequency: number): Promise<void> {
    const wanted = colourOf(frequency)
    return this.until(`a picture of ${wanted.join()}`, async () => {
      const seen = await this.page.evaluate<number[] | undefined>('window.seen()')
      return seen !== undefined && wanted.every((part, i) => Math.abs(part - (seen[i] ?? 0)) < 60)
    })
  }

  /** Waits until no picture of anybody else is shown. */
  seesNobody(): Promise<void> {
    return this.until(
      'no picture',
      async () => (await this.page.evaluate('window.seen()')) === undefined,
    )
  }

  heard(): Promise<{ frequency: number; level: number }> {
    return this.page.evaluate('window.heard()')
  }

  async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    await eventually(
      what,
      () => within(holds(), what),
      browserMs,
      async () => [(await this.text('body')).replaceAll(/\s+/g, ' '), ...this.log.slice(-10)],
    )
  }
}
