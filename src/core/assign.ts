/** Setting variables from text: `name=value`, list elements `name[2]=value`, pushing onto lists, exporting to later legs. */
import type { Channel } from './channel.ts'
import type { Variables } from './variables.ts'

/** `name=value`, or `name,value` where there is no `=`. */
export function splitAssignment(text: string): [name: string, value: string] {
  const equals = text.indexOf('=')
  const at = equals >= 0 ? equals : text.indexOf(',')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

/** Sets a variable or one element of a list; an empty value unsets. */
export function assign(variables: Variables, name: string, value: string): void {
  variables.set(name, value)
}

/** Puts a value in front of a list. */
export function unshift(variables: Variables, name: string, value: string): void {
  const present = variables.value(name)
  if (present === undefined) variables.set(name, [value])
  else variables.set(name, [value, ...(typeof present === 'string' ? [present] : present)])
}

/** Sets a variable from `name=value` with the value expanded once more, as `set` does. */
export function assignExpanded(channel: Channel, text: string): Promise<void> | void {
  const [name, value] = splitAssignment(text)
  const expanded = channel.sw.expand(value, channel)
  if (typeof expanded === 'string') return assign(channel.variables, name, expanded)
  return expanded.then((known) => assign(channel.variables, name, known))
}

/**
 * Sets a variable and remembers in `listName` (`export_vars`, `bridge_export_vars`) that later legs get it.
 * `nolocal:name` is kept under that very name, so that this channel itself does not see it.
 */
export async function exportVariable(
  channel: Channel,
  text: string,
  listName: string,
): Promise<void> {
  const [name, value] = splitAssignment(text)
  if (!name) return
  const expanded = await channel.sw.expand(value, channel)
  channel.variables.set(name, expanded)
  const names = channel.variables.get(listName)
  const present = names ? names.split(',') : []
  if (!present.includes(name)) channel.variables.set(listName, [...present, name].join(','))
}
