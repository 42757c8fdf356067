/** What the parts of `callcenter_config` have in common: their shape and their tables. */
import type { SqlTable } from '../../core/sql-table.ts'
import type { CallCenter } from './center.ts'

export interface SubCommand {
  readonly syntax: string
  /** Words that must follow. */
  readonly least: number
  /** It changes what has to be kept. */
  readonly changes: boolean
  run(center: CallCenter, words: readonly string[]): string
}

export type SubCommands = Readonly<Record<string, SubCommand>>

export const done = '+OK\n'
export const invalid = '-ERR Invalid!\n'

/** `+OK`, or what went wrong. */
export function reply(fault: string | undefined): string {
  return fault === undefined ? done : `-ERR ${fault}\n`
}

/** A table as FreeSWITCH prints it: the columns if there is a row, the rows, `+OK`. */
export function printTable(
  columns: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const lines = rows.length === 0 ? [] : [columns, ...rows]
  return lines.map((line) => `${line.join('|')}\n`).join('') + done
}

export function printRows<R extends Readonly<Record<keyof R, string | number>>>(
  table: SqlTable<R>,
  rows: readonly R[],
): string {
  return printTable(
    table.columns,
    rows.map((row) => table.values(row)),
  )
}
