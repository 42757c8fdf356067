/** iLBC against what the reference coder of RFC 3951 makes of the same sound. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ilbc } from '../../../src/codecs/ilbc.ts'
import { voice } from './stimulus.ts'

/** `voice` as packets of the reference coder (base64), and every 40th sample of what it decodes these to. */
// biome-ignore format: tables keep their columns
const references = [
  {
    mode: 20,
    octets: 38,
    packets: [
      'e8xbufQ9hFhMf4jEVpg/z8w/zw0LxDs/D87IgjdR44+fjkFruv4zzfuh/j8pCggPUhqKlvMs/3P/P/M+3aP8Iy8iYOOo65AO',
      'D0dAQDD9+Zn6PQdwLioI0kaOuH/R+/MG8xP/bwjym8YzyZ7IDQ4PDo5CMP35nfI/Ce9K1lKymsbvAf5EymMYg1i2UaNcI2ht',
      'uEaMDhyeIhAw/fW18j3lVUErCEhHGgdYjMif/LMg/2/Of8Zf/PRKSFTFCg+SaDD99aXxF+0rzEJSGpj19ySyIA4OnveNp/gj',
      'aBThWkRLgUU9QShKMP33vfI9ShqRH6Ikkc7PV/wzLfjgeDqz588s+DHl0ssXRUZ3WkAw/fW19D9j3pKYxKYmkUJX7BYs52g+',
      'C9szg+eDKE2zx0yPQ8eU7DD99bIYPWI/sJSkprFth+pS/XC7Pc5izjbCILzXry9NGg9ISHSyMP3/ohg/TEH+EpSUpmXZV4lU',
      '/Qbs5zmLOM5ywtdwKsgODw0NQPIw/f+uFkdqMMeYrqalAYIm8O4JK/06YgIygieNgA/KJ5DHjkiA7jD9/7YSR1pWoI6hNajG',
      'yCPJgif/Fr93vODIIj8XhkgKFkeSBZLA',
    ],
    heard: [
      80, -294, -617, -614, -4412, -338, -1380, -2045, -1665, -502, -1225, 97, 836, 505, -550,
      5053, 1135, -118, 292, 12091, 690, -917, -1963, -7849, -703, -1200, -3284, -2348, -480, -947,
      2590, 1377, 62, 47, 9351, -314, -1269, -2378, -2849, -1023, -1199, 1846, 1518, -340, -297,
      -2698, -734, -1591,
    ],
  },
  {
    mode: 30,
    octets: 50,
    packets: [
      'e/CjD99dU49KSUI/yFJWT4g+IX7LI988j/F7xAs/2PLIg8BMYHJVD5EmiRReTjxWDE4w/fMP340Sj0e1lQklKikOiDxxq4x+',
      'dMwszf848tj1M+Y9tWLp8bMB4aPXKhl3PC1RnjD98w/fTVOPKe9lqylZTUMcOHCv4xH7EMKYNiDjLYg4ywjGK5zxv+GgBgDC',
      'MOdM8lSOMP3zD99tMkfspWUxKYlMRIo8eO/3KibZw4xwveNcLnjaBTizsXLgYae0kxhsh6ACYgIw/fMP362TjiP9Sc1CUxGL',
      'HRIjqrJT0E2LPAsIj/bM4Pn8Pgts8YUoPdQzCtIO4nGFWDD98w/fXdMPzIKH0JykpAocOjiaCxp+4mmfDfs4DmLOM5/+DEAz',
      'f2kpMRSQqk5ftapuMP3zD9+Nsg8j20lISlITVhw4dOqyW6xwiz3LPs4zmaf5sMJMNrIFKRnRoay8uKQRzPQw/fMP3z1yR8Sg',
      'R5iupqUXjRo4rgveM6/JK/06YgIygieNtkISEeUpF7aP6S0I9BRTzA==',
    ],
    heard: [
      0, 0, -237, -1076, -1323, -4257, -662, -1017, -2029, -2024, -1132, -1203, 775, 538, 26, -857,
      5016, 904, -180, 116, 11823, 913, -844, -1714, -7788, -928, -1176, -2972, -2270, -836, -594,
      2187, 1952, -355, 315, 10225, -134, -1342, -2512, -2883, -1104, -1239, 2087, 1423, -307,
      -435, -3141, -757,
    ],
  },
]

