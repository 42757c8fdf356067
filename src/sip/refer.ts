/** Replaces, Join and Refer-To: which dialog is meant, and where a transfer leads (RFC 3891, RFC 3911, RFC 3515). */
import { SwitchError } from '../base/errors.ts'
import { type NameAddress, parseNameAddress } from './name-address.ts'
import { parameterOf } from './text.ts'
import type { SipUri } from './uri.ts'

/** The dialog that a Replaces or Join header names, as the one who sends it sees it. */
export interface DialogReference {
  readonly callId: string
  /** The tag at the party that receives the request. */
  readonly toTag: string
  readonly fromTag: string
  /** RFC 3891 §3: only if the dialog is still early. */
  readonly isEarlyOnly: boolean
}

/** Parses `call-id;to-tag=…;from-tag=…;early-only`; throws SIP_BAD_REPLACES (400). */
export function parseReplaces(text: string): DialogReference {
  const end = text.indexOf(';')
  const callId = (end < 0 ? text : text.slice(0, end)).trim()
  const toTag = parameterOf(text, 'to-tag')
  const fromTag = parameterOf(text, 'from-tag')
  if (callId === '' || toTag === undefined || fromTag === undefined)
    throw new SwitchError('SIP_BAD_REPLACES', `bad Replaces ${text.slice(0, 60)}`, { status: 400 })
  return { callId, toTag, fromTag, isEarlyOnly: parameterOf(text, 'early-only') !== undefined }
}

/** Where a REFER leads. */
export interface ReferTarget {
  readonly address: NameAddress
  readonly uri: SipUri
  /** The `method` of the URI, INVITE unless it says otherwise. */
  readonly method: string
  /** For an attended transfer: the dialog to replace. */
  readonly replaces: DialogReference | undefined
}

/** Parses a Refer-To value; throws SIP_BAD_ADDRESS, SIP_BAD_URI or SIP_BAD_REPLACES. */
export function parseReferTo(text: string): ReferTarget {
  const address = parseNameAddress(text)
  const { uri } = address
  const replaces = uri.header('replaces')
  return {
    address,
    uri,
    method: uri.parameter('method')?.toUpperCase() ?? 'INVITE',
    replaces: replaces === undefined ? undefined : parseReplaces(replaces),
  }
}
