/** A registration as `show registrations` and `reg_url` have it, whichever endpoint keeps it. */

export interface RegistrationRow {
  readonly user: string
  readonly realm: string
  /** What identifies it to the endpoint: the Call-ID. */
  readonly token: string
  /** A dial string that reaches it: `sofia/internal/sip:1000@192.0.2.7:5060`. */
  readonly url: string
  /** Seconds since the epoch. */
  readonly expires: number
  readonly networkIp: string
  readonly networkPort: string
  readonly networkProto: string
  readonly metadata: string
}

/** Gives the registrations of one endpoint as they are now. */
export type RegistrationSource = () => Iterable<RegistrationRow>
