/** The one error class for bad input from the network or from a person. Bugs throw plain errors. */

/** Where in a person's file something is wrong. Lines and columns count from 1. */
export interface SourcePlace {
  readonly file: string
  readonly line: number
  readonly column?: number
}

/**
 * Input that cannot be used. `code` is stable and in capitals (`SIP_BAD_HEADER`, `XML_UNCLOSED_TAG`);
 * `status` is the SIP status to answer where there is one; `place` the line of the file where there is one.
 */
export class SwitchError extends Error {
  readonly code: string
  readonly status: number | undefined
  readonly place: SourcePlace | undefined

  constructor(code: string, message: string, more: { status?: number; place?: SourcePlace } = {}) {
    super(more.place ? `${placeText(more.place)}: ${message}` : message)
    this.name = 'SwitchError'
    this.code = code
    this.status = more.status
    this.place = more.place
  }
}

/** `conf/vars.xml:12:5`, as editors understand it. */
export function placeText(place: SourcePlace): string {
  return `${place.file}:${place.line}${place.column === undefined ? '' : `:${place.column}`}`
}

/** The words of anything that was thrown. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
