/**
 * Ports for servers and programs beside a test. A process has blocks of them to itself: a port that was found free may be bound
 * by somebody else before the server that it is meant for has started.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { delay } from '../../src/base/clock.ts'
import { patienceMs } from './until.ts'

/** All blocks lie below what the system hands out by itself. */
const lowest = 10_000
/** Each has room for four servers. There are more of them than files that run at once. */
const blockSize = 1800
const blockCount = 12

/** Where the sign of a block that has an owner is bound: no server listens there. */
const signAddress = '127.77.0.1'

interface Block {
  readonly first: number
  readonly end: number
  next: number
}

let own: Block | undefined
/** One after the other: two who ask at once must not be given the same. */
let turn: Promise<unknown> = Promise.resolve()

/**
 * The first of `count` neighbouring ports on 127.0.0.1, an even number, that are free for UDP and TCP. The same is given again only
 * when all others of the block have been: by then whoever had it is gone.
 */
export function freePorts(count: number): Promise<number> {
  const found = turn.then(() => find(count))
  turn = found.catch(() => undefined)
  return found
}

/**
 * The same without a look: for the sound of switches and engines in this process, which step over a port that they find taken. So
 * nobody's late packets come to another file's call.
 */
export function ownPorts(count: number): Promise<number> {
  const found = turn.then(async () => {
    own ??= await claimBlock()
    return nextOf(own, count)
  })
  turn = found.catch(() => undefined)
  return found
}

function nextOf(block: Block, count: number): number {
  if (block.next + count > block.end) block.next = block.first
  const port = block.next
  block.next += count + (count % 2)
  return port
}

async function find(count: number): Promise<number> {
  own ??= await claimBlock()
  const end = performance.now() + patienceMs
  while (performance.now() < end) {
    const port = nextOf(own, count)
    if (await areFree(port, count)) return port
  }
  throw new Error(`no ${count} neighbouring ports are free`)
}

/** Takes a block that no other process has: a socket says so for as long as this one lives, however it ends. */
async function claimBlock(): Promise<Block> {
  const end = performance.now() + patienceMs
  for (let tries = process.pid; performance.now() < end; tries++) {
    const from = lowest + (tries % blockCount) * blockSize
    const sign = createSocket('udp4')
    try {
      sign.bind({ port: from, address: signAddress, exclusive: true })
      await once(sign, 'listening')
      sign.unref()
      // The first two stay with the sign.
      return { first: from + 2, end: from + blockSize, next: from + 2 }
    } catch {
      sign.close()
      await delay(20)
    }
  }
  throw new Error('other processes have all blocks of ports')
}

async function areFree(first: number, count: number): Promise<boolean> {
  // A range for RTP may be long: looking at some of it is enough to see that another switch is not there.
  const step = count > 40 ? Math.ceil(count / 40) : 1
  for (let port = first; port < first + count; port += step) {
    if (!(await isFree(port))) return false
  }
  return true
}

async function isFree(port: number): Promise<boolean> {
  const udp = createSocket('udp4')
  const tcp = createServer()
  try {
    await Promise.all([
      new Promise<void>((resolve, reject) => {
        udp.once('error', reject)
        udp.bind(port, '127.0.0.1', resolve)
      }),
      new Promise<void>((resolve, reject) => {
        tcp.once('error', reject)
        tcp.listen(port, '127.0.0.1', resolve)
      }),
    ])
    return true
  } catch {
    return false
  } finally {
    await new Promise<void>((resolve) => {
      try {
        udp.close(() => resolve())
      } catch {
        resolve()
      }
    })
    await new Promise<void>((resolve) => tcp.close(() => resolve()))
  }
}
