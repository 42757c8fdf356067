/** What hunting a dialplan asks of a call, and what it gives back. */
import type { SourcePlace } from '../../base/errors.ts'
import type { TimeZones } from '../time/timezone.ts'

/** The call for which a context is hunted. */
export interface HuntSubject {
  /** A caller-profile field by the name written in `field="…"`; empty when there is no such field. */
  field(name: string): string
  variable(name: string): string | undefined
  expand(text: string): string | Promise<string>
  /** Undefined unsets. */
  setVariable(name: string, value: string | readonly string[] | undefined): void
  /** Runs an action with `inline="true"` at once. Whether it may run so, and saying so if not, is the core's part. */
  runInline(application: string, data: string): Promise<void>
  /** ms since the epoch. */
  readonly now: number
  /** The zones that the variable `timezone` may name; without them only the server's clock is known. */
  readonly zones?: TimeZones
  /** Takes a line that tells how a condition went. */
  log(text: string): void
  /** False when nobody reads those lines: none is made then. */
  readonly wantsLog?: boolean
}

export interface HuntAction {
  readonly application: string
  readonly data: string
  readonly place: SourcePlace
}

export interface HuntResult {
  /** The first extension that gave an action. */
  readonly extension: string
  /** In the order to run; empty when all of them were inline. */
  readonly actions: readonly HuntAction[]
}

export interface HuntOptions {
  /** The extension to begin with, by name in any case (`auto_hunt`); an unknown one begins with the first. */
  readonly start?: string
  /** Ends the hunt, without a result, before the next extension. */
  readonly signal?: { readonly aborted: boolean }
}
