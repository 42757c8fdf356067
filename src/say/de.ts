/**
 * German: numbers, money, times, addresses and names as sounds (mod_say_de). The names are those of FreeSWITCH's German set; where
 * its module puts them in English order, or says nothing (years), they stand as a German would say them.
 */
import type { Module, SayGender, SayLanguage, SayMethod, SayRequest } from '../core/interfaces.ts'
import { timeParts } from './de-time.ts'
import { addressSounds, spelledSounds, telephoneSounds } from './spelled.ts'
import { timeSounds } from './time.ts'

/** More digits than this are not said. */
const mostDigits = 9

/** One, before what it counts: ein Anruf, eine Nachricht, ein Jahr. Alone it is eins. */
const one: Readonly<Record<SayGender, string>> = {
  'N/A': 'digits/1',
  MASCULINE: 'digits/1_m',
  FEMININE: 'digits/1_f',
  NEUTER: 'digits/1_n',
}

/** Ordinals end by their gender: erster, erstes; those without an ending of their own are feminine, erste. */
const ending: Readonly<Record<SayGender, string>> = {
  'N/A': '',
  MASCULINE: '_m',
  FEMININE: '',
  NEUTER: '_n',
}

/** The sounds of a number as it is written; none when it is no number or too long. Commas in it mean nothing. */
function numberSounds(
  written: string,
  method: SayMethod,
  gender: SayGender = 'N/A',
): readonly string[] {
  const text = written.replaceAll(',', '')
  if (/^-\d+$/.test(text)) {
    const rest = numberSounds(text.slice(1), method, gender)
    return rest.length > 0 ? ['currency/minus', ...rest] : []
  }
  if (!/^\d*$/.test(text)) return []
  if (method === 'ITERATED') return [...text].map((digit) => `digits/${digit}`)
  if (text.length > mostDigits) return []
  const value = Number(text)
  if (value === 0) return ['digits/0']
  switch (method) {
    case 'PRONOUNCED_YEAR':
      return yearSounds(value)
    case 'PRONOUNCED':
    case 'COUNTED':
      return wholeSounds(value, method, gender)
    default:
      return []
  }
}

function wholeSounds(
  value: number,
  method: 'PRONOUNCED' | 'COUNTED',
  gender: SayGender,
): readonly string[] {
  const millions = Math.trunc(value / 1_000_000)
  const thousands = Math.trunc(value / 1000) % 1000
  const rest = value % 1000
  const sounds: string[] = []
  // A million is a feminine noun, a thousand none: eine Million, eintausend.
  if (millions > 0)
    sounds.push(
      ...groupSounds(millions, one.FEMININE),
      millions === 1 ? 'digits/million' : 'digits/millionen',
    )
  if (thousands > 0) sounds.push(...groupSounds(thousands, one.NEUTER), 'digits/thousand')
  if (rest > 0)
    sounds.push(
      ...groupSounds(rest, one[gender], method === 'COUNTED' ? ending[gender] : undefined),
    )
  return sounds
}

/** Up to 999: hundreds, then ones before tens. With an ending its end is an ordinal, as long as there is a sound for it. */
function groupSounds(value: number, lastOne: string, ordinal?: string): string[] {
  const [hundreds, rest] = [Math.trunc(value / 100), value % 100]
  const sounds: string[] = []
  if (hundreds > 0)
    sounds.push(hundreds === 1 ? one.NEUTER : `digits/${hundreds}`, 'digits/hundred')
  if (rest === 0) return sounds
  const [tens, ones] = [Math.trunc(rest / 10), rest % 10]
  const end = (name: number) =>
    ordinal === undefined ? `digits/${name}` : `digits/h-${name}${ordinal}`
  if (rest < 20) sounds.push(rest === 1 && ordinal === undefined ? lastOne : end(rest))
  else {
    if (ones > 0) sounds.push(ones === 1 ? one.NEUTER : `digits/${ones}`, 'currency/and')
    sounds.push(end(tens * 10))
  }
  return sounds
}

