import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codecs } from '../../../src/codecs/index.ts'
import { chooseCodecs, codecWishText, parseCodecList } from '../../../src/sdp/codec-string.ts'

function chosen(list: string): string[] {
  return chooseCodecs(parseCodecList(list).wishes, codecs).codecs.map(
    (codec) => `${codec.name}/${codec.clockRate}/${codec.channels}@${codec.ptime}`,
  )
}

test('reads module, format parameters and qualifiers in any order', () => {
  const { wishes, problems } = parseCodecList(
    'CORE_PCM_MODULE.PCMU@64000b@20i@8000h,opus~stereo=1@48000k@2c',
  )
  assert.deepEqual(problems, [])
  assert.deepEqual(wishes[0], {
    module: 'CORE_PCM_MODULE',
    name: 'PCMU',
    fmtp: undefined,
    rate: 8000,
    ptime: 20,
    bitRate: 64000,
    channels: undefined,
  })
  assert.deepEqual([wishes[1]?.fmtp, wishes[1]?.rate, wishes[1]?.channels], ['stereo=1', 48000, 2])
})

test('a qualifier without a mark is reported and the rest still counts', () => {
  const { wishes, problems } = parseCodecList('PCMU@20@30i')
  assert.equal(wishes[0]?.ptime, 30)
  assert.equal(problems.length, 1)
})

test('writes what it reads', () => {
  const text = 'CORE_PCM_MODULE.PCMU@8000h@20i@64000b'
  assert.equal(codecWishText(parseCodecList(text).wishes[0]!), text)
  assert.equal(codecWishText(parseCodecList(' opus~a=1 ').wishes[0]!), 'opus~a=1')
})

test('codecs are chosen in the order of the list, unknown ones are named', () => {
  assert.deepEqual(chosen('PCMA,pcmu,G722'), ['PCMA/8000/1@20', 'PCMU/8000/1@20', 'G722/8000/1@20'])
  const { missing } = chooseCodecs(parseCodecList('H264,PCMU@8000h@55i,GSM@30i').wishes, codecs)
  assert.deepEqual(missing, ['H264', 'PCMU@8000h@55i', 'GSM@30i'])
})

test('rate, packet time, bit rate and channels narrow the choice; repeats are dropped', () => {
  assert.deepEqual(chosen('PCMU@16000h'), [])
  assert.deepEqual(chosen('PCMU@30i,PCMU@8000h@30i,PCMU'), ['PCMU/8000/1@30', 'PCMU/8000/1@20'])
  assert.deepEqual(chosen('G722@16000h,G722@8000h'), ['G722/8000/1@20'])
  assert.deepEqual(chosen('L16,L16@16000h,L16@44100h@2c'), [
    'L16/8000/1@20',
    'L16/16000/1@20',
    'L16/44100/2@20',
  ])
  assert.deepEqual(chosen('PCMU@32000b'), [])
  assert.deepEqual(chosen('G722@8000h@20i@64000b'), ['G722/8000/1@20'])
})

test('a codec comes with the format parameters it offers, unless the list has its own', () => {
  const fmtps = (list: string) =>
    chooseCodecs(parseCodecList(list).wishes, codecs).codecs.map((codec) => codec.fmtp)
  assert.deepEqual(fmtps('iLBC@20i,iLBC,PCMU'), ['mode=20', 'mode=30', ''])
  assert.match(fmtps('OPUS')[0]!, /^useinbandfec=1; /)
  assert.deepEqual(fmtps('opus~stereo=1@48000h@2c'), ['stereo=1'])
})
