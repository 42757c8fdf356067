/** What every language of `say` keeps, whatever its grammar: sounds there are, for every type, and no surprise for any text. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type {
  SayGender,
  SayLanguage,
  SayMethod,
  SayRequest,
  SayType,
} from '../../src/core/interfaces.ts'
import { sayTypes } from '../../src/core/say.ts'
import { fixedZone } from '../../src/core/time/timezone.ts'
import { german } from '../../src/say/de.ts'
import { english } from '../../src/say/en.ts'

const languages: readonly SayLanguage[] = [english, german]
const methods: readonly SayMethod[] = [
  'N/A',
  'PRONOUNCED',
  'ITERATED',
  'COUNTED',
  'PRONOUNCED_YEAR',
]
const genders: readonly SayGender[] = ['N/A', 'MASCULINE', 'FEMININE', 'NEUTER']

/** 2024-02-29 12:30:05 UTC. */
const now = 1_709_209_805_000

const words = 'hundred thousand million millionen dot'
/** Every name that the sets have, below their folder. */
const known = new RegExp(
  [
    '^digits/([0-9]|1[0-9]|[2-9]0)$',
    '^digits/1_[mfn]$',
    '^digits/h-([1-9]|1[0-9]|[2-9]0)(_[mfn])?$',
    `^digits/(${words.replaceAll(' ', '|')})$`,
    '^currency/(and|cents?|dollars?|negative|minus)$',
    '^time/(a-m|p-m|at|oh|oclock|today|yesterday|(hour|minute|second)s?)$',
    '^time/day-[0-6]$',
    '^time/mon-([0-9]|1[01])$',
    '^(phonetic-)?ascii/[0-9]{1,3}$',
    '^silence_stream://[0-9]+$',
  ].join('|'),
)

function ask(language: SayLanguage, request: Partial<SayRequest>): readonly string[] | undefined {
  return language.say({
    type: 'NUMBER',
    method: 'PRONOUNCED',
    gender: 'N/A',
    text: '',
    now,
    zone: fixedZone(0),
    ...request,
  })
}

for (const language of languages) {
  const all = (request: Partial<SayRequest>) => (ask(language, request) ?? []).join(' ')

  test(`${language.name}: every number up to 20,000 and every round one has sounds of its own`, () => {
    const seen = new Map<string, number>()
    const round = [5, 6, 7, 8].flatMap((zeros) =>
      Array.from({ length: 9 }, (_, digit) => (digit + 1) * 10 ** zeros),
    )
    for (const number of [...Array(20_001).keys(), ...round]) {
      const sounds = all({ text: String(number) })
      assert.notEqual(sounds, '', String(number))
      assert.equal(seen.get(sounds), undefined, `${number} is ${seen.get(sounds)}`)
      seen.set(sounds, number)
    }
  })

  test(`${language.name}: every number below zero is that above it with one sound before`, () => {
    for (const number of [1, 21, 100, 5000, 999_999_999]) {
      const [sign, ...rest] = ask(language, { text: `-${number}` }) ?? []
      assert.match(sign ?? '', /^currency\/(negative|minus)$/)
      assert.equal(rest.join(' '), all({ text: String(number) }))
    }
  })

  test(`${language.name}: every day, month, year, hour and minute is told apart`, () => {
    const apart = (type: SayType, count: number, step: number) => {
      const sounds = Array.from({ length: count }, (_, index) =>
        all({ type, text: String(1_704_067_200 + index * step) }),
      )
      assert.equal(new Set(sounds).size, count, type)
    }
    apart('CURRENT_DATE', 366 * 4, 86_400)
    apart('CURRENT_TIME', 24 * 60, 60)
    apart('SHORT_DATE_TIME', 7 * 24, 3600)
    const lengths = Array.from({ length: 7300 }, (_, seconds) =>
      all({ type: 'TIME_MEASUREMENT', text: String(seconds) }),
    )
    assert.equal(new Set(lengths).size, lengths.length)
  })

  test(`${language.name}: every letter, digit and sign of ASCII is spelled by a sound of its own`, () => {
    const characters = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index))
    const lower = new Set(characters.map((character) => character.toLowerCase()))
    for (const type of ['NAME_SPELLED', 'NAME_PHONETIC'] as const)
      assert.equal(new Set([...lower].map((text) => all({ type, text }))).size, lower.size)
  })

  test(`${language.name}: whatever stands there, nothing fails, and every sound is one of the set`, () => {
    const texts = [
      ...[
        '',
        ' ',
        '0',
        '-0',
        '+5',
        '1e9',
        '0x10',
        '007',
        '1,2,3',
        '12.345',
        '.',
        '-',
        '--5',
        '$',
        '1.2.3.4.5',
      ],
      ...[
        '300.1.2.3',
        'a.b.c.d',
        '::',
        '1:2',
        '1:2:3:4',
        '99999999999999999999',
        'NaN',
        'Infinity',
      ],
      ...[
        'ä',
        'É',
        '日本',
        '😀',
        '\u0000',
        '\n',
        'a\u0308',
        '٣',
        '²',
        '½',
        '\ud800',
        '-86400',
        '1e309',
      ],
      ...['2024-02-30 25:61:61', '2024-02-29 12:30:05', 'x'.repeat(2000), '9'.repeat(400)],
    ]
    for (const type of sayTypes)
      for (const method of methods)
        for (const gender of genders)
          for (const text of texts)
            for (const sound of ask(language, { type, method, gender, text }) ?? [])
              assert.match(sound, known, `${type} ${method} ${JSON.stringify(text)}`)
  })

  test(`${language.name}: the types that are said are those that FreeSWITCH says`, () => {
    const unknown = sayTypes.filter((type) => ask(language, { type, text: '1' }) === undefined)
    assert.deepEqual(unknown, [
      'TELEPHONE_EXTENSION',
      'URL',
      'EMAIL_ADDRESS',
      'POSTAL_ADDRESS',
      'ACCOUNT_NUMBER',
    ])
  })
}
