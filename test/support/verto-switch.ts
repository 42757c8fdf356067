/** A switch with a Verto profile, two users and sound that is only pretended, as tests of Verto need it. */
import { vertoOf } from '../../src/endpoints/verto/verto.ts'
import { startSwitch, type TestSwitch } from './switch.ts'
import { VertoClient } from './verto-client.ts'

const users = ['1000', '1001', '1002'].map(
  (id) => `<user id="${id}"><params><param name="password" value="pw-${id}"/>
<param name="jsonrpc-allowed-methods" value="verto,jsapi,fsapi,echo"/>
<param name="jsonrpc-allowed-jsapi" value="fsapi,status"/>
<param name="jsonrpc-allowed-fsapi" value="status,uuid_exists"/>
<param name="jsonrpc-allowed-event-channels" value="demo,conference,presence"/></params>
<variables><variable name="user_context" value="here"/><variable name="desk" value="d${id}"/></variables></user>`,
)

const directory = (further: string) => `<domain name="example.test"><params>
<param name="dial-string" value="\${verto_contact(\${dialed_user}@\${dialed_domain})}"/></params>
<groups><group name="all"><users>${users.join('')}${further}</users></group></groups></domain>`

export interface VertoSwitchOptions {
  readonly dialplan: string
  /** Further params of the profile. */
  readonly profile?: string
  /** `outbound-codec-string`; default sound alone. */
  readonly codecs?: string
  readonly settings?: string
  readonly modules?: readonly string[]
  /** Further users of the directory. */
  readonly users?: string
  /** Further `<configuration>` elements. */
  readonly configuration?: string
  /** Where it listens; default: anywhere. */
  readonly port?: number
}

export interface VertoSwitch extends TestSwitch {
  readonly port: number
  connect(sessid?: string): Promise<VertoClient>
  client(user: string, sessid?: string): Promise<VertoClient>
  counters(): Promise<Readonly<Record<string, number>>>
}

export async function startVerto(options: VertoSwitchOptions): Promise<VertoSwitch> {
  const t = await startSwitch({
    dialplan: options.dialplan,
    directory: directory(options.users ?? ''),
    modules: [
      'mod_dialplan_xml',
      'mod_dptools',
      'mod_commands',
      'mod_loopback',
      'mod_verto',
      ...(options.modules ?? []),
    ],
    configuration: `${options.configuration ?? ''}<configuration name="verto.conf"><settings>${options.settings ?? ''}</settings><profiles>
<profile name="main"><param name="bind-local" value="127.0.0.1:${options.port ?? 0}"/><param name="rtp-ip" value="127.0.0.1"/>
<param name="context" value="here"/><param name="outbound-codec-string" value="${options.codecs ?? 'PCMU,PCMA'}"/>${options.profile ?? ''}</profile>
</profiles></configuration>`,
  })
  const port = vertoOf(t.sw)?.profiles[0]?.bindings[0]?.server?.port ?? 0
  return {
    ...t,
    port,
    connect: (sessid) => VertoClient.connect(port, sessid),
    client: (user, sessid) => VertoClient.loggedIn(port, user, sessid),
    async counters() {
      const all = await t.sw.counters.read()
      return all.find(([name]) => name === 'verto')?.[1] ?? {}
    },
  }
}
