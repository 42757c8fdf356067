/** `sofia profile <name> …`: starts, stops and steers one profile. */
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { reloadXmlReply } from '../../core/reload-xml.ts'
import type { Switch } from '../../core/switch.ts'
import { isTrue } from '../../core/variables.ts'
import { checkSync } from './check-sync.ts'
import { gatewayNamed, removeGateway, startGateway } from './gateways.ts'
import { profileNode, rescanProfile, restartProfile, startNamed, stopProfile } from './lifecycle.ts'
import type { Profile } from './profile.ts'
import { profileNamed, profilesOf } from './profiles.ts'
import { callIdOrAccount } from './registration-rows.ts'

const log = logger('sofia')

/** A profile that has just started is left alone for so many seconds. */
const settleSeconds = 10

type Action = (profile: Profile, words: readonly string[]) => string | Promise<string>

const actions: Readonly<Record<string, Action>> = {
  killgw: killGateway,
  startgw: startGatewayAction,
  rescan,
  check_sync: checkSyncAction,
  flush_inbound_reg: flush,
  recover: (_, [word]) =>
    word?.toLowerCase() === 'flush' ? 'Flushing recovery database.\n' : 'No sessions to recover.\n',
  register: (profile, words) => registerAction(profile, words, 'register'),
  unregister: (profile, words) => registerAction(profile, words, 'unregister'),
  stop: (profile, words) => stopAction(profile, words, 'stop'),
  restart: (profile, words) => stopAction(profile, words, 'restart'),
  siptrace: (profile, [value]) => {
    if (value === undefined) return 'Usage: sofia profile <name> siptrace <on/off>\n'
    profile.trace(isTrue(value))
    return `${isTrue(value) ? 'Enabled' : 'Disabled'} sip debugging on ${profile.name}`
  },
  capture: (profile, words) => missing(profile, words, 'capture', 'sip capturing'),
  watchdog: (profile, words) => missing(profile, words, 'watchdog', 'sip debugging'),
  gwlist: (profile, [word]) => {
    const wantsUp = word?.toLowerCase() !== 'down'
    const found = [...profile.gateways.values()].filter((gateway) => gateway.isUp === wantsUp)
    return found.map((gateway) => `${gateway.name} `).join('')
  },
}

export function profileCommand(sw: Switch, words: readonly string[]): string | Promise<string> {
  const [name = '', action, ...rest] = words
  if (action === undefined) return 'Invalid Args!\n'
  const word = action.toLowerCase()
  if (word === 'start') return startAction(sw, name)
  if (name.toLowerCase() === 'restart' && word === 'all') return restartAll(sw)
  const profile = profileNamed(sw, name)
  if (!profile) return `Invalid Profile [${name}]`
  return actions[word]?.(profile, rest) ?? '-ERR Unknown command!\n'
}

async function startAction(sw: Switch, name: string): Promise<string> {
  const reloaded = await reloadXmlReply(sw)
  try {
    if (await startNamed(sw, name)) return `${reloaded}${name} started successfully\n`
    log.warning(`there is no profile ${name} in sofia.conf.xml`)
  } catch (thrown) {
    log.err(reasonOf(thrown))
  }
  return `${reloaded}Failure starting ${name}\n`
}

async function restartAll(sw: Switch): Promise<string> {
  const reloaded = await reloadXmlReply(sw)
  for (const profile of [...profilesOf(sw)]) await restartProfile(profile)
  return reloaded
}

async function rescan(profile: Profile): Promise<string> {
  const reloaded = await reloadXmlReply(profile.sw)
  return (await rescanProfile(profile))
    ? `${reloaded}+OK scan complete\n`
    : `${reloaded}-ERR cannot find config for profile ${profile.name}\n`
}

