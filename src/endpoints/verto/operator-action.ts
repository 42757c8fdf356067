/** What the actions of `verto.operator` have in common: their form, how they refuse, and how they run commands. */
import { logger } from '../../base/log.ts'
import type { LiveChange } from '../../core/live-tables.ts'
import type { Connection } from './connection.ts'
import { code, type Json, type JsonObject } from './json-rpc.ts'
import type { MethodResult } from './methods.ts'
import { mayOperate, type OperatorRight } from './operator-rights.ts'

const log = logger('verto/operator')

export type OperatorAction = (
  connection: Connection,
  params: Json | undefined,
) => MethodResult | Promise<MethodResult>

/** The event channel of operators' pages. */
const channelName = 'operator'

/** Beside tables: a sentence, or what he may from now on. */
type OperatorNews =
  | { readonly notice: string }
  | { readonly rights: readonly string[]; readonly tables: readonly string[] }

export function tellPage(connection: Connection, data: LiveChange | OperatorNews): void {
  connection.notify('verto.event', {
    eventChannel: channelName,
    data: data as unknown as JsonObject,
  })
}

export const refuse = (message: string): MethodResult => ({ error: { code: code.denied, message } })

/** An action that needs a right; `what` completes "You are not allowed to …". */
export function byRight(
  right: OperatorRight,
  what: string,
  action: OperatorAction,
): OperatorAction {
  return (connection, params) => {
    if (mayOperate(connection, right, what)) return action(connection, params)
    return refuse(
      `You are not allowed to ${what}: the param operator-permissions of your entry in the directory lacks "${right}".`,
    )
  }
}

/** Who did it: `does` as in "hangs up …". */
export function note({ user }: Connection, does: string, uuid?: string): void {
  log.notice(`${user?.uid ?? 'somebody'} ${does}`, uuid)
}

/** The reply of a command of the console. */
export async function run({ verto }: Connection, command: string, args: string): Promise<string> {
  const reply = verto.sw.commandInText(command, args, undefined)
  if (reply === undefined) return `-ERR there is no command ${command}: its module is not loaded`
  return await reply
}

/** Some commands say more than one line. */
export function outcomeOf(reply: string, message = 'Done.'): MethodResult {
  if (/^\+OK/m.test(reply) && !/^-ERR/m.test(reply)) return { result: { message } }
  return refuse(reply.replace(/^-ERR\s*/, '').trim() || 'It could not be done.')
}
