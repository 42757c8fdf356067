/** The `name=value;…` of an a=fmtp line (RFC 8866 section 6.15). Names know no case; blanks mean nothing. */

export type FormatParameters = ReadonlyMap<string, string>

/** Reads them; the first of one name counts, and a word without a value has the value ''. */
export function formatParameters(fmtp: string): FormatParameters {
  const parameters = new Map<string, string>()
  for (const part of fmtp.split(';')) {
    const equals = part.indexOf('=')
    const name = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase()
    if (name === '' || parameters.has(name)) continue
    parameters.set(name, equals < 0 ? '' : part.slice(equals + 1).trim())
  }
  return parameters
}

/** A whole number within bounds; undefined when it is not there or no such number. */
export function wholeNumber(
  parameters: FormatParameters,
  name: string,
  least: number,
  most: number,
): number | undefined {
  const text = parameters.get(name) ?? ''
  if (!/^\d{1,9}$/.test(text)) return undefined
  const value = Number(text)
  return value >= least && value <= most ? value : undefined
}

/** `1` or `0`; undefined for anything else. */
export function flag(parameters: FormatParameters, name: string): boolean | undefined {
  const value = wholeNumber(parameters, name, 0, 1)
  return value === undefined ? undefined : value === 1
}
