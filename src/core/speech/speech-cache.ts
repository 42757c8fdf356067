/** Files of rendered speech, by key: bounded in number and size; those longest unused go first. They outlive a restart. */
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { SwitchError } from '../../base/errors.ts'

export interface SpeechCacheLimits {
  readonly mostFiles: number
  /** Octets of all files. */
  readonly mostOctets: number
}

const extension = '.wav'
/** A WAV file without a sound is not longer. */
const headerOctets = 44

export class SpeechCache {
  readonly #folder: string
  readonly #limits: SpeechCacheLimits
  /** Octets by key; the one used last stands last. */
  readonly #files = new Map<string, number>()
  #octets = 0
  #parts = 0
  #ready: Promise<void> | undefined

  constructor(folder: string, limits: SpeechCacheLimits) {
    this.#folder = folder
    this.#limits = limits
  }

  get figures(): { readonly files: number; readonly octets: number } {
    return { files: this.#files.size, octets: this.#octets }
  }

  /** The path of a file that is there. */
  async find(key: string): Promise<string | undefined> {
    await this.#load()
    const octets = this.#files.get(key)
    if (octets === undefined) return undefined
    const path = this.#pathOf(key)
    const now = new Date()
    try {
      await utimes(path, now, now)
    } catch {
      // Somebody deleted it.
      this.#forget(key)
      return undefined
    }
    this.#files.delete(key)
    this.#files.set(key, octets)
    return path
  }

  /** Has `render` write a file, and keeps it. Throws what `render` throws, or TTS_FAILED when it wrote no sound. */
  async make(key: string, render: (path: string) => Promise<void>): Promise<string> {
    await this.#load()
    const part = join(this.#folder, `${key}.${++this.#parts}.part${extension}`)
    try {
      await render(part)
      const octets = await stat(part).then(
        ({ size }) => size,
        () => 0,
      )
      if (octets <= headerOctets) throw new SwitchError('TTS_FAILED', 'no sound was made of it')
      const path = this.#pathOf(key)
      await rename(part, path)
      this.#forget(key)
      this.#files.set(key, octets)
      this.#octets += octets
      await this.#makeRoom(key)
      return path
    } finally {
      await rm(part, { force: true })
    }
  }

  #pathOf(key: string): string {
    return join(this.#folder, key + extension)
  }

  #forget(key: string): void {
    this.#octets -= this.#files.get(key) ?? 0
    this.#files.delete(key)
  }

  /** Who plays a file has it open: it is gone when he is done. */
  async #makeRoom(newest: string): Promise<void> {
    const { mostFiles, mostOctets } = this.#limits
    for (const key of [...this.#files.keys()]) {
      if (this.#files.size <= mostFiles && this.#octets <= mostOctets) return
      if (key === newest) return
      this.#forget(key)
      await rm(this.#pathOf(key), { force: true })
    }
  }

  /** What earlier runs left: whole files are kept, halves go. */
  #load(): Promise<void> {
    this.#ready ??= (async () => {
      await mkdir(this.#folder, { recursive: true })
      const found: { key: string; octets: number; used: number }[] = []
      for (const name of await readdir(this.#folder)) {
        const path = join(this.#folder, name)
        if (!/^[0-9a-f]+\.wav$/.test(name)) {
          await rm(path, { force: true, recursive: true })
          continue
        }
        const { size, mtimeMs } = await stat(path)
        found.push({ key: name.slice(0, -extension.length), octets: size, used: mtimeMs })
      }
      for (const { key, octets } of found.sort((a, b) => a.used - b.used)) {
        this.#files.set(key, octets)
        this.#octets += octets
      }
      await this.#makeRoom('')
    })()
    return this.#ready
  }
}
