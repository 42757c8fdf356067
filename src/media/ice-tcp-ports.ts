/** The listeners of one worker for TCP connections of ICE, by address and port. */
import { IceTcpListener } from './ice-tcp-listener.ts'
import type { Drop } from './network.ts'

export class IceTcpPorts {
  readonly #listeners = new Map<string, IceTcpListener>()
  readonly #drop: Drop

  constructor(drop: Drop) {
    this.#drop = drop
  }

  /** Rejects with a SwitchError that says why the port cannot be had. */
  async open(address: string, port: number): Promise<void> {
    const name = `${address} ${port}`
    const listener = new IceTcpListener(address, port, this.#drop)
    this.#listeners.set(name, listener)
    try {
      await listener.open()
    } catch (thrown) {
      if (this.#listeners.get(name) === listener) this.#listeners.delete(name)
      throw thrown
    }
  }

  at(address: string, port: number): IceTcpListener | undefined {
    return this.#listeners.get(`${address} ${port}`)
  }

  close(address: string, port: number): void {
    this.at(address, port)?.close()
    this.#listeners.delete(`${address} ${port}`)
  }

  closeAll(): void {
    for (const listener of this.#listeners.values()) listener.close()
    this.#listeners.clear()
  }
}
