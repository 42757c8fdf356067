/** sofia: looks after profiles, gateways and registrations. */
import { logger, logLevelNumber, logLevels } from '../../base/log.ts'
import type { Command } from '../../core/interfaces.ts'
import { separate } from '../../core/separate.ts'
import type { Switch } from '../../core/switch.ts'
import { isTrue } from '../../core/variables.ts'
import { tracing } from './profile.ts'
import { profileCommand } from './profile-command.ts'
import { profilesOf } from './profiles.ts'
import { statusText } from './status-text.ts'
import { statusJsonText, statusXml } from './status-xml.ts'

const log = logger('sofia')

const usage = `USAGE:
--------------------------------------------------------------------------------
sofia global siptrace <on|off>
sofia        capture  <on|off>
             watchdog <on|off>

sofia profile <name> [start | stop | restart | rescan] [wait]
                     flush_inbound_reg [<call_id> | <[user]@domain>] [reboot]
                     check_sync [<call_id> | <[user]@domain>]
                     [register | unregister] [<gateway name> | all]
                     killgw <gateway name>
                     [stun-auto-disable | stun-enabled] [true | false]]
                     siptrace <on|off>
                     capture  <on|off>
                     watchdog <on|off>

sofia <status|xmlstatus> profile <name> [reg [<contact str>]] | [pres <pres str>] | [user <user@domain>]
sofia <status|xmlstatus> gateway <name>

sofia loglevel <all|default|tport|iptsec|nea|nta|nth_client|nth_server|nua|soa|sresolv|stun> [0-9]
sofia tracelevel <console|alert|crit|err|warning|notice|info|debug>

sofia help
--------------------------------------------------------------------------------
`

export const sofia: Command = {
  name: 'sofia',
  syntax: '<cmd> <args>',
  about: 'Sofia Controls',
  completions: [
    '::[help:status:jsonstatus',
    'status profile ::sofia::list_profiles ::[reg:user:pres',
    'status gateway ::sofia::list_gateways',
    'xmlstatus profile ::sofia::list_profiles reg',
    'xmlstatus gateway ::sofia::list_gateways',
    'loglevel ::[all:default:tport:iptsec:nea:nta:nth_client:nth_server:nua:soa:sresolv:stun',
    `tracelevel ::[${logLevels.join(':')}`,
    'global siptrace ::[on:off',
    'profile restart all',
    'profile ::sofia::list_profiles ::[start:stop:restart:rescan:check_sync:flush_inbound_reg',
    'profile ::sofia::list_profiles ::[register:unregister all',
    'profile ::sofia::list_profiles ::[register:unregister:killgw:startgw ::sofia::list_gateways',
    'profile ::sofia::list_profiles siptrace ::[on:off',
    'profile ::sofia::list_profiles gwlist ::[up:down',
  ],
  run(args, { sw }) {
    const [word, ...words] = separate(args, ' ')
    switch (word?.toLowerCase()) {
      case 'profile':
        return profileCommand(sw, words)
      case 'status':
        return statusText(sw, words)
      case 'xmlstatus':
        return statusXml(sw, words)
      case 'jsonstatus':
        return statusJsonText(sw)
      case 'tracelevel':
        return traceLevel(words[0])
      case 'loglevel':
        return logLevel(words)
      case 'global':
        return globally(sw, words)
      case 'recover':
        return recover(sw, words[0])
      case 'help':
      case undefined:
        return usage
      default:
        return `Unknown Command [${word}]\n`
    }
  },
}

/** The level at which `siptrace` writes to the log. */
function traceLevel(word: string | undefined): string {
  // A word that is no level means the last, as everywhere in this command.
  if (word !== undefined) tracing.level = Math.min(7, logLevelNumber(word) ?? 7)
  return `+OK tracelevel is ${logLevels[tracing.level]?.toUpperCase()}`
}

/** The parts of FreeSWITCH's SIP library; here they only remember their level. */
const components = new Map(
  'default tport iptsec nea nta nth_client nth_server nua soa sresolv stun'
    .split(' ')
    .map((name) => [name, 0]),
)

function logLevel([name = '', level]: readonly string[]): string {
  const component = name.toLowerCase()
  if (component !== 'all' && !components.has(component)) return usage
  if (level === undefined || !/^\d+$/.test(level)) {
    // There is no level of all together.
    return component === 'all'
      ? usage
      : `Sofia-sip loglevel for [${name}] is [${components.get(component)}]`
  }
  const number = Number(level)
  if (number > 9) return usage
  for (const each of components.keys())
    if (component === 'all' || component === each) components.set(each, number)
  if (number > 0) {
    log.notice(
      'the SIP parts write to the common log: see fsctl loglevel and sofia global siptrace',
    )
  }
  return `Sofia log level for component [${name}] has been set to [${number}]`
}

function globally(sw: Switch, [word = '', value]: readonly string[]): string {
  const what = word.toLowerCase()
  if (what === 'debug') {
    if (value !== undefined && /presence|sla/.test(value))
      return `-ERR ${value} cannot be debugged in this version\n`
    const nothing = value?.includes('none') ? '+OK Debugging nothing\n' : ''
    return `${nothing}+OK Debugging summary: presence: off sla: off\n`
  }
  if (value === undefined || !/^(siptrace|standby|capture|watchdog)$/.test(what))
    return '-ERR Usage: siptrace <on|off>|capture <on|off>|watchdog <on|off>|debug <sla|presence|none'
  const isOn = isTrue(value)
  if (what === 'siptrace') for (const profile of profilesOf(sw)) profile.trace(isOn)
  else if (isOn) return `-ERR ${what} is not in this version\n`
  return `+OK Global ${what} ${isOn ? 'on' : 'off'}`
}

/** Calls are not tracked across restarts, so there is never one to recover. */
function recover(sw: Switch, word: string | undefined): string {
  if (word?.toLowerCase() === 'flush') return 'Flushing recovery database.\n'
  sw.events.announce(
    'CUSTOM',
    (event) => event.add('recovered_calls', '0'),
    'sofia::recovery_recovered',
  )
  return 'No calls to recover.\n'
}
