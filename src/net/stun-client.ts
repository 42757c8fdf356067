/** Asks a STUN server which public address we have: one binding request over UDP (RFC 5389). */
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { SwitchError } from '../base/errors.ts'

const bindingRequest = 0x0001
const bindingSuccess = 0x0101
const magicCookie = 0x2112a442
const mappedAddress = 0x0001
const xorMappedAddress = 0x0020
const headerLength = 20

export interface MappedAddress {
  readonly address: string
  readonly port: number
}

/** A binding request with a fresh transaction id (RFC 5389 §6). */
export function makeBindingRequest(): Buffer {
  const request = Buffer.alloc(headerLength)
  request.writeUInt16BE(bindingRequest, 0)
  request.writeUInt32BE(magicCookie, 4)
  randomBytes(12).copy(request, 8)
  return request
}

/** The address in a success response to that request; undefined when the packet is something else. */
export function readBindingResponse(response: Buffer, request: Buffer): MappedAddress | undefined {
  const isOurs =
    response.length >= headerLength && response.subarray(4, 20).equals(request.subarray(4, 20))
  if (!isOurs || response.readUInt16BE(0) !== bindingSuccess) return undefined
  const end = Math.min(response.length, headerLength + response.readUInt16BE(2))
  let plain: MappedAddress | undefined
  let at = headerLength
  while (at + 4 <= end) {
    const type = response.readUInt16BE(at)
    const length = response.readUInt16BE(at + 2)
    const value = response.subarray(at + 4, Math.min(at + 4 + length, end))
    if (type === xorMappedAddress) {
      const found = readAddress(value, request.subarray(4, 20))
      if (found) return found
    }
    // Servers of RFC 3489 know only this one (RFC 5389 §15.1).
    if (type === mappedAddress) plain ??= readAddress(value, undefined)
    // Values are padded to four bytes (RFC 5389 §15).
    at += 4 + Math.ceil(length / 4) * 4
  }
  return plain
}

/** An address attribute; with `key` (magic cookie and transaction id) it is XORed (RFC 5389 §15.2). */
function readAddress(value: Buffer, key: Buffer | undefined): MappedAddress | undefined {
  const length = value[1] === 1 ? 4 : 16
  if (value.length < 4 + length || (value[1] !== 1 && value[1] !== 2)) return undefined
  const bytes = Buffer.from(value.subarray(2, 4 + length))
  if (key) {
    for (let at = 0; at < 2; at++) bytes[at] = (bytes[at] ?? 0) ^ (key[at] ?? 0)
    for (let at = 0; at < length; at++) bytes[at + 2] = (bytes[at + 2] ?? 0) ^ (key[at] ?? 0)
  }
  const port = bytes.readUInt16BE(0)
  if (length === 4) return { address: [...bytes.subarray(2)].join('.'), port }
  const groups = Array.from({ length: 8 }, (_, index) =>
    bytes.readUInt16BE(2 + 2 * index).toString(16),
  )
  return { address: groups.join(':'), port }
}

/** Sends again after this many ms without an answer, twice as long each time (RFC 5389 §7.2.1). */
const firstRetry = 250

/** Asks `host`; rejects with STUN_FAILED when there is no usable answer within `limitMs`. */
export function stunBinding(host: string, port = 3478, limitMs = 2000): Promise<MappedAddress> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
    const request = makeBindingRequest()
    let retry: NodeJS.Timeout | undefined
    let isOver = false
    const end = (finish: () => void) => {
      if (isOver) return
      isOver = true
      clearTimeout(retry)
      clearTimeout(limit)
      socket.close()
      finish()
    }
    const fail = (reason: string) =>
      end(() => reject(new SwitchError('STUN_FAILED', `STUN server ${host}:${port}: ${reason}`)))
    const limit = setTimeout(() => fail(`no answer within ${limitMs} ms`), limitMs)
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
