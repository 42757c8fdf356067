/** How long a subscription (RFC 6665 §4.2.1.1) or a publication (RFC 3903 §6) holds. */
import type { SipRequest } from '../../sip/message.ts'

/** Seconds where the phone names none (RFC 3842 §4.3: "a few hours" at most), and the least and most that it gets. */
const usualSeconds = 3600
export const leastSeconds = 10
const mostSeconds = 86_400

/** The seconds that are granted, 0 to end it; `too brief`: to be refused with 423 and `leastSeconds` as Min-Expires. */
export function grantedExpiry(request: SipRequest): number | 'too brief' {
  const wanted = Number.parseInt(request.get('Expires') ?? '', 10)
  const seconds = wanted >= 0 ? Math.min(wanted, mostSeconds) : usualSeconds
  return seconds > 0 && seconds < leastSeconds ? 'too brief' : seconds
}
