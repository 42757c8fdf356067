/** mod_sofia: SIP. Starts the profiles of sofia.conf.xml and brings the endpoint `sofia`. */
import { placeText, reasonOf, SwitchError } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { Module } from '../../core/interfaces.ts'
import type { Switch } from '../../core/switch.ts'
import type { XmlNode } from '../../xml/node.ts'
import { serveRequests } from './dispatch.ts'
import { sofiaEndpoint } from './endpoint.ts'
import { loadGateways, stopGateways } from './gateways.ts'
import { Profile } from './profile.ts'
import { addProfile, profilesOf, removeProfile } from './profiles.ts'

const log = logger('sofia')

export const module: Module = {
  name: 'mod_sofia',
  endpoints: [sofiaEndpoint],
  async start(sw) {
    try {
      for (const node of profileNodes(sw)) await startConfigured(sw, node)
    } catch (thrown) {
      await stopAll(sw)
      throw thrown
    }
    return { [Symbol.asyncDispose]: () => stopAll(sw) }
  },
}

/** The `<profile>` nodes of sofia.conf.xml as loaded now. */
export function profileNodes(sw: Switch): readonly XmlNode[] {
  const configuration = sw.configuration('sofia.conf')
  const list = configuration?.children.find((child) => child.name === 'profiles')
  return list?.children.filter((child) => child.name === 'profile') ?? []
}

async function startConfigured(sw: Switch, node: XmlNode): Promise<void> {
  const name = node.attributes.get('name') ?? ''
  if (name === '') {
    log.err(`${placeText(node.place)}: a profile without a name is left out`)
    return
  }
  const profile = new Profile(sw, node)
  if (profile.sipIp === '') {
    log.notice(`${placeText(node.place)}: profile ${name} has no sip-ip and is not started`)
    return
  }
  await startProfile(profile)
}

/** Starts a profile and its gateways. Throws SwitchError with what to do when its port cannot be had. */
export async function startProfile(profile: Profile): Promise<void> {
  serveRequests(profile)
  try {
    await profile.start()
  } catch (thrown) {
    throw portTrouble(profile, thrown)
  }
  addProfile(profile)
  loadGateways(profile)
}

/** Stops a profile: its calls end, its port is free again. */
export async function stopProfile(profile: Profile): Promise<void> {
  removeProfile(profile)
  await stopGateways(profile)
  await profile.stop()
}

async function stopAll(sw: Switch): Promise<void> {
  for (const profile of [...profilesOf(sw)].reverse()) await stopProfile(profile)
}

function portTrouble(profile: Profile, thrown: unknown): unknown {
  if (!(thrown instanceof SwitchError) || thrown.code !== 'NET_ADDRESS_IN_USE') return thrown
  const at = `${profile.sipIp}:${profile.values.text('sip-port')}`
  return new SwitchError(
    thrown.code,
    `profile ${profile.name}: ${at} is in use (${reasonOf(thrown)}); end the program that has it or take another port: --set ${profile.name}_sip_port=5070`,
  )
}
