import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gsm } from '../../../src/codecs/gsm.ts'
import { opus } from '../../../src/codecs/opus.ts'
import { CodecTable } from '../../../src/core/codec-table.ts'

test('without a module there are PCMU, PCMA and L16', () => {
  const table = new CodecTable()
  assert.deepEqual(
    [...new Set(table.list().map(({ codec }) => codec.name))],
    ['PCMU', 'PCMA', 'L16'],
  )
  const names = table.choose('OPUS,G722,PCMU,PCMA,H264').map((codec) => codec.name)
  assert.deepEqual(names, ['PCMU', 'PCMA'])
  assert.equal(table.moduleOf('l16'), 'CORE_PCM_MODULE')
})

test('a codec counts while its module is loaded', () => {
  const table = new CodecTable()
  const names = () => table.choose('OPUS,GSM,PCMU').map((codec) => codec.name)
  table.add(opus, 'mod_opus')
  table.add(gsm, 'mod_spandsp')
  assert.deepEqual(names(), ['opus', 'GSM', 'PCMU'])
  assert.equal(table.moduleOf('OPUS'), 'mod_opus')
  table.removeModule('mod_opus')
  assert.deepEqual(names(), ['GSM', 'PCMU'])
  assert.equal(table.moduleOf('opus'), undefined)
})
