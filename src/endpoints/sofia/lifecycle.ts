/** Starting and stopping of profiles. */
import { delay } from '../../base/clock.ts'
import { placeText, reasonOf, SwitchError } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { Channel } from '../../core/channel.ts'
import type { Switch } from '../../core/switch.ts'
import type { XmlNode } from '../../xml/node.ts'
import { serveRequests } from './dispatch.ts'
import { loadGateways, rescanGateways, stopGateways } from './gateways.ts'
import { Profile } from './profile.ts'
import { channelsOf } from './profile-facts.ts'
import { addProfile, profileNamed, profilesOf, removeProfile } from './profiles.ts'

const log = logger('sofia')

/** How long calls may take to end when their profile stops, ms. */
const patience = 3000

/** The `<profile>` nodes of sofia.conf.xml as loaded now. */
function profileNodes(sw: Switch): readonly XmlNode[] {
  const configuration = sw.configuration('sofia.conf')
  const list = configuration?.children.find((child) => child.name === 'profiles')
  return list?.children.filter((child) => child.name === 'profile') ?? []
}

/** The `<profile>` of that name in the XML as loaded now. */
export function profileNode(sw: Switch, name: string): XmlNode | undefined {
  return profileNodes(sw).find((node) => node.attributes.get('name') === name)
}

/**
 * Starts every profile of the configuration. One whose address this machine does not have is told and left out, unless
 * it is all there is; one that cannot start for another reason ends those before it and throws.
 */
export async function startAll(sw: Switch): Promise<void> {
  let absent: SwitchError | undefined
  try {
    for (const node of profileNodes(sw)) {
      try {
        await startConfigured(sw, node)
      } catch (thrown) {
        if (!(thrown instanceof SwitchError) || thrown.code !== 'NET_ADDRESS_NOT_HERE') throw thrown
        const name = node.attributes.get('name')
        log.err(`${placeText(node.place)}: profile ${name} is not started: ${reasonOf(thrown)}`)
        absent ??= thrown
      }
    }
    if (absent && profilesOf(sw).length === 0) throw absent
  } catch (thrown) {
    await stopAll(sw)
    throw thrown
  }
}

/** False when the node is no profile that can be started, which the log tells. Throws when its port cannot be had. */
async function startConfigured(sw: Switch, node: XmlNode): Promise<boolean> {
  const name = node.attributes.get('name') ?? ''
  if (name === '') {
    log.err(`${placeText(node.place)}: a profile without a name is left out`)
    return false
  }
  const profile = new Profile(sw, node)
  if (profile.sipIp === '') {
    log.notice(`${placeText(node.place)}: profile ${name} has no sip-ip and is not started`)
    return false
  }
  serveRequests(profile)
  try {
    await profile.start()
  } catch (thrown) {
    throw portTrouble(profile, thrown)
  }
  addProfile(profile)
  loadGateways(profile)
  return true
}

/** Gives a running profile the settings and gateways of the XML as loaded now. False when it is no more there. */
export async function rescanProfile(profile: Profile): Promise<boolean> {
  const node = profileNode(profile.sw, profile.name)
  if (!node) return false
  profile.rescan(node)
  await rescanGateways(profile)
  return true
}

/** Stops a profile: its calls end, gateways take their registrations back, its port is free again. */
export async function stopProfile(profile: Profile): Promise<void> {
  await partFromCalls(profile)
  await close(profile)
}

/** Ends its calls, and stays until the other sides know it: a BYE that is lost has to be sent again. */
async function partFromCalls(profile: Profile): Promise<void> {
  await endCalls(profile)
  const { partingMs } = profile.sw.options
  const left = await profile.agent.transactions.untilSettled(partingMs)
  if (left > 0 && partingMs > 0)
    log.warning(
      `profile ${profile.name} stops: ${left} requests or refusals for calls were not confirmed within ${partingMs} ms; those phones may think that they still talk`,
    )
}

async function close(profile: Profile): Promise<void> {
  await stopGateways(profile)
  removeProfile(profile)
  await profile.stop()
}

/** Stops a profile and starts it with the XML as loaded now. */
export async function restartProfile(profile: Profile): Promise<void> {
  await stopProfile(profile)
  const node = profileNode(profile.sw, profile.name)
  if (node) await startConfigured(profile.sw, node)
  else log.err(`profile ${profile.name} is no more in the configuration: stopped`)
}

export async function stopAll(sw: Switch): Promise<void> {
  const profiles = [...profilesOf(sw)].reverse()
  await Promise.all(profiles.map(partFromCalls))
  for (const profile of profiles) await close(profile)
}

async function endCalls(profile: Profile): Promise<void> {
  if (channelsOf(profile) === 0) return
  const prefix = `sofia/${profile.name}/`
  const channels = profile.sw.channels.list().filter((each) => each.name.startsWith(prefix))
  log.notice(`profile ${profile.name} stops: ${channels.length} calls end`)
  const gone = channels.map(untilDestroyed)
  for (const channel of channels) channel.hangup('MANAGER_REQUEST')
  const limit = new AbortController()
  await Promise.race([Promise.all(gone), delay(patience, limit.signal)])
  limit.abort()
}

function untilDestroyed(channel: Channel): Promise<void> {
  return new Promise((resolve) => {
    channel.signals.on('state', (state) => {
      if (state === 'destroy') resolve()
    })
  })
}

function portTrouble(profile: Profile, thrown: unknown): unknown {
  if (!(thrown instanceof SwitchError) || thrown.code !== 'NET_ADDRESS_IN_USE') return thrown
  const at = `${profile.sipIp}:${profile.values.text('sip-port')}`
  return new SwitchError(
    thrown.code,
    `profile ${profile.name}: ${at} is in use (${reasonOf(thrown)}); end the program that has it or take another port: --set ${profile.name.replace(/-ipv6$/, '')}_sip_port=5070`,
  )
}

/** Starts the profile of that name, or rescans it when it runs. False when there is none in the XML. */
export async function startNamed(sw: Switch, name: string): Promise<boolean> {
  const running = profileNamed(sw, name)
  if (running) return rescanProfile(running)
  const node = profileNode(sw, name)
  return node ? startConfigured(sw, node) : false
}
