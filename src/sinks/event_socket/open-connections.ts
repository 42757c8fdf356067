/** The connections of a switch, whoever began them. */
import { onePer } from '../../base/one-per.ts'
import type { Switch } from '../../core/switch.ts'
import type { Connection } from './connection.ts'

export const connectionsOf = onePer((_sw: Switch) => new Set<Connection>())

/** Keeps a connection among those of its switch until it is closed. */
export function keep(connection: Connection): Connection {
  const connections = connectionsOf(connection.sw)
  connections.add(connection)
  void connection.closed.then(() => connections.delete(connection))
  return connection
}
