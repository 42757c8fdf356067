/** IP addresses as octets, the way packets and certificates carry them, and as the texts that are meant. */
import { isIP, isIPv6 } from 'node:net'

/** 4 octets of an IPv4 address, 16 of an IPv6 address (a zone is left out). `address` must be one. */
export function addressOctets(address: string): Uint8Array {
  return Uint8Array.from(isIPv6(address) ? octetsOfIPv6(address) : address.split('.').map(Number))
}

function octetsOfIPv6(address: string): number[] {
  // `::ffff:1.2.3.4` ends in the words of IPv4.
  const plain = (address.split('%')[0] ?? '').replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...four) =>
    [0, 2].map((at) => ((Number(four[at]) << 8) | Number(four[at + 1])).toString(16)).join(':'),
  )
  const [head = '', tail] = plain.split('::')
  const groups = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
  const before = groups(head)
  const behind = tail === undefined ? [] : groups(tail)
  const zeros = Array<number>(Math.max(0, 8 - before.length - behind.length)).fill(0)
  return [...before, ...zeros, ...behind].flatMap((group) => [group >>> 8, group & 0xff])
}

/** `::ffff:1.2.3.4` is IPv4 by another name. */
export function plainText(address: string | undefined): string {
  const text = address ?? ''
  return text.startsWith('::ffff:') && text.includes('.') ? text.slice(7) : text
}

/** The text of 4 or 16 octets; IPv6 without shortening of zeros. */
export function addressText(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join('.')
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((octets[2 * index] ?? 0) << 8) | (octets[2 * index + 1] ?? 0)).toString(16),
  )
  return groups.join(':')
}

/**
 * Who counts as one where strangers are counted: an IPv4 address; of IPv6 the 64 bits that every customer has at least (RFC 6177),
 * for within them he takes any address that he likes.
 */
export function neighbourhood(address: string): string {
  if (!isIPv6(address)) return address
  return `${addressText(addressOctets(address)).split(':').slice(0, 4).join(':')}::/64`
}

/** Whether an address is that of one host: neither multicast nor broadcast, nor nobody's. False for what is no address. */
export function isUnicast(address: string): boolean {
  if (isIP(address) === 0) return false
  const octets = addressOctets(plainText(address))
  const [first = 0] = octets
  if (octets.length === 4) return first !== 0 && first < 224
  return first !== 0xff && octets.some((octet) => octet !== 0)
}

/** 127.0.0.0/8 and ::1. */
export function isLoopback(address: string): boolean {
  const octets = isIP(address) === 0 ? [] : [...addressOctets(plainText(address))]
  return octets.length === 4
    ? octets[0] === 127
    : octets.slice(0, 15).every((one) => one === 0) && octets[15] === 1
}
