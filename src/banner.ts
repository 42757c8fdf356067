/** What a person sees first: where phones register, as whom, with what password, and how to open the console. */
import { join } from 'node:path'
import type { Switch } from './core/switch.ts'

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
    `  Console              ${console}`,
    `  (its password is in  ${join(options.dataDir, 'event_socket.json')})`,
    `  Configuration        ${options.confDir}; after editing: ${console} -x reloadxml`,
    `  To end the server    ${endKey}, or ${console} -x "fsctl shutdown"`,
    '',
  ]
  return `\n${lines.join('\n')}\n`
}

function isDefaultData(sw: Switch): boolean {
  return sw.options.dataDir === join(sw.globals.get('base_dir') ?? '', 'data')
}
