/** jsapi and fsapi: commands of the switch, as far as the user's permissions allow. */
import { executeJson } from '../../core/json-command.ts'
import type { Connection } from './connection.ts'
import { isObject, type Json, type JsonObject, member, textOf } from './json-rpc.ts'
import type { Method } from './methods.ts'

const denied = { denied: true } as const

export const fsapi: Method = async (connection, params) => {
  const command = textOf(params, 'cmd')
  const args = textOf(params, 'arg') ?? ''
  if (command === undefined) return { result: { message: 'INVALID CALL' } }
  if (!connection.permissions.allowsCommand(command, args)) return denied
  const reply = await connection.verto.sw.commandInText(command, args, undefined)
  return { result: { message: reply ?? 'INVALID CALL' } }
}

export const jsapi: Method = async (connection, params) => {
  const { permissions, verto } = connection
  const command = textOf(params, 'command')
  const data = member(params, 'data')
  if (command === undefined || data === undefined || !permissions.allowsJson(command)) return denied
  if (command.toLowerCase() === 'fsapi') {
    const name = textOf(data, 'cmd')
    if (name !== undefined && !permissions.allowsCommand(name, textOf(data, 'arg') ?? ''))
      return denied
  }
  if (!verto.sw.jsonCommands.get(command)) return denied
  const request = { ...(params as JsonObject), sockData: socketData(connection) }
  const { response } = (await executeJson(verto.sw, request)) as { response?: Json }
  if (response === undefined || response === null) return denied
  return { result: isObject(response) ? response : { response } }
}

/** Who asks, for the command. */
function socketData(connection: Connection): JsonObject {
  const { user, name, params } = connection
  const uid = user?.uid ?? ''
  const caller = ['caller-id-name', 'caller-id-number'].flatMap((param) => {
    const value = params.get(param)
    return value === undefined ? [] : [[param, value] as const]
  })
  return {
    ...Object.fromEntries(connection.loginVariables),
    verto_id: user?.id ?? '',
    verto_domain: user?.domain ?? '',
    verto_user: uid,
    presence_id: uid,
    verto_client_address: name,
    chat_proto: 'verto',
    verto_host: user?.domain ?? '',
    ...Object.fromEntries(connection.userVariables),
    ...Object.fromEntries(caller),
  }
}
