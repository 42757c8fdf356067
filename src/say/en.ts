/** English: numbers, money, times, addresses and names as sounds (mod_say_en). The names are those of FreeSWITCH's English set. */
import type { Module, SayLanguage, SayMethod, SayRequest } from '../core/interfaces.ts'
import { timeParts } from './en-time.ts'
import { addressSounds, spelledSounds, telephoneSounds } from './spelled.ts'
import { timeSounds } from './time.ts'

/** More digits than this are not said. */
const mostDigits = 9

/** The sounds of a number as it is written; none when it is no number or too long. Commas in it mean nothing. */
function numberSounds(written: string, method: SayMethod): readonly string[] {
  const text = written.replaceAll(',', '')
  // The sign is said by the word that money has: there is no other.
  if (/^-\d+$/.test(text)) {
    const rest = numberSounds(text.slice(1), method)
    return rest.length > 0 ? ['currency/negative', ...rest] : []
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
      return [
        ...groupSounds(Math.trunc(value / 1_000_000), 'PRONOUNCED', 'digits/million'),
        ...groupSounds(Math.trunc(value / 1000) % 1000, 'PRONOUNCED', 'digits/thousand'),
        ...groupSounds(value % 1000, method),
      ]
    default:
      return []
  }
}

/** 1999 is nineteen ninety-nine, 2024 two thousand twenty-four, 1900 one thousand nine hundred. */
function yearSounds(value: number): readonly string[] {
  const century = Math.trunc(value / 100)
  const rest = value % 100
  if (rest === 0 || century % 10 === 0) return numberSounds(String(value), 'PRONOUNCED')
  return [
    ...numberSounds(String(century), 'PRONOUNCED'),
    ...numberSounds(String(rest), 'PRONOUNCED'),
  ]
}

/** Up to 999. Counted, only 1 to 9 and the tens have sounds of their own: fourteenth is said as fourteen. */
function groupSounds(value: number, method: 'PRONOUNCED' | 'COUNTED', unit?: string): string[] {
  const [hundreds, tens, ones] = [Math.trunc(value / 100), Math.trunc(value / 10) % 10, value % 10]
  const sounds: string[] = []
  if (hundreds > 0) sounds.push(`digits/${hundreds}`, 'digits/hundred')
  const ordinal = method === 'COUNTED' ? 'digits/h-' : 'digits/'
  if (tens === 1) {
    sounds.push(`digits/1${ones}`)
  } else {
    if (tens > 0) sounds.push(`${ones === 0 ? ordinal : 'digits/'}${tens}0`)
    if (ones > 0) sounds.push(ordinal + ones)
  }
  if (unit !== undefined && sounds.length > 0) sounds.push(unit)
  return sounds
}

/** `12.34`, `$5.00`, `-3.2`: dollars and what stands behind the point as cents. */
function moneySounds(written: string, method: SayMethod): readonly string[] {
  // Nothing that is longer is an amount.
  if (written.length > 15) return []
  const [whole = '', ...fraction] = written.replace(/[^\d.+-]/g, '').split('.')
  const cents = fraction.length > 0 ? fraction.join('.').slice(0, 2) : undefined
  const sounds: string[] = []
  if (whole.startsWith('-')) sounds.push('currency/negative')
  const dollars = whole.replace(/^[+-]/, '')
  sounds.push(...numberSounds(dollars, method))
  sounds.push(Number.parseInt(dollars, 10) === 1 ? 'currency/dollar' : 'currency/dollars')
  if (cents === undefined) return sounds
  sounds.push('currency/and', ...numberSounds(cents, method))
  sounds.push(Number.parseInt(cents, 10) === 1 ? 'currency/cent' : 'currency/cents')
  return sounds
}

export const english: SayLanguage = {
  name: 'en',
  say(request: SayRequest): readonly string[] | undefined {
    const { type, method, text } = request
    switch (type) {
      case 'NUMBER':
      case 'ITEMS':
      case 'PERSONS':
      case 'MESSAGES':
        return numberSounds(text, method)
      case 'CURRENCY':
        return moneySounds(text, method)
      case 'TIME_MEASUREMENT':
      case 'CURRENT_DATE':
      case 'CURRENT_TIME':
      case 'CURRENT_DATE_TIME':
      case 'SHORT_DATE_TIME':
        return timeSounds(request, timeParts(method, numberSounds))
      case 'IP_ADDRESS':
        return addressSounds(text, (number) => numberSounds(number, method))
      case 'TELEPHONE_NUMBER':
        return telephoneSounds(text)
      case 'NAME_SPELLED':
        return spelledSounds(text, 'ascii')
      case 'NAME_PHONETIC':
        return spelledSounds(text, 'phonetic-ascii')
      default:
        return undefined
    }
  },
}

export const module: Module = { name: 'mod_say_en', languages: [english] }
