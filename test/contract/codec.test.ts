/** What every codec has to keep, whichever it is. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { codecs } from '../../src/codecs/index.ts'

for (const codec of codecs) {
  const title = `${codec.name}/${codec.clockRate}/${codec.channels}`
  const samples = ((codec.sampleRate * codec.ptime) / 1000) * codec.channels
  const octets = (codec.bitRate * codec.ptime) / 8000

  describe(`codec ${title}`, () => {
    test('a packet of its packet time has the size that its bit rate says', () => {
      const coder = codec.open('')
      const packet = new Uint8Array(octets + 100)
      assert.equal(coder.encode(new Int16Array(samples), packet), octets)
      assert.equal(coder.decode(packet.subarray(0, octets), new Int16Array(samples + 100)), samples)
    })

    test('it writes no more than there is room for', () => {
      const coder = codec.open('')
      assert.ok(coder.encode(new Int16Array(samples), new Uint8Array(10)) <= 10)
      assert.ok(coder.decode(new Uint8Array(octets), new Int16Array(6)) <= 6)
    })

    test('an empty packet gives nothing', () => {
      assert.equal(codec.open('').decode(new Uint8Array(0), new Int16Array(samples)), 0)
    })

    test('silence stays silence', () => {
      const coder = codec.open('')
      const packet = new Uint8Array(octets)
      const heard = new Int16Array(samples)
      for (let i = 0; i < 5; i++) {
        coder.encode(new Int16Array(samples), packet)
        coder.decode(packet, heard)
      }
      assert.ok(heard.every((sample) => Math.abs(sample) <= 16))
    })

    test('a tone of 440 Hz comes back as loud as it went in', () => {
      const coder = codec.open('')
      const packet = new Uint8Array(octets)
      const said = new Int16Array(samples)
      const heard = new Int16Array(samples)
      let power = 0
      for (let frame = 0; frame < 25; frame++) {
        for (let i = 0; i < samples; i++) {
          const at = frame * samples + i
          const turn = (2 * Math.PI * 440 * Math.floor(at / codec.channels)) / codec.sampleRate
          said[i] = Math.round(8000 * Math.sin(turn))
        }
        coder.encode(said, packet)
        coder.decode(packet, heard)
        if (frame >= 5) for (const sample of heard) power += sample ** 2
      }
      const level = Math.sqrt((power * 2) / (samples * 20))
      assert.ok(Math.abs(20 * Math.log10(level / 8000)) < 0.2, `${level}`)
    })

    test('two calls do not share what they remember', () => {
      const alone = new Uint8Array(octets)
      const noise = Int16Array.from({ length: samples }, (_, i) => ((i * 7919) % 20000) - 10000)
      codec.open('').encode(noise, alone)
      const [one, other] = [codec.open(''), codec.open('')]
      one.encode(noise, new Uint8Array(octets))
      const beside = new Uint8Array(octets)
      other.encode(noise, beside)
      assert.deepEqual(beside, alone)
    })
  })
}
