/** What is used of the package sdp-transform, which brings no types. Numbers may come as text and text as numbers. */
declare module 'sdp-transform' {
  export type Value = number | string

  export interface RawMedia {
    type?: string
    port?: number
    protocol?: string
    payloads?: Value
    rtp: { payload: number; codec: Value; rate?: number; encoding?: Value }[]
    fmtp: { payload: number; config: Value }[]
    connection?: { version: number; ip: Value }
    direction?: string
    ptime?: Value
    maxptime?: Value
    rtcp?: { port: number; ipVer?: number; address?: Value }
    rtcpMux?: string
    crypto?: { id: number; suite: Value; config: Value; sessionConfig?: Value }[]
    fingerprint?: { type: Value; hash: Value }
    setup?: Value
    mid?: Value
    iceUfrag?: Value
    icePwd?: Value
    candidates?: Record<string, Value>[]
    invalid?: { value: string }[]
    [field: string]: unknown
  }

  export interface RawSession {
    version?: number
    origin?: {
      username: Value
      sessionId: Value
      sessionVersion: Value
      ipVer: number
      address: Value
    }
    name?: Value
    connection?: { version: number; ip: Value }
    direction?: string
    ptime?: Value
    maxptime?: Value
    fingerprint?: { type: Value; hash: Value }
    setup?: Value
    iceUfrag?: Value
    icePwd?: Value
    icelite?: string
    media: RawMedia[]
    invalid?: { value: string }[]
    [field: string]: unknown
  }

  export function parse(text: string): RawSession
  export function write(session: RawSession): string
}