for (const { mode, octets, packets, heard } of references) {
  const samples = mode * 8
  const expected = Buffer.from(packets.join(''), 'base64')
  const frames = expected.length / octets

  test(`mode ${mode}: sound becomes the same packets as with the reference coder, but for ties in floating point`, () => {
    const coder = ilbc.open(`mode=${mode}`)
    const said = voice(frames * samples)
    const made = Buffer.alloc(expected.length)
    let alike = 0
    for (let i = 0; i < frames; i++) {
      const packet = made.subarray(i * octets, (i + 1) * octets)
      assert.equal(coder.encode(said.subarray(i * samples, (i + 1) * samples), packet), octets)
      if (packet.equals(expected.subarray(i * octets, (i + 1) * octets))) alike++
    }
    assert.ok(alike >= frames - 1, `${alike} of ${frames}`)
  })

  test(`mode ${mode}: packets sound as from the reference decoder`, () => {
    const coder = ilbc.open(`mode=${mode}`)
    const pcm = new Int16Array(frames * samples)
    assert.equal(coder.decode(expected, pcm), pcm.length)
    for (const [i, sample] of heard.entries())
      assert.ok(Math.abs(pcm[i * 40 + 39]! - sample) <= 2, `sample ${i * 40 + 39}`)
  })
}

test('what comes tells its mode by its length, whatever was agreed', () => {
  const coder = ilbc.open('mode=30')
  const packet = new Uint8Array(76)
  assert.equal(ilbc.open('mode=20').encode(voice(320), packet), 76)
  assert.equal(coder.decode(packet, new Int16Array(960)), 320)
  assert.equal(coder.encode(voice(240), packet), 50)
})

test('a packet that says that it is empty is concealed', () => {
  const coder = ilbc.open('mode=20')
  const packet = new Uint8Array(38)
  const said = voice(1600)
  const room = new Int16Array(160)
  const sender = ilbc.open('mode=20')
  for (let at = 0; at < 1600; at += 160) {
    sender.encode(said.subarray(at, at + 160), packet)
    coder.decode(packet, room)
  }
  packet[37] = packet[37]! | 1
  assert.equal(coder.decode(packet, room), 160)
  assert.ok(room.some((sample) => Math.abs(sample) > 1000))
})

test('one lost packet of ten costs no more than the packet and a little after it', () => {
  for (const mode of [20, 30]) {
    const samples = mode * 8
    const said = voice(samples * 60)
    const sender = ilbc.open(`mode=${mode}`)
    const [whole, lossy] = [ilbc.open(`mode=${mode}`), ilbc.open(`mode=${mode}`)]
    const packet = new Uint8Array(50)
    let [signal, made, after] = [0, 0, 0]
    for (let i = 0; i < 60; i++) {
      const octets = sender.encode(said.subarray(i * samples, (i + 1) * samples), packet)
      const [a, b] = [new Int16Array(samples), new Int16Array(samples)]
      whole.decode(packet.subarray(0, octets), a)
      if (i % 10 === 5) lossy.conceal!(b)
      else lossy.decode(packet.subarray(0, octets), b)
      const error = a.reduce((sum, sample, at) => sum + (sample - b[at]!) ** 2, 0)
      if (i % 10 === 5) made += error
      if (i % 10 === 9) after += error
      if (i % 10 === 5) signal += a.reduce((sum, sample) => sum + sample ** 2, 0)
    }
    assert.ok(made < signal, `${made / signal}`)
    assert.ok(after < signal / 1000, `${after / signal}`)
  }
})

test('the packet time follows the mode', () => {
  const of = (ptime: number, theirs: string, ours = '') => ilbc.fit?.(ptime, theirs, ours)
  assert.deepEqual([of(20, 'mode=20'), of(30, 'mode=20'), of(60, 'mode=20')], [20, 20, 60])
  assert.deepEqual([of(20, ''), of(60, ''), of(20, 'mode=20', 'mode=30')], [30, 60, 30])
})
