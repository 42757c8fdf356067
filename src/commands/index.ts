/** mod_commands: the console's commands. */
import type { Command, Module } from '../core/interfaces.ts'
import {
  alias,
  complete,
  consoleComplete,
  consoleCompleteXml,
  restoreAliases,
} from './console_complete.ts'
import { createUuid } from './create_uuid.ts'
import * as globals from './globals.ts'
import { groupCall } from './group_call.ts'
import { hupall } from './hupall.ts'
import { log } from './log.ts'
import * as modules from './modules.ts'
import { originate } from './originate.ts'
import { regUrl } from './reg_url.ts'
import { help, show } from './show.ts'
import { status } from './status.ts'
import * as text from './text.ts'
import * as time from './time.ts'
import { uuidBridge } from './uuid_bridge.ts'
import { uuidDualTransfer } from './uuid_dual_transfer.ts'
import { uuidHold } from './uuid_hold.ts'
import { uuidKill } from './uuid_kill.ts'
import { uuidPark } from './uuid_park.ts'
import { uuidTransfer } from './uuid_transfer.ts'
import * as uuidVariables from './uuid_variables.ts'
import * as version from './version.ts'

const commands: readonly Command[] = [
  alias,
  complete,
  consoleComplete,
  consoleCompleteXml,
  createUuid,
  groupCall,
  help,
  hupall,
  log,
  originate,
  regUrl,
  show,
  status,
  uuidBridge,
  uuidDualTransfer,
  uuidHold,
  uuidKill,
  uuidPark,
  uuidTransfer,
  ...Object.values(globals),
  ...Object.values(modules),
  ...Object.values(text),
  ...Object.values(time),
  ...Object.values(uuidVariables),
  ...Object.values(version),
]

export const module: Module = {
  name: 'mod_commands',
  commands,
  async start(sw) {
    restoreAliases(sw)
    return undefined
  },
}