/** 1999 is neunzehnhundertneunundneunzig, 1066 and 2024 are numbers like others. */
function yearSounds(value: number): readonly string[] {
  const century = Math.trunc(value / 100)
  if (century < 11 || century > 19) return wholeSounds(value, 'PRONOUNCED', 'N/A')
  return [`digits/${century}`, 'digits/hundred', ...groupSounds(value % 100, one['N/A'])]
}

/** `12.34`, `$5.00`, `-3.2`: what stands before the point in the sounds that the set has for dollars, and behind it cents. */
function moneySounds(written: string, method: SayMethod): readonly string[] {
  // Nothing that is longer is an amount.
  if (written.length > 15) return []
  const [whole = '', ...fraction] = written.replace(/[^\d.+-]/g, '').split('.')
  const cents = fraction.length > 0 ? fraction.join('.').slice(0, 2) : undefined
  const sounds: string[] = []
  if (whole.startsWith('-')) sounds.push('currency/negative')
  const amount = whole.replace(/^[+-]/, '')
  sounds.push(...numberSounds(amount, method, 'MASCULINE'))
  sounds.push(Number.parseInt(amount, 10) === 1 ? 'currency/dollar' : 'currency/dollars')
  if (cents === undefined) return sounds
  sounds.push('currency/and', ...numberSounds(cents, method, 'MASCULINE'))
  sounds.push(Number.parseInt(cents, 10) === 1 ? 'currency/cent' : 'currency/cents')
  return sounds
}

/** The words of the spelling alphabet for ä ö ü ß. */
const umlautWords: ReadonlyMap<string, string> = new Map([
  ['ä', 'phonetic-ascii/200'],
  ['ö', 'phonetic-ascii/201'],
  ['ü', 'phonetic-ascii/202'],
  ['ß', 'phonetic-ascii/203'],
])

/** Spelled, they are the two letters that stand for them where a keyboard lacks them. */
const umlautLetters: ReadonlyMap<string, string> = new Map([
  ['ä', 'ae'],
  ['ö', 'oe'],
  ['ü', 'ue'],
  ['ß', 'ss'],
])

function umlautSpelled(character: string): readonly string[] | undefined {
  const letters = umlautLetters.get(character)
  if (letters === undefined) return undefined
  return [...letters].map((letter) => `ascii/${letter.charCodeAt(0)}`)
}

function umlautPhonetic(character: string): readonly string[] | undefined {
  const word = umlautWords.get(character)
  return word === undefined ? undefined : [word]
}

export const german: SayLanguage = {
  name: 'de',
  say(request: SayRequest): readonly string[] | undefined {
    const { type, method, gender, text } = request
    switch (type) {
      case 'NUMBER':
      case 'ITEMS':
      case 'PERSONS':
        return numberSounds(text, method, gender)
      case 'MESSAGES':
        // Nachricht is feminine, whatever the caller says.
        return numberSounds(text, method, 'FEMININE')
      case 'CURRENCY':
        return moneySounds(text, method)
      case 'TIME_MEASUREMENT':
      case 'CURRENT_DATE':
      case 'CURRENT_TIME':
      case 'CURRENT_DATE_TIME':
      case 'SHORT_DATE_TIME':
        return timeSounds(request, timeParts(numberSounds))
      case 'IP_ADDRESS':
        return addressSounds(text, (number) => numberSounds(number, method))
      case 'TELEPHONE_NUMBER':
        return telephoneSounds(text)
      case 'NAME_SPELLED':
        return spelledSounds(text, 'ascii', umlautSpelled)
      case 'NAME_PHONETIC':
        return spelledSounds(text, 'phonetic-ascii', umlautPhonetic)
      default:
        return undefined
    }
  },
}

export const module: Module = { name: 'mod_say_de', languages: [german] }
