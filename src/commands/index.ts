/** mod_commands: the console's commands. */
import type { Command, Module } from '../core/interfaces.ts'
import { createUuid } from './create_uuid.ts'
import { groupCall } from './group_call.ts'
import { hupall } from './hupall.ts'
import { originate } from './originate.ts'
import { status } from './status.ts'
import { uuidBridge } from './uuid_bridge.ts'
import { uuidDualTransfer } from './uuid_dual_transfer.ts'
import { uuidHold } from './uuid_hold.ts'
import { uuidKill } from './uuid_kill.ts'
import { uuidPark } from './uuid_park.ts'
import { uuidTransfer } from './uuid_transfer.ts'

const commands: readonly Command[] = [
  createUuid,
  groupCall,
  hupall,
  originate,
  status,
  uuidBridge,
  uuidDualTransfer,
  uuidHold,
  uuidKill,
  uuidPark,
  uuidTransfer,
]

export const module: Module = { name: 'mod_commands', commands }
