/** mod_commands: the console's commands. */
import type { Command, Module } from '../core/interfaces.ts'
import { bgapi } from './bgapi.ts'
import { chat, presence } from './chat.ts'
import {
  alias,
  complete,
  consoleComplete,
  consoleCompleteXml,
  restoreAliases,
} from './console_complete.ts'
import { counters } from './counters.ts'
import { createUuid } from './create_uuid.ts'
import * as directory from './directory.ts'
import * as fsctl from './fsctl.ts'
import * as globals from './globals.ts'
import { groupCall } from './group_call.ts'
import { hupall } from './hupall.ts'
import { json, jsonCommands } from './json.ts'
import * as limits from './limits.ts'
import { log } from './log.ts'
import { media } from './media.ts'
import * as modules from './modules.ts'
import * as network from './network.ts'
import { originate } from './originate.ts'
import { page } from './page.ts'
import { regUrl } from './reg_url.ts'
import { sayString } from './say_string.ts'
import * as schedule from './schedule.ts'
import { help, show } from './show.ts'
import { status } from './status.ts'
import * as system from './system.ts'
import * as text from './text.ts'
import * as time from './time.ts'
import { toneDetect } from './tone_detect.ts'
import * as uuidAnswer from './uuid_answer.ts'
import * as uuidAudio from './uuid_audio.ts'
import { uuidBridge } from './uuid_bridge.ts'
import * as uuidBroadcast from './uuid_broadcast.ts'
import { uuidDebugMedia } from './uuid_debug_media.ts'
import * as uuidDisplace from './uuid_displace.ts'
import * as uuidDtmf from './uuid_dtmf.ts'
import { uuidDualTransfer } from './uuid_dual_transfer.ts'
import { uuidDump } from './uuid_dump.ts'
import { uuidFileman } from './uuid_fileman.ts'
import { uuidHold } from './uuid_hold.ts'
import { uuidJitterbuffer } from './uuid_jitterbuffer.ts'
import { uuidKill } from './uuid_kill.ts'
import * as uuidMedia from './uuid_media.ts'
import * as uuidMessage from './uuid_message.ts'
import { uuidPark } from './uuid_park.ts'
import { uuidSetMediaStats } from './uuid_set_media_stats.ts'
import * as uuidSettings from './uuid_settings.ts'
import { uuidTransfer } from './uuid_transfer.ts'
import * as uuidVariables from './uuid_variables.ts'
import * as version from './version.ts'
import { webrtc } from './webrtc.ts'
import * as xml from './xml.ts'

const commands: readonly Command[] = [
  alias,
  bgapi,
  chat,
  complete,
  consoleComplete,
  consoleCompleteXml,
  createUuid,
  groupCall,
  help,
  json,
  hupall,
  log,
  media,
  originate,
  page,
  presence,
  regUrl,
  sayString,
  show,
  counters,
  status,
  toneDetect,
  uuidBridge,
  uuidDebugMedia,
  uuidDualTransfer,
  uuidDump,
  uuidFileman,
  uuidHold,
  uuidJitterbuffer,
  uuidKill,
  uuidPark,
  uuidSetMediaStats,
  webrtc,
  uuidTransfer,
  ...Object.values(directory),
  ...Object.values(fsctl),
  ...Object.values(globals),
  ...Object.values(limits),
  ...Object.values(modules),
  ...Object.values(network),
  ...Object.values(schedule),
  ...Object.values(system),
  ...Object.values(text),
  ...Object.values(time),
  ...Object.values(uuidAnswer),
  ...Object.values(uuidAudio),
  ...Object.values(uuidBroadcast),
  ...Object.values(uuidDisplace),
  ...Object.values(uuidDtmf),
  ...Object.values(uuidMedia),
  ...Object.values(uuidMessage),
  ...Object.values(uuidSettings),
  ...Object.values(uuidVariables),
  ...Object.values(version),
  ...Object.values(xml),
]

export const module: Module = {
  name: 'mod_commands',
  commands,
  jsonCommands,
  async start(sw) {
    restoreAliases(sw)
    return undefined
  },
}
