/** mod_expr: arithmetic at the console and in texts. */
import { arithmetic } from '../core/expand/arithmetic.ts'
import type { Command, Module } from '../core/interfaces.ts'

const expr: Command = {
  name: 'expr',
  syntax: '<expr>',
  about: 'Eval an expression',
  run: (args) => arithmetic(args),
}

export const module: Module = { name: 'mod_expr', commands: [expr] }
