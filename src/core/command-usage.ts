/** How a command says that it was called wrongly. */

/** The reply to a line that does not fit the command's syntax. */
export function usage(syntax: string): string {
  return `-USAGE: ${syntax}\n`
}
