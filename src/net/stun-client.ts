/** Asks a STUN server which public address we have: one binding request over UDP (RFC 5389). */
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { systemClock } from '../base/clock.ts'
import { SwitchError } from '../base/errors.ts'
import {
  attribute,
  headerLength,
  type MappedAddress,
  messageType,
  readAddress,
  transactionOf,
} from './stun-message.ts'

/** A binding request with a fresh transaction id (RFC 5389 §6). */
export function makeBindingRequest(): Buffer {
  const request = Buffer.alloc(headerLength)
  request.writeUInt16BE(messageType.bindingRequest, 0)
  transactionOf(randomBytes(12)).copy(request, 4)
  return request
}

/** The address in a success response to that request; undefined when the packet is something else. */
export function readBindingResponse(response: Buffer, request: Buffer): MappedAddress | undefined {
  const isOurs =
    response.length >= headerLength && response.subarray(4, 20).equals(request.subarray(4, 20))
  if (!isOurs || response.readUInt16BE(0) !== messageType.bindingSuccess) return undefined
  const end = Math.min(response.length, headerLength + response.readUInt16BE(2))
  let plain: MappedAddress | undefined
  let at = headerLength
  while (at + 4 <= end) {
    const type = response.readUInt16BE(at)
    const length = response.readUInt16BE(at + 2)
    const value = response.subarray(at + 4, Math.min(at + 4 + length, end))
    if (type === attribute.xorMappedAddress) {
      const found = readAddress(value, request.subarray(4, 20))
      if (found) return found
    }
    // Servers of RFC 3489 know only this one (RFC 5389 §15.1).
    if (type === attribute.mappedAddress) plain ??= readAddress(value, undefined)
    // Values are padded to four bytes (RFC 5389 §15).
    at += 4 + Math.ceil(length / 4) * 4
  }
  return plain
}

/** Sends again after this many ms without an answer, twice as long each time (RFC 5389 §7.2.1). */
const firstRetry = 250
/** ms until the server is taken to be silent. */
const limitMs = 2000

/** Asks `host`; rejects with STUN_FAILED when there is no usable answer within two seconds. */
export function stunBinding(host: string, port = 3478): Promise<MappedAddress> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
    const request = makeBindingRequest()
    let retry: NodeJS.Timeout | undefined
    let isOver = false
    const end = (finish: () => void) => {
      if (isOver) return
      isOver = true
      clearTimeout(retry)
      limit.cancel()
      socket.close()
      finish()
    }
    const fail = (reason: string) =>
      end(() => reject(new SwitchError('STUN_FAILED', `STUN server ${host}:${port}: ${reason}`)))
    const limit = systemClock.after(limitMs, () => fail(`no answer within ${limitMs} ms`))
    const send = (wait: number) => {
      if (isOver) return
      socket.send(request, port, host, (error) => error && fail(error.message))
      retry = setTimeout(() => send(wait * 2), wait)
    }
    socket.on('error', (error) => fail(error.message))
    socket.on('message', (message) => {
      const found = readBindingResponse(message, request)
      if (found) end(() => resolve(found))
    })
    send(firstRetry)
  })
}
