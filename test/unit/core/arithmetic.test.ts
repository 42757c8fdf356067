/** The `expr` command. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arithmetic } from '../../../src/core/expand/arithmetic.ts'

function cases(list: Record<string, string>): void {
  for (const [text, expected] of Object.entries(list))
    assert.equal(arithmetic(text), expected, text)
}
const bad = (...texts: string[]) => cases(Object.fromEntries(texts.map((text) => [text, '!err!'])))

test('operators bind as in school, and a sign binds stronger than a power', () => {
  cases({
    '2+3*4': '14',
    '(2+3)*4': '20',
    '2^3^2': '64',
    '-2^2': '4',
    '10-4-3': '3',
    '8/4/2': '1',
    '2*-3': '-6',
    '2--3': '5',
    '+5': '5',
  })
})

test('the result has up to ten decimals without idle zeros', () => {
  cases({
    '2/3': '0.6666666667',
    '1.50*2': '3',
    '10*10': '100',
    '.5+.25': '0.75',
    '100000*100000': '10000000000',
    '5-5': '0',
  })
})

test('variables start as 0, and the last expression counts', () => {
  cases({
    'a=4|b=a*2|b+1': '9',
    'a=b=3;a+b': '6',
    nothing: '0',
    'M_PI*0+2;': '2',
    '1 # a note\n+1': '2',
  })
})

test('functions check how many arguments they get', () => {
  cases({
    'min(3,1,2)': '1',
    'max(3,1,2)': '3',
    'mod(7,4)': '3',
    'avg(1,2,6)': '3',
    'poly(3,1,0,1)': '10',
  })
  cases({
    'if(0,1,2)': '2',
    'select(0-1,1,2,3)': '1',
    'select(5,1,2)': '2',
    'and(1,0)': '0',
    'not(0)': '1',
  })
  cases({
    'ceil(1.2)+floor(1.8)': '3',
    'clip(15,1,10)': '10',
    'land(12,10)': '8',
    'lor(12,10)': '14',
    'ipart(2.7)': '2',
  })
  cases({ 'n=1;for(i=0,below(i,5),i=i+1,n=n*2);n': '32', 'abs(sqrt(16)-5)': '1' })
  bad('min()', 'mod(1)', 'abs(1,2)', 'nosuch(1)', 'abs(&x)', 'if(1,2)')
})

test('a seed moves on', () => {
  cases({ 's=1;rand(&s);s': '2745024' })
  assert.match(arithmetic('randomize(&s);random(5,6,&s)'), /^(5|6|5\.\d+)$/)
})

test('what is no expression is an error', () => {
  bad(
    '',
    '1+',
    '(1',
    '1)',
    '()',
    '2 3',
    '2(3)',
    '1;;2',
    ';',
    '7%3',
    '1=1',
    '1e3',
    '0x10',
    '1.2.3',
    '2,3',
    'M_PI=3',
    '#x',
    '$',
  )
})

test('what cannot be computed is an error', () => {
  bad('1/0', 'sqrt(0-1)', 'ln(0)', '10^400', '0^(0-1)', 'mod(1,0)', 'asin(2)', 'exp(1000)')
})

test('a loop without end is stopped, and so are parentheses without number', () => {
  bad('for(0,1,0,0)', `${'('.repeat(5000)}1${')'.repeat(5000)}`)
})
