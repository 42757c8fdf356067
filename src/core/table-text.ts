/** Tables as `show` prints them: separated, as XML or as JSON. */
import { makeElement, writeXml } from '../xml/write.ts'

export interface Table {
  readonly columns: readonly string[]
  /** Each as long as `columns`. */
  readonly rows: readonly (readonly string[])[]
}

export type TableFormat = 'separated' | 'xml' | 'json'

/** The format that a person names; undefined when there is none of that name. */
export function parseTableFormat(text: string): TableFormat | undefined {
  const word = text.toLowerCase()
  if (word === 'delim' || word === 'csv') return 'separated'
  return word === 'xml' || word === 'json' ? word : undefined
}

/** Column names, then a line for each row, nothing quoted; without rows nothing at all. */
function separatedRows({ columns, rows }: Table, delimiter: string): string {
  if (rows.length === 0) return ''
  return [columns, ...rows].map((row) => `${row.join(delimiter)}\n`).join('')
}

export function tableText(table: Table, format: TableFormat, delimiter: string): string {
  const { columns, rows } = table
  switch (format) {
    case 'separated':
      return separatedRows(table, delimiter) + totalLine(rows.length)
    case 'xml':
      return rows.length === 0 ? '<result row_count="0"/>\n' : xmlText(table)
    case 'json': {
      if (rows.length === 0) return '{"row_count": 0}\n'
      const objects = rows.map((row) =>
        Object.fromEntries(columns.map((column, index) => [column, row[index] ?? ''])),
      )
      return JSON.stringify({ row_count: rows.length, rows: objects })
    }
  }
}

/** What `show … count` prints: the number alone, in the shape of the format. */
export function countText(count: number, format: TableFormat): string {
  if (format === 'json') return JSON.stringify({ row_count: count, rows: [] })
  return format === 'xml' ? `<result row_count="${count}"></result>\n` : totalLine(count)
}

function totalLine(count: number): string {
  return `\n${count} total.\n`
}

/** No file: these elements are made here. */
const place = { file: '', line: 0 }

function xmlText({ columns, rows }: Table): string {
  const elements = rows.map((row, index) => {
    const fields = columns.map((column, at) => ({
      ...makeElement(column, [], [], place),
      text: row[at] ?? '',
    }))
    return makeElement('row', [['row_id', String(index + 1)]], fields, place)
  })
  return writeXml(makeElement('result', [['row_count', String(rows.length)]], elements, place))
}
