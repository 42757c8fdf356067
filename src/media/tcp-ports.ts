/** Which TCP ports the workers are to listen at for ICE: several profiles may share one, and a worker that begins anew gets them again. */
import { logger } from '../base/log.ts'
import type { IceTcpPort } from './engine.ts'
import type { WorkerSlot } from './worker-slot.ts'

const log = logger('media/engine')

interface Wanted {
  readonly address: string
  readonly port: number
  users: number
  /** Every worker listens, or cannot. */
  readonly readiness: Promise<unknown>
}

export class TcpPorts {
  readonly #wanted = new Map<string, Wanted>()

  /** Resolves when every worker listens or cannot, which the log tells. */
  async open(address: string, port: number, slots: readonly WorkerSlot[]): Promise<IceTcpPort> {
    const name = `${address} ${port}`
    const wanted = this.#wanted.get(name) ?? {
      address,
      port,
      users: 0,
      readiness: Promise.all(slots.map((slot) => listen(slot, address, port))),
    }
    this.#wanted.set(name, wanted)
    wanted.users++
    await wanted.readiness
    let isOpen = true
    return {
      address,
      port,
      close: () => {
        if (isOpen && --wanted.users === 0) {
          this.#wanted.delete(name)
          for (const slot of slots) slot.closeTcp(address, port)
        }
        isOpen = false
      },
    }
  }

  /** A worker has begun. */
  begun(slot: WorkerSlot): void {
    for (const { address, port } of this.#wanted.values()) void listen(slot, address, port)
  }
}

async function listen(slot: WorkerSlot, address: string, port: number): Promise<void> {
  const failure = await slot.listenTcp(address, port)
  const own = port + slot.index
  if (failure) log.err(`media worker ${slot.index} takes no ICE over TCP: ${failure}`)
  else log.notice(`media worker ${slot.index} takes ICE over TCP at ${address} port ${own}`)
}
