/** `userVariables` of a login or a dialog: texts that a browser adds to its calls, as `verto_dvar_<name>`. */
import { type DirectoryUser, userParam } from '../../core/directory.ts'
import type { Variables } from '../../core/variables.ts'
import { type Json, textsOf } from './json-rpc.ts'

/** Nothing that means an element of a list, and no more of them than a page has use for. */
const nameShape = /^[\w.@:-]{1,100}$/
const mostAtOnce = 200
/** A channel that has so many variables gets no more of them. */
const mostOnChannel = 2000

const prefix = 'verto_dvar_'

function textsIn(value: Json | undefined): [name: string, value: string][] {
  return textsOf(value)
    .filter(([name]) => nameShape.test(name))
    .slice(0, mostAtOnce)
}

/**
 * Those of a login. Variables steer the switch (`execute_on_answer`, `toll_allow`, `user_name`), so a browser sets one under its own
 * name only where the user's param `jsonrpc-allowed-variables` has that name, or `__ANY__`.
 */
export function loginVariables(
  value: Json | undefined,
  user: DirectoryUser | undefined,
): [name: string, value: string][] {
  const words = ((user && userParam(user, 'jsonrpc-allowed-variables')) ?? '').toLowerCase()
  const allowed = new Set(words.split(/[\s,]+/))
  const isAllowed = (name: string) => allowed.has('__any__') || allowed.has(name.toLowerCase())
  return textsIn(value).map(([name, text]) => [isAllowed(name) ? name : prefix + name, text])
}

/** Those of a dialog go on its channel. */
export function setUserTexts(variables: Variables, value: Json | undefined): void {
  for (const [name, text] of textsIn(value))
    if (variables.size < mostOnChannel || variables.has(prefix + name))
      variables.setForeign(prefix + name, text)
}
