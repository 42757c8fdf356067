/** Small applications with nothing in common but their size. */
import { mkdirSync } from 'node:fs'
import { logger } from '../base/log.ts'
import { parseCause } from '../core/hangup-cause.ts'
import type { Application } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'

const log = logger('applications')

export const breakApplication: Application = {
  name: 'break',
  syntax: '',
  about: 'End what plays on this channel',
  needs: 'nothing',
  run: (channel) => channel.break(),
}

export const checkAcl: Application = {
  name: 'check_acl',
  syntax: '<ip> <acl|cidr> [<cause>]',
  about: 'Hang up unless the address passes the access list',
  needs: 'nothing',
  inline: true,
  run(channel, data) {
    const [address = '', list = '', causeText = ''] = separate(data, ' ')
    if (!list) return log.err(`check_acl: ${checkAcl.syntax}`, channel.uuid)
    if (channel.sw.acls.check(address, list).allowed) return
    log.warning(`${address} does not pass ${list}`, channel.uuid)
    channel.hangup(parseCause(causeText) ?? 'CALL_REJECTED')
  },
}

export const privacy: Application = {
  name: 'privacy',
  syntax: 'off|on|yes|no|full|name|number',
  about: "Hide the caller's name, number or both from whoever is called next",
  needs: 'nothing',
  run(channel, data) {
    const word = data.trim().toLowerCase()
    const hidesAll = word === 'full' || word === 'yes' || word === 'on'
    channel.profile.hideName = hidesAll || word === 'name'
    channel.profile.hideNumber = hidesAll || word === 'number'
    channel.variables.set('privacy', word || undefined)
  },
}

export const mkdir: Application = {
  name: 'mkdir',
  syntax: '<path>',
  about: 'Make a folder and those above it',
  needs: 'nothing',
  run: (_channel, data) => void mkdirSync(data, { recursive: true }),
}

export const earlyHangup: Application = {
  name: 'early_hangup',
  syntax: '',
  about: 'The end of a call is dealt with at once (it always is here)',
  needs: 'nothing',
  inline: true,
  // FreeSWITCH waits for the channel's thread without it; here nothing waits.
  run: () => undefined,
}

export const recoveryRefresh: Application = {
  name: 'recovery_refresh',
  syntax: '',
  about: 'Keep what a restart needs to recover the call (calls are not recovered here)',
  needs: 'nothing',
  run: (channel) => log.info('recovery_refresh: calls are not recovered', channel.uuid),
}

export const novideo: Application = {
  name: 'novideo',
  syntax: '',
  about: 'Refuse the video that the party offers',
  needs: 'nothing',
  inline: true,
  run(channel) {
    channel.refusesVideo = true
  },
}
