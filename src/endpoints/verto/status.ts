/** What `verto status`, `xmlstatus` and `jsonstatus` show: profiles, pages, and who is there. */
import { escapeXml } from '../../core/event-text.ts'
import { addressText } from '../../net/errors.ts'
import type { Connection } from './connection.ts'
import type { Json } from './json-rpc.ts'
import type { Binding } from './profile.ts'
import type { Verto } from './verto.ts'

const rule = '='.repeat(97)

function urlOf({ address, port, isSecure, server }: Binding): string {
  return `${isSecure ? 'wss' : 'ws'}:${addressText(address, server?.port ?? port)}`
}

function row(name: string, kind: string, data: string, state: string): string {
  return `${name.padStart(25)}\t${kind}\t  ${data.padStart(40)}\t${state}\n`
}

function entityOf({ user }: Connection): string {
  return `${user?.id ?? ''}@${user?.domain ?? ''}`
}

function stateOf({ user }: Connection): string {
  return user ? 'CONN_REG' : 'CONN_NO_REG'
}

function kindOf({ isSecure }: Connection): string {
  return isSecure ? 'WSS' : 'WS'
}

function plural(count: number): string {
  return count === 1 ? '' : 's'
}

export function statusTable(verto: Verto): string {
  let text = `${row('Name', '   Type', 'Data', 'State')}${rule}\n`
  let clients = 0
  for (const profile of verto.profiles) {
    for (const binding of profile.bindings)
      text += row(profile.name, 'profile', urlOf(binding), binding.server ? 'RUNNING' : 'DOWN')
    for (const { domain, root, user } of profile.hosts.faces) {
      const state = `${user ? 'AUTH' : 'NOAUTH'} (${user})`
      text += row(`${profile.name}::${domain}`, 'vhost', root, state)
    }
    for (const connection of profile.connections) {
      const state = `${stateOf(connection)} (${kindOf(connection)})`
      text += row(`${profile.name}::${entityOf(connection)}`, 'client', connection.name, state)
      clients++
    }
  }
  const { length } = verto.profiles
  return `${text}${rule}\n${length} profile${plural(length)} , ${clients} client${plural(clients)}\n`
}

function element(name: string, text: string): string {
  return `<${name}>${escapeXml(text)}</${name}>\n`
}

export function xmlStatus(verto: Verto): string {
  let text = '<?xml version="1.0" encoding="ISO-8859-1"?>\n<profiles>\n'
  for (const profile of verto.profiles) {
    const state = profile.isRunning ? 'RUNNING' : 'DOWN'
    for (const binding of profile.bindings) {
      text += `<profile>\n${element('name', profile.name)}${element('type', 'profile')}`
      text += `${element('data', urlOf(binding))}${element('state', state)}</profile>\n`
    }
    for (const connection of profile.connections) {
      text += `<client>\n${element('profile', profile.name)}${element('name', entityOf(connection))}`
      text += `${element('type', 'client')}${element('data', connection.name)}`
      text += `${element('state', `${stateOf(connection)} (${kindOf(connection)})`)}</client>\n`
    }
  }
  return `${text}</profiles>\n`
}

export function jsonStatus(verto: Verto): Json {
  const profiles = verto.profiles.flatMap((profile) =>
    profile.bindings.map((binding) => ({
      name: profile.name,
      id: urlOf(binding),
      type: binding.isSecure ? 'SECURE' : 'BASIC',
      state: profile.isRunning ? 'RUNNING' : 'DOWN',
      users: [...profile.connections]
        .filter(({ isSecure }) => isSecure === binding.isSecure)
        .map((connection) => ({
          user: connection.user?.id ?? '',
          domain: connection.user?.domain ?? '',
          entity: entityOf(connection),
          type: kindOf(connection),
          remoteHost: connection.name,
          state: stateOf(connection),
        })),
    })),
  )
  return { profiles }
}
