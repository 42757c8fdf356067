/** The chat protocol `verto`: a message to every browser of a user. */
import type { ChatProtocol } from '../../core/interfaces.ts'
import { vertoOf } from './verto.ts'

export const vertoChat: ChatProtocol = {
  name: 'verto',
  reaches: (to, sw) => to.includes('@') && (vertoOf(sw)?.connectionsOf(to).length ?? 0) > 0,
  send(message, sw) {
    const { from, to, body } = message
    const verto = vertoOf(sw)
    if (!verto || !to.includes('@')) return false
    const fields = message.headers.filter(([name]) => /^(from_|to_)/i.test(name))
    let isSent = false
    for (const connection of verto.connectionsOf(to)) {
      const msg = { from, to, body, ...Object.fromEntries(fields) }
      if (connection.notify('verto.info', { msg })) isSent = true
    }
    return isSent
  },
}
