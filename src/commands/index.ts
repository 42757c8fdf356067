/** mod_commands: the console's commands. */
import type { Command, Module } from '../core/interfaces.ts'
import { status } from './status.ts'

const commands: readonly Command[] = [status]

export const module: Module = { name: 'mod_commands', commands }
