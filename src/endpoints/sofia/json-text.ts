/** JSON laid out as FreeSWITCH prints it: one member a line, tabs in front and after the colon, lists on one line. */

export type Json = string | number | readonly Json[] | { readonly [name: string]: Json }

export function jsonText(value: Json, depth = 1): string {
  if (typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((each) => jsonText(each, depth)).join(', ')}]`
  const members = Object.entries(value as { readonly [name: string]: Json })
  const tabs = '\t'.repeat(depth)
  const lines = members.map(
    ([name, member]) => `${tabs}${JSON.stringify(name)}:\t${jsonText(member, depth + 1)}`,
  )
  const body = lines.length > 0 ? `${lines.join(',\n')}\n` : ''
  return `{\n${body}${'\t'.repeat(depth - 1)}}`
}
