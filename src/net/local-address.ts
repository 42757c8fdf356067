/** This machine's own addresses, as a fresh configuration needs them. */
import { createSocket } from 'node:dgram'
import { networkInterfaces } from 'node:os'

/** The IPv4 address that packets to the outside carry; 127.0.0.1 on a machine without a network. */
export async function localIpv4(): Promise<string> {
  // Connecting a UDP socket sends nothing but makes the system choose the source address.
  return (await sourceAddress('udp4', '192.0.2.1')) ?? firstAddress('IPv4') ?? '127.0.0.1'
}

/** The IPv6 address likewise; `::1` where there is only loopback, empty where there is no IPv6 at all. */
export async function localIpv6(): Promise<string> {
  const chosen = await sourceAddress('udp6', '2001:db8::1')
  if (chosen && chosen !== '::') return chosen
  return firstAddress('IPv6') ?? (hasIpv6Loopback() ? '::1' : '')
}

/** The netmask of an IPv4 address of ours. */
export function maskOf(address: string): string {
  for (const entries of Object.values(networkInterfaces())) {
    for (const entry of entries ?? []) if (entry.address === address) return entry.netmask
  }
  return '255.255.255.0'
}

function sourceAddress(type: 'udp4' | 'udp6', towards: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(type)
    const done = (address: string | undefined) => {
      socket.close()
      resolve(address)
    }
    socket.once('error', () => done(undefined))
    socket.connect(9, towards, () => {
      const { address } = socket.address()
      done(address === '0.0.0.0' || address === '::' ? undefined : address)
    })
  })
}

function firstAddress(family: 'IPv4' | 'IPv6'): string | undefined {
  for (const entries of Object.values(networkInterfaces())) {
    for (const entry of entries ?? []) {
      const isLinkLocal = entry.address.startsWith('fe80:') || entry.address.startsWith('169.254.')
      if (entry.family === family && !entry.internal && !isLinkLocal) return entry.address
    }
  }
  return undefined
}

function hasIpv6Loopback(): boolean {
  return Object.values(networkInterfaces()).some((entries) =>
    entries?.some((entry) => entry.address === '::1'),
  )
}
