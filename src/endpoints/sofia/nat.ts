/** Phones behind address translation: their contact names an address that cannot be reached, so requests go where the registration came from. */
import { type Flow, hostText } from '../../sip/flow.ts'
import type { NameAddress } from '../../sip/name-address.ts'
import type { Profile } from './profile.ts'

export interface ContactPath {
  /** The contact's URI, with `fs_nat` and `fs_path` where it is behind NAT. */
  readonly uri: string
  readonly path: string | undefined
  readonly isNat: boolean
}

/** Decides by `apply-nat-acl` (the contact's address), `aggressive-nat-detection`, and `tcp-always-nat`. */
export function natPath(
  profile: Profile,
  contact: NameAddress,
  flow: Flow | undefined,
): ContactPath {
  const uri = contact.uri.toString()
  if (!flow || uri.includes('fs_path=')) return { uri, path: undefined, isNat: false }
  const host = contact.uri.hostAddress
  const isElsewhere = host !== flow.remoteAddress || (contact.uri.port ?? 5060) !== flow.remotePort
  const isStream = flow.protocol !== 'udp'
  const isNat =
    isElsewhere &&
    ((isStream && profile.values.boolean('tcp-always-nat')) ||
      profile.values.boolean('aggressive-nat-detection') ||
      profile.values.boolean('NDLB-received-in-nat-reg-contact') ||
      (profile.values
        .all('apply-nat-acl')
        .some((list) => profile.sw.acls.check(host, list).allowed) &&
        !isLocal(profile, flow.remoteAddress, host)))
  if (!isNat) return { uri, path: undefined, isNat: false }
  const path = `sip:${hostText(flow.remoteAddress)}:${flow.remotePort};transport=${flow.protocol}`
  return { uri: `${uri};fs_nat=yes;fs_path=${encodeURIComponent(path)}`, path, isNat: true }
}

/** A phone in our own network is not translated even if its address is a private one. */
function isLocal(profile: Profile, address: string, contactHost: string): boolean {
  const list = profile.values.text('local-network-acl')
  return address === contactHost && list !== '' && profile.sw.acls.check(address, list).allowed
}
