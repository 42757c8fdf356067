/** What a person sees first: where phones register, as whom, with what password, the pages, and how to open the console. */
import { join } from 'node:path'
import { userParam } from './core/directory.ts'
import type { Switch } from './core/switch.ts'
import { pagesOf } from './endpoints/verto/pages.ts'

/** A few lines for the terminal or the service's log. `endKey` is the key that ends the server. */
export function banner(sw: Switch, endKey: string): string {
  const { globals, options } = sw
  const domain = globals.get('domain') ?? globals.get('local_ip_v4') ?? '127.0.0.1'
  const address = globals.get('local_ip_v4') ?? '127.0.0.1'
  const port = globals.get('internal_sip_port')
  const user = sw.directory.users(domain)[0]?.id
  const usesGenerated = globals.get('default_password') === options.presets.get('default_password')
  const console = `scripts/fs_cli${isDefaultData(sw) ? '' : ` --data ${options.dataDir}`}`
  const lines = [
    `Strowger ${options.version} is ready.`,
    '',
    ...(port ? [`  Phones register to   ${address}:${port} (UDP or TCP), domain ${domain}`] : []),
    ...(user
      ? [
          `  for example as       ${user}, password ${usesGenerated ? globals.get('default_password') : 'as set in the configuration'}`,
        ]
      : []),
    ...(usesGenerated
      ? [`  (that password is in ${join(options.dataDir, 'default_password')})`]
      : []),
    ...pageLines(sw, domain),
    `  Console              ${console}`,
    `  (its password is in  ${join(options.dataDir, 'event_socket.json')})`,
    `  Configuration        ${options.confDir}; after editing: ${console} -x reloadxml`,
    `  To end the server    ${endKey}, or ${console} -x "fsctl shutdown"`,
    '',
  ]
  return `\n${lines.join('\n')}\n`
}

/** The pages that are really served, and who of the domain may open the operator's. */
function pageLines(sw: Switch, domain: string): string[] {
  const [page] = pagesOf(sw)
  if (page === undefined) return []
  const operators = sw.directory
    .users(domain)
    .filter((user) => (userParam(user, 'operator-permissions') ?? '').trim() !== '')
    .map(({ id }) => id)
  const [first] = operators
  const who =
    first === undefined
      ? 'for users with the param operator-permissions (conf/README.md)'
      : `for ${first}${operators.length > 1 ? ` and ${operators.length - 1} more` : ''}`
  return [`  Web phone            ${page}`, `  Operator's page      ${page}operator, ${who}`]
}

function isDefaultData(sw: Switch): boolean {
  return sw.options.dataDir === join(sw.globals.get('base_dir') ?? '', 'data')
}
