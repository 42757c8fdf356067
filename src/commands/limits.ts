/** What `limit` counts: usage, status, reset; and counting for a channel from outside. */
import { usage } from '../core/command-usage.ts'
import type { Command } from '../core/interfaces.ts'
import { limitsOf, refuseOverLimit, takeLimit } from '../core/limit-channel.ts'
import { separate } from '../core/separate.ts'

/** These say it without the dash. */
function limitUsageText(name: string, syntax: string): string {
  return usage(`${name} ${syntax}`).slice(1)
}

export const limitUsage: Command = {
  name: 'limit_usage',
  syntax: '<backend> <realm> <id>',
  about: 'Get the usage count of a limited resource',
  run(args, { sw }) {
    let words = separate(args, ' ', 5)
    // Of old there was one backend, and its name was left out.
    if (words.length === 2) words = ['db', ...words]
    const [backend, realm, id, rate] = words
    if (backend === undefined || realm === undefined || id === undefined) {
      return limitUsageText('limit_usage', '<backend> <realm> <id> [rate]')
    }
    const found = limitsOf(sw, backend)?.usage(realm, id) ?? { count: 0, rate: 0 }
    return rate?.toLowerCase() === 'rate' ? `${found.count}/${found.rate}` : String(found.count)
  },
}

export const limitHashUsage: Command = {
  name: 'limit_hash_usage',
  syntax: '<realm> <id>',
  about: 'Deprecated: gets the usage count of a limited resource',
  run(args, context) {
    if (args !== '') return limitUsage.run(`hash ${args}`, context)
    const note = '(Using deprecated limit api, check limit_usage with backend param)'
    return limitUsageText('limit_hash_usage', `<realm> <id> [rate] ${note}`)
  },
}

export const limitStatus: Command = {
  name: 'limit_status',
  syntax: '<backend>',
  about: 'Get the status of a limit backend',
  run(args, { sw }) {
    const [backend] = separate(args, ' ', 2)
    if (backend === undefined) return limitUsageText('limit_status', limitStatus.syntax)
    const limits = limitsOf(sw, backend)
    if (!limits) return '-ERR'
    if (limits === sw.limits) return '-ERR not supported yet (locking problems).'
    let count = 0
    for (const [, one] of limits.entries()) count += one.count
    return `Tracking ${count} resources for hostname ${sw.globals.get('switchname') ?? ''}.`
  },
}

export const limitReset: Command = {
  name: 'limit_reset',
  syntax: '<backend>',
  about: 'Reset the counters of a limit backend',
  run(args, { sw }) {
    const [backend] = separate(args, ' ', 2)
    if (backend === undefined) return limitUsageText('limit_reset', limitReset.syntax)
    const limits = limitsOf(sw, backend)
    // The backend `hash` cannot be reset.
    if (!limits || limits === sw.limits) return '-ERR'
    limits.reset()
    return '+OK'
  },
}

export const limitIntervalReset: Command = {
  name: 'limit_interval_reset',
  syntax: '<backend> <realm> <resource>',
  about: 'Reset the interval counter for a limited resource',
  run(args, { sw }) {
    const [backend, realm, id] = separate(args, ' ', 5)
    if (backend === undefined || realm === undefined || id === undefined) {
      return limitUsageText('limit_interval_reset', limitIntervalReset.syntax)
    }
    limitsOf(sw, backend)?.resetInterval(realm, id)
    return '+OK'
  },
}

export const uuidLimit: Command = {
  name: 'uuid_limit',
  syntax: '<uuid> <backend> <realm> <resource> [<max>[/interval]] [number [dialplan [context]]]',
  about: 'Increase limit resource',
  run(args, { sw }) {
    const [uuid = '', backend = '', realm = '', id, maximum, ...otherwise] = separate(args, ' ', 8)
    if (id === undefined) return limitUsageText('uuid_limit', uuidLimit.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return `-ERR Cannot find session with uuid ${uuid}\n`
    if (!takeLimit(channel, { backend, realm, id, maximum })) refuseOverLimit(channel, otherwise)
    return '+OK'
  },
}

export const uuidLimitRelease: Command = {
  name: 'uuid_limit_release',
  syntax: '<uuid> <backend> [realm] [resource]',
  about: 'Release limit resource',
  run(args, { sw }) {
    const [uuid = '', backend, realm, id] = separate(args, ' ', 5)
    if (backend === undefined) return limitUsageText('uuid_limit_release', uuidLimitRelease.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return `-ERR Cannot find session with uuid ${uuid}\n`
    limitsOf(sw, backend)?.release(channel, realm, id)
    return '+OK'
  },
}
