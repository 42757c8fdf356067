/** Tones in early media: a busy tone fails the leg, a ringing tone makes it count. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startSipSwitch } from '../support/sip-switch.ts'
import { join, silence } from '../support/speech.ts'
import { toneFrom } from '../support/tone.ts'

const tone = (ms: number, ...frequencies: number[]) => {
  const parts = frequencies.map((frequency) => toneFrom(0, frequency, 8000, ms * 8))
  return parts[0]!.map((_, i) => parts.reduce((sum, part) => sum + part[i]! / parts.length, 0))
}
const busy = () => tone(250, 480, 620)

const target = 'sofia/internal/1001%example.test'
const fails =
  'monitor_early_media_fail=user_busy:2:480+620!destination_out_of_order:2:1776.7,ignore_early_media=true'

async function early(variables: string) {
  const sw = await startSipSwitch()
  const phone = await sw.phone('1001')
  await phone.register()
  const reply = sw.api(`originate {${variables}}${target} &park()`)
  const call = await phone.incoming()
  call.ring(183, true)
  await sw.event('CHANNEL_PROGRESS_MEDIA')
  return { sw, call, reply }
}

describe('early media that is listened to', () => {
  it('fails as USER_BUSY at the second busy tone, and tells it as a detected tone', async () => {
    const { sw, call, reply } = await early(fails)
    await using _ = sw
    await call.rtp.sound(join([tone(400, 440, 480), silence(400), busy(), silence(600)]))
    assert.equal(
      sw.events.some((event) => event.name === 'DETECTED_TONE'),
      false,
    )
    await call.rtp.sound(join([busy(), silence(200)]))
    assert.equal(await reply, '-ERR USER_BUSY\n')
    const [event] = sw.events.filter((one) => one.name === 'DETECTED_TONE')
    assert.equal(event?.get('Detected-Tone'), 'monitor_early_media_fail_1')
  })

  it('fails as another cause at another tone', async () => {
    const { sw, call, reply } = await early(fails)
    await using _ = sw
    const sit = tone(380, 1776.7)
    await call.rtp.sound(join([sit, silence(500), sit, silence(200)]))
    assert.equal(await reply, '-ERR DESTINATION_OUT_OF_ORDER\n')
  })

  it('counts as reached only when ringing was heard, as often as asked', async () => {
    const { sw, call, reply } = await early(
      'monitor_early_media_ring=1:440+480,monitor_early_media_ring_total=2',
    )
    await using _ = sw
    let isOver = false
    void reply.then(() => {
      isOver = true
    })
    await call.rtp.sound(join([tone(300, 440, 480), silence(700)]))
    assert.equal(isOver, false)
    await call.rtp.sound(join([tone(300, 440, 480), silence(100)]))
    assert.match(await reply, /^\+OK /)
    assert.equal(sw.sw.channels.list()[0]?.isRinging, true)
  })
})