async function stopAction(
  profile: Profile,
  [wait]: readonly string[],
  action: 'stop' | 'restart',
): Promise<string> {
  const left = settleSeconds - Math.trunc((Date.now() - profile.startedAt) / 1000)
  if (left > 0)
    return `Profile ${profile.name} must be up for at least ${settleSeconds} seconds to stop/restart.\nPlease wait ${left} second${left === 1 ? '' : 's'}\n`
  const reloaded = await reloadXmlReply(profile.sw)
  const done = action === 'stop' ? stopProfile(profile) : restartProfile(profile)
  const failed = (thrown: unknown) => log.err(`${action} ${profile.name}: ${reasonOf(thrown)}`)
  if (wait?.toLowerCase() === 'wait') await done.catch(failed)
  else done.catch(failed)
  return `${reloaded}${action === 'stop' ? 'stopping' : 'restarting'}: ${profile.name}`
}

function killGateway(profile: Profile, [name]: readonly string[]): string {
  if (name === undefined) return '-ERR missing gw name\n'
  const failed = (thrown: unknown) => log.err(`killgw ${name}: ${reasonOf(thrown)}`)
  if (name.toLowerCase() === '_all_') {
    for (const gateway of [...profile.gateways.values()])
      removeGateway(profile, gateway).catch(failed)
    return '+OK every gateway marked for deletion.\n'
  }
  const gateway = gatewayNamed(profile.sw, name)
  const owner = profilesOf(profile.sw).find(
    (each) => each.gateways.get(gateway?.name ?? '') === gateway,
  )
  if (!gateway || !owner) return '-ERR no such gateway.\n'
  removeGateway(owner, gateway).catch(failed)
  return '+OK gateway marked for deletion.\n'
}

async function startGatewayAction(profile: Profile, [name]: readonly string[]): Promise<string> {
  if (name === undefined) return '-ERR missing gw name\n'
  const reloaded = await reloadXmlReply(profile.sw)
  const node = profileNode(profile.sw, profile.name)
  if (!node) return `${reloaded}-ERR cannot add gateway ${name} for profile ${profile.name}\n`
  startGateway(profile, node, name)
  return `${reloaded}+OK start gateway ${name} complete\n`
}

function registerAction(
  profile: Profile,
  [name]: readonly string[],
  action: 'register' | 'unregister',
): string {
  if (name === undefined) return 'No gateway name provided!\n'
  if (name.toLowerCase() === 'all') {
    for (const gateway of profile.gateways.values()) gateway[action]()
    return '+OK\n'
  }
  const gateway = gatewayNamed(profile.sw, name)
  if (!gateway) return 'Invalid gateway!\n'
  return gateway[action]() ? '+OK\n' : `-ERR NOREG gateway [${name}] can't be ${action}ed!\n`
}

function flush(profile: Profile, words: readonly string[]): string {
  const [first, second] = words.map((word) => word.toLowerCase())
  const isAll = first === undefined || first === 'reboot'
  const reboots = (isAll ? first : second) === 'reboot'
  const matches = isAll ? () => true : callIdOrAccount(words[0] ?? '')
  for (const registration of profile.registrations.flush(matches)) {
    if (reboots) checkSync(profile, registration)
  }
  const which = isAll ? '' : ' matching specified call_id'
  return `+OK ${reboots ? 'rebooting' : 'flushing'} all registrations${which}\n`
}

function checkSyncAction(profile: Profile, [which]: readonly string[]): string {
  const matches = which === undefined ? () => true : callIdOrAccount(which)
  for (const registration of profile.registrations.list().filter(matches)) {
    checkSync(profile, registration)
  }
  return `+OK syncing all registrations${which === undefined ? '' : ' matching specified call_id'}\n`
}

/** What this version does not have can only be turned off. */
function missing(
  profile: Profile,
  [value]: readonly string[],
  word: string,
  about: string,
): string {
  if (value === undefined) return `Usage: sofia profile <name> ${word} <on/off>\n`
  if (isTrue(value)) return `-ERR ${word} is not in this version\n`
  return `Disabled ${about} on ${profile.name}`
}
