/** create_uuid: a fresh uuid, to be used as `origination_uuid`. */
import { newUuid } from '../core/events.ts'
import type { Command } from '../core/interfaces.ts'

export const createUuid: Command = {
  name: 'create_uuid',
  syntax: '<uuid> <other_uuid>',
  about: 'Create a uuid',
  run: () => newUuid(),
}
