/** login, echo and verto.ping. */
import { isTrue } from '../../core/variables.ts'
import { code, isObject, textOf } from './json-rpc.ts'
import { announceLogin } from './login.ts'
import type { Method } from './methods.ts'

/** The login was checked before it came here: what the browser is told of its user. */
export const loggedIn: Method = (connection, params) => {
  const { variables, expires } = connection
  announceLogin(connection, textOf(params, 'login'), textOf(params, 'sessid'), 'Logged in')
  const isSet = (name: string) => isTrue(variables.get(name))
  if (isSet('moderator')) variables.set('conf_mvar_moderator', 'true')
  if (isSet('superuser')) variables.set('conf_mvar_superuser', 'true')
  return {
    result: {
      message: 'logged in',
      ...(expires === undefined ? {} : { 'auth-expires': expires }),
      ...(isSet('moderator') ? { moderator: true } : {}),
      ...(isSet('stereo_audio') ? { stereoAudio: true } : {}),
      ...(isSet('superuser') ? { superuser: true } : {}),
    },
  }
}

export const echo: Method = (_connection, params) =>
  isObject(params)
    ? { result: params }
    : { error: { message: 'Params data missing', code: code.session } }

export const ping: Method = ({ expires }) => ({
  result: { ...(expires === undefined ? {} : { 'auth-expires': expires }), message: 'PONG' },
})
