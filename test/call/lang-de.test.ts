/** The German phrases that come with the program: what differs from English, and that every sound of them has words. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { SayMethod, SayRequest, SayType } from '../../src/core/interfaces.ts'
import { parseTexts } from '../../src/core/speech/spoken-prompts.ts'
import { fixedZone } from '../../src/core/time/timezone.ts'
import { german } from '../../src/say/de.ts'
import type { XmlNode } from '../../src/xml/node.ts'
import { child, children, childWith } from '../../src/xml/query.ts'
import { type PhraseCase, playPhrases, startLanguage } from '../support/phrases.ts'

const vm = (...names: readonly string[]) => names.map((name) => `voicemail/vm-${name}`).join(' ')

const cases: readonly PhraseCase[] = [
  ['voicemail_message_count', '0:new', `${vm('you_have')} digits/0 ${vm('new', 'messages')}`],
  ['voicemail_message_count', '1:new', `${vm('you_have')} digits/1_f ${vm('new', 'message')}`],
  [
    'voicemail_message_count',
    '21:saved',
    `${vm('you_have')} digits/1_n+currency/and+digits/20 ${vm('saved', 'messages')}`,
  ],
  ['voicemail_say_message_number', 'new:1', `${vm('new', 'message_number')} digits/1`],
  [
    'voicemail_say_date',
    '86400',
    'time/day-5+digits/h-2_m+time/mon-0+digits/19+digits/hundred+digits/70+time/at+digits/0+time/oclock',
  ],
  ['voicemail_ack', 'saved', vm('message_saved')],
  ['voicemail_ack', 'deleted', vm('message', 'deleted')],
  ['directory_result_count', '1', 'digits/1_m directory/dir-result_match'],
  ['queue_hold_time', '1', 'ivr/ivr-estimated_hold_time digits/1_f time/minute'],
  [
    'queue_hold_time',
    '31',
    'ivr/ivr-estimated_hold_time digits/1_n+currency/and+digits/30 time/minutes',
  ],
  ['callers_in_conf', '1', 'ivr/ivr-there_is digits/1_m conference/conf-listener_in_conference'],
  ['good_day', '11', 'ivr/ivr-good_afternoon'],
  ['voicemail_enter_pass', '#', `${vm('enter_pass')} ascii/35`],
]

test('German says its phrases with gender and in its own order', () => playPhrases('de', cases))

const texts = parseTexts(readFileSync('sounds/de/de/texts.tsv', 'utf8'))

test('every sound of the German phrases has words', async () => {
  await using s = await startLanguage('de')
  const language = childWith(s.sw.xml.section('languages'), 'language', 'name', 'de')
  const groups = children(child(language, 'phrases'), 'macros')
  const named = new Set(groups.flatMap(soundsBelow))
  for (const word of 'new saved urgent-new urgent-saved deleted emailed marked-urgent'.split(' '))
    named.add(`voicemail/vm-${word}`)
  for (const word of 'day night lunch'.split(' ')) named.add(`ivr/ivr-${word}_mode`)
  const missing = [...named].filter((name) => !texts.has(name))
  assert.deepEqual(missing, [])
  assert.ok(named.size > 100)
})

/** Files that actions name, without `$1`. */
function soundsBelow(node: XmlNode): string[] {
  const data = [...node.attributes.entries()].flatMap(([key, value]) =>
    key === 'data' ? [value] : [],
  )
  const own = data.flatMap((one) => /([a-z]+\/[\w-]+)\.wav$/.exec(one)?.[1] ?? [])
  return [...own, ...node.children.flatMap(soundsBelow)]
}

test('every sound that German says numbers, dates and names with has words', () => {
  const heard = new Set<string>()
  const hear = (type: SayType, method: SayMethod, text: string, gender: SayRequest['gender']) => {
    const sounds = german.say({ type, method, text, gender, now: 0, zone: fixedZone(0) })
    for (const sound of sounds ?? []) heard.add(sound)
  }
  for (const gender of ['N/A', 'MASCULINE', 'FEMININE', 'NEUTER'] as const)
    for (let number = 0; number < 1200; number++)
      for (const method of ['PRONOUNCED', 'COUNTED', 'PRONOUNCED_YEAR'] as const)
        hear('NUMBER', method, String(number * (number > 1000 ? 12_345 : 1)), gender)
  hear('NUMBER', 'PRONOUNCED', '-1000000', 'N/A')
  for (let day = 0; day < 366; day++)
    hear('CURRENT_DATE_TIME', 'PRONOUNCED', String(1_704_067_200 + day * 86_461), 'N/A')
  for (const days of [0, 1]) hear('SHORT_DATE_TIME', 'PRONOUNCED', String(days), 'N/A')
  for (const text of ['1', '3661', '7322']) hear('TIME_MEASUREMENT', 'PRONOUNCED', text, 'N/A')
  for (const text of ['1.01', '-2.50']) hear('CURRENCY', 'PRONOUNCED', text, 'N/A')
  hear('IP_ADDRESS', 'PRONOUNCED', '1.2.3.4', 'N/A')
  const characters = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index))
  for (const type of ['NAME_SPELLED', 'NAME_PHONETIC'] as const)
    hear(type, 'PRONOUNCED', `${characters.join('')}äöüß`, 'N/A')
  assert.deepEqual(
    [...heard].filter((name) => !texts.has(name)),
    [],
  )
})

test('no words stand twice, and none are empty', () => {
  const lines = readFileSync('sounds/de/de/texts.tsv', 'utf8').split('\n')
  const names = lines.flatMap((line) =>
    line === '' || line.startsWith('#') ? [] : [line.split('\t')[0]],
  )
  assert.equal(new Set(names).size, names.length)
  assert.equal(texts.size, names.length)
})
