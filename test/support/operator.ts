/** Operators of Verto: their entries in the directory, what they ask for, and what their page knows. */
import { eventually } from './programs.ts'
import type { Message, VertoClient } from './verto-client.ts'

/** An entry with these `operator-permissions`. */
export const operatorUser = (id: string, rights: string) =>
  `<user id="${id}"><params><param name="password" value="pw-${id}"/>
<param name="jsonrpc-allowed-methods" value="verto"/><param name="jsonrpc-allowed-event-channels" value="__ANY__"/>
<param name="operator-permissions" value="${rights}"/></params>
<variables><variable name="user_context" value="here"/></variables></user>`

export const act = (client: VertoClient, action: string, more: Message = {}) =>
  client.call('verto.operator', { action, ...more })

/** What a page knows after all that it was sent. */
export class View {
  readonly tables = new Map<string, Map<string, Message>>()
  readonly notices: string[] = []
  /** What the page was told that it may. */
  rights: string[] | undefined
  readonly #client: VertoClient

  constructor(client: VertoClient) {
    this.#client = client
  }

  rows(table: string): Map<string, Message> {
    for (const { method, params } of this.#client.messages.splice(0)) {
      if (method !== 'verto.event' || params.eventChannel !== 'operator') continue
      const { table: name, isWhole, set, gone, notice, rights } = params.data
      if (rights) this.rights = rights
      if (notice) this.notices.push(notice)
      if (!name) continue
      if (isWhole || !this.tables.has(name)) this.tables.set(name, new Map())
      for (const [key, row] of set) this.tables.get(name)?.set(key, row)
      for (const key of gone) this.tables.get(name)?.delete(key)
    }
    return this.tables.get(table) ?? new Map()
  }

  /** Waits until a table is as wanted. */
  async until(what: string, holds: () => boolean): Promise<void> {
    await eventually(what, holds, 30_000)
  }
}
