/** Two web phones with the server's own configuration: Vera (1000) has a tone of 1000 Hz for a voice, Bob (1001) one of 1500 Hz. */
import { join } from 'node:path'
import { freePorts } from './ports.ts'
import { copyOfConf, folderForTest, password, Server } from './server.ts'
import { type WebPhone, WebPhones } from './web-phone.ts'

/** The PIN of Vera's mailbox. */
export const pin = '2718'

export class WebPhonePair implements AsyncDisposable {
  readonly #folder = folderForTest()
  readonly phones = new WebPhones()
  server!: Server
  /** Of its sockets in the clear. */
  port = 0
  url = ''
  vera!: WebPhone
  bob!: WebPhone

  private constructor() {}

  static async start(): Promise<WebPhonePair> {
    const pair = new WebPhonePair()
    try {
      await pair.#start()
      return pair
    } catch (thrown) {
      await pair[Symbol.asyncDispose]()
      throw thrown
    }
  }

  async #start(): Promise<void> {
    this.port = await freePorts(2)
    const secure = String(this.port + 1)
    const conf = copyOfConf(join(this.#folder.path, 'conf'), {
      'directory/default/1000.xml': (text) =>
        text.replace('<params>', `<params><param name="vm-password" value="${pin}"/>`),
    })
    this.server = await Server.start({
      conf,
      set: { verto_port: String(this.port), verto_secure_port: secure },
    })
    this.url = `https://127.0.0.1:${secure}/`
    this.vera = await this.phones.open(this.url, '1000', password, 1000)
    this.bob = await this.phones.open(this.url, '1001', password, 1500)
  }

  /** What the two pages said to their consoles that they should not. */
  get faults(): string[] {
    return [...this.vera.log, ...this.bob.log].filter((line) => !/favicon|ERR_CERT/.test(line))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.phones[Symbol.asyncDispose]()
    await this.server?.[Symbol.asyncDispose]()
    this.#folder[Symbol.dispose]()
  }
}
