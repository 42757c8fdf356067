/** The certificate of a TLS listener, read from files and read again when they change. */
import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { reasonOf, SwitchError } from '../base/errors.ts'
import { logger } from '../base/log.ts'

const log = logger('net/tls')

export interface TlsFileNames {
  /** PEM: the certificate, with those of its issuers behind it if any. */
  readonly certificate: string
  /** PEM; may be the same file. */
  readonly key: string
  /** PEM: further certificates of issuers. */
  readonly chain?: string | undefined
}

/** How often the files are looked at, ms. */
const lookMs = 2000

export class TlsFiles {
  readonly names: TlsFileNames
  readonly #lookMs: number

  constructor(names: TlsFileNames, interval = lookMs) {
    this.names = names
    this.#lookMs = interval
  }

  /** Throws SwitchError CERTIFICATE_BAD, which names the file. */
  read(): SecureContextOptions {
    const { certificate, key, chain } = this.names
    const own = certificatesOf(readText(certificate), certificate)
    const more = chain ? certificatesOf(readText(chain), chain) : []
    // FreeSWITCH's configuration names the same file twice.
    const certificates = [...new Set([...own, ...more])]
    const options: SecureContextOptions = {
      cert: certificates.join('\n'),
      key: keyOf(readText(key), key),
      minVersion: 'TLSv1.2',
    }
    try {
      createSecureContext(options)
    } catch (thrown) {
      throw new SwitchError('CERTIFICATE_BAD', `${certificate}, ${key}: ${reasonOf(thrown)}`)
    }
    return options
  }

  /** Calls back with what the files hold whenever one has changed; what cannot be used is told in the log and left. */
  watch(changed: (options: SecureContextOptions) => void): Disposable {
    const files = [...new Set(Object.values(this.names).filter((name) => name !== undefined))]
    const look = () => {
      try {
        changed(this.read())
        log.notice(`${this.names.certificate} has changed: new connections get the new certificate`)
      } catch (thrown) {
        log.err(`the certificate is not taken anew, the old one stays: ${reasonOf(thrown)}`)
      }
    }
    const onStat = (
      now: { mtimeMs: number; ino: number },
      before: { mtimeMs: number; ino: number },
    ) => {
      if (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino) look()
    }
    for (const file of files) watchFile(file, { interval: this.#lookMs, persistent: false }, onStat)
    return {
      [Symbol.dispose]: () => {
        for (const file of files) unwatchFile(file, onStat)
      },
    }
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (thrown) {
    throw new SwitchError('CERTIFICATE_BAD', `${file}: ${reasonOf(thrown)}`)
  }
}

function certificatesOf(text: string, file: string): string[] {
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
  if (!found) throw new SwitchError('CERTIFICATE_BAD', `${file}: there is no CERTIFICATE in it`)
  return found
}

function keyOf(text: string, file: string): string {
  const found = /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----[^-]+-----END (?:[A-Z]+ )?PRIVATE KEY-----/
  const key = found.exec(text)?.[0]
  if (!key) throw new SwitchError('CERTIFICATE_BAD', `${file}: there is no PRIVATE KEY in it`)
  return key
}
