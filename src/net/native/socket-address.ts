/** The kernel's form of an address and port (struct sockaddr_in, sockaddr_in6) to and from ours. */
import { isIPv6 } from 'node:net'
import { afInet, afInet6 } from './libc.ts'

export const addressLengths = { inet: 16, inet6: 28 } as const

/** Eight octets of an address and port and what else belongs to it: 16 octets for IPv4, 28 for IPv6. */
export function socketAddress(address: string, port: number): Uint8Array {
  const isSix = isIPv6(address)
  const octets = new Uint8Array(isSix ? addressLengths.inet6 : addressLengths.inet)
  const view = new DataView(octets.buffer)
  view.setUint16(0, isSix ? afInet6 : afInet, true)
  view.setUint16(2, port)
  if (!isSix) octets.set(address.split('.').map(Number), 4)
  else octets.set(octetsOfSix(address), 8)
  return octets
}

/** 16 octets of a numeric IPv6 address; a zone (`%eth0`) is left out. */
function octetsOfSix(address: string): number[] {
  const [plain = ''] = address.split('%')
  // The last 32 bits may be written as IPv4 (RFC 4291 section 2.2).
  const text = plain.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, ...parts: string[]) => {
    const [a, b, c, d] = parts.map(Number) as [number, number, number, number]
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  })
  const [head = '', tail] = text.split('::')
  const words = (part: string) =>
    part === '' ? [] : part.split(':').map((word) => parseInt(word, 16))
  const left = words(head)
  const right = tail === undefined ? [] : words(tail)
  const all = [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right]
  return all.flatMap((word) => [word >> 8, word & 0xff])
}

/** The address of a struct sockaddr as text, in the form that the system itself writes (RFC 5952). */
export function addressTextAt(view: DataView, at: number, isSix: boolean): string {
  if (!isSix)
    return `${view.getUint8(at + 4)}.${view.getUint8(at + 5)}.${view.getUint8(at + 6)}.${view.getUint8(at + 7)}`
  const words = Array.from({ length: 8 }, (_none, index) => view.getUint16(at + 8 + index * 2))
  const hex = words.map((word) => word.toString(16))
  let [start, longest] = [0, 0]
  for (let i = 0; i < 8; i++) {
    let length = 0
    while (words[i + length] === 0) length++
    if (length > longest) [start, longest] = [i, length]
  }
  if (longest < 2) return hex.join(':')
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + longest).join(':')}`
}
