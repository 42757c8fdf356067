import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { countText, parseTableFormat, tableText } from '../../../src/core/table-text.ts'

const table = {
  columns: ['type', 'name'],
  rows: [
    ['timer', 'soft'],
    ['say', 'a<b'],
  ],
}
const empty = { columns: ['type'], rows: [] }

describe('table text', () => {
  it('separates with nothing quoted and ends with the total', () => {
    assert.equal(tableText(table, 'separated', ','), 'type,name\ntimer,soft\nsay,a<b\n\n2 total.\n')
  })

  it('takes any delimiter', () => {
    assert.equal(tableText(table, 'separated', '~').split('\n')[0], 'type~name')
  })

  it('writes XML with numbered rows', () => {
    assert.equal(
      tableText({ ...table, rows: [['say', 'a<b']] }, 'xml', ','),
      '<result row_count="1">\n  <row row_id="1">\n    <type>say</type>\n    <name>a&lt;b</name>\n  </row>\n</result>\n',
    )
  })

  it('writes JSON in one line without a line end', () => {
    assert.equal(
      tableText({ ...table, rows: [['say', 'x']] }, 'json', ','),
      '{"row_count":1,"rows":[{"type":"say","name":"x"}]}',
    )
  })

  it('has a text of its own for no rows in each format', () => {
    assert.equal(tableText(empty, 'separated', ','), '\n0 total.\n')
    assert.equal(tableText(empty, 'xml', ','), '<result row_count="0"/>\n')
    assert.equal(tableText(empty, 'json', ','), '{"row_count": 0}\n')
  })

  it('counts in each format', () => {
    assert.equal(countText(3, 'separated'), '\n3 total.\n')
    assert.equal(countText(3, 'xml'), '<result row_count="3"></result>\n')
    assert.equal(countText(3, 'json'), '{"row_count":3,"rows":[]}')
  })

  it('knows csv and delim as the same', () => {
    assert.equal(parseTableFormat('CSV'), 'separated')
    assert.equal(parseTableFormat('delim'), 'separated')
    assert.equal(parseTableFormat('nosuch'), undefined)
  })
})
