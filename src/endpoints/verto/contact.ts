/** verto_contact: the dial string that rings the browsers of a user. */
import type { Command } from '../../core/interfaces.ts'
import { type Verto, vertoOf } from './verto.ts'

/** `verto.rtc/u:<session>,…`; undefined when the user has no browser open. */
export function dialStringOf(verto: Verto, user: string): string | undefined {
  const uid = user.includes('@') ? user : `${user}@${verto.sw.globals.get('domain') ?? ''}`
  // An operator's page is no phone.
  const connections = verto.connectionsOf(uid).filter((one) => !verto.operators.has(one))
  // The newest first, as lists of FreeSWITCH have it.
  const legs = connections.reverse().map(({ sessid }) => `verto.rtc/u:${sessid}`)
  return legs.length > 0 ? legs.join(',') : undefined
}

export const vertoContact: Command = {
  name: 'verto_contact',
  syntax: 'user@domain',
  about: 'Generate a verto endpoint dialstring',
  run(args, { sw }) {
    if (args === '') return ''
    const verto = vertoOf(sw)
    return (verto && dialStringOf(verto, args)) ?? 'error/user_not_registered'
  },
}
