/** The text and time commands, `regex` and `replace`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as text from '../../../src/core/command-text.ts'
import { regexReply, replaceReply } from '../../../src/core/regex/regex-reply.ts'
import { fixedZone, parsePosixZone, type TimeZones } from '../../../src/core/time/timezone.ts'

test('url_encode writes unsafe and non-ASCII bytes in capitals and leaves what is encoded', () => {
  assert.equal(text.urlEncode('x y/z?a=b&c'), 'x%20y/z%3Fa%3Db%26c')
  assert.equal(text.urlEncode('100%'), '100%25')
  assert.equal(text.urlEncode('%2F %2f'), '%2F%20%252f')
  assert.equal(text.urlEncode('ñ\n'), '%C3%B1%0A')
})

test('url_decode leaves plus signs and lone percent signs', () => {
  assert.equal(text.urlDecode('a%20b+c'), 'a b+c')
  assert.equal(text.urlDecode('%C3%B1 50% %qq'), 'ñ 50% %qq')
  assert.equal(text.urlDecode('end%00gone'), 'end')
})

test('toupper and tolower know ASCII only', () => {
  assert.equal(text.toUpper('aé1'), 'Aé1')
  assert.equal(text.toLower('AÉ1'), 'aÉ1')
})

test('escape, quote_shell_arg and sql_escape', () => {
  assert.equal(text.escapeText('a b\n$c"\t'), String.raw`a\sb\n\$c"\t`)
  assert.equal(text.quoteShellArgument("don't $(x)"), String.raw`'don'\''t $(x)'`)
  assert.equal(text.sqlEscape("o'neill"), "o''neill")
})

test('md5 is of the bytes, and of nothing an error', () => {
  assert.equal(text.md5Reply('a'), '0cc175b9c0f1b6a831c399e269772661')
  assert.equal(text.md5Reply(''), '!err!')
})

const zones: TimeZones = {
  server: parsePosixZone('EST5EDT,M3.2.0,M11.1.0'),
  find: (name) => (name === 'Asia/Tokyo' ? fixedZone(32_400, 'JST') : undefined),
}
const now = Date.parse('2024-05-15T14:20:30.250Z')

test('strftime writes the server’s time, now or at an epoch', () => {
  assert.equal(text.strftimeReply('', now, zones), '2024-05-15 10:20:30')
  assert.equal(text.strftimeReply('%H:%M %Z', now, zones), '10:20 EDT')
  assert.equal(text.strftimeReply('0| %Y', now, zones), '1969')
  assert.equal(text.strftimeReply('%F', now, zones), '')
})

test('strftime_tz needs a known zone; an epoch of 0 is now', () => {
  assert.equal(text.strftimeZoneReply('Asia/Tokyo %F %R %z', now, zones), '2024-05-15 23:20 +0900')
  assert.equal(text.strftimeZoneReply('Asia/Tokyo 86400|%F', now, zones), '1970-01-02')
  assert.equal(text.strftimeZoneReply('Asia/Tokyo 0|%F', now, zones), '2024-05-15')
  assert.equal(text.strftimeZoneReply('Asia/Tokyo', now, zones), '2024-05-15 23:20:30')
  assert.equal(text.strftimeZoneReply('', now, zones), '2024-05-15 14:20:30')
  assert.equal(
    text.strftimeZoneReply('Asia/Nowhere %F', now, zones),
    '-ERR Invalid timezone/format\n',
  )
})

test('strepoch and strmicroepoch read dates in the server’s zone', () => {
  assert.equal(text.epochReply('', now, zones), '1715782830')
  assert.equal(text.epochReply('2024-01-01 00:00:00', now, zones), '1704085200')
  assert.equal(text.microEpochReply('2024-01-01', now, zones), '1704085200000000')
  assert.equal(text.epochReply('never', now, zones), '0')
  assert.equal(text.epochReply('2040-01-01 12:00', now, zones), '2209050000')
})

test('regex replies true or false, or the replacement with its groups', () => {
  assert.equal(regexReply('12345|^12'), 'true')
  assert.equal(regexReply('12345|^2'), 'false')
  assert.equal(regexReply('12345|^(..)(.*)$|%2-$1'), '345-12')
  assert.equal(regexReply('m:~a|b~(\\|)~<%1>'), '<|>')
})

test('regex that does not match replies the data, or what the flag says', () => {
  assert.equal(regexReply('abc|z|%0'), 'abc')
  assert.equal(regexReply('abc|z|%0|n'), '')
  assert.equal(regexReply('abc|z|%0|b'), 'false')
  assert.equal(regexReply('abc|('), 'false')
  assert.equal(regexReply('abc'), '-ERR')
})

test('replace puts one text for another everywhere', () => {
  assert.equal(replaceReply('a-b-c|-|$&'), 'a$&b$&c')
  assert.equal(replaceReply('m:/a|b/|/+'), 'a+b')
  assert.equal(replaceReply('a|b'), '-ERR')
})
