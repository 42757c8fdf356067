/** playback and uuid_fileman in a whole switch: what is told, what can be done while it plays, what words say. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Module } from '../../src/core/interfaces.ts'
import { play } from '../../src/core/play.ts'
import { openForWriting } from '../../src/formats/index.ts'
import { levelOf, sine } from '../support/levels.ts'
import { phone, settled, startEngine } from '../support/media.ts'
import { temporaryFolder } from '../support/sound.ts'
import { startSwitch } from '../support/switch.ts'
import { cleanest } from '../support/tone.ts'

async function file(path: string, hz: number, seconds: number): Promise<string> {
  const sink = await openForWriting(path, 8000)
  sink.write(sine(hz, 8000, seconds * 8000, 4000))
  await sink.close()
  return path
}

test('a sound that plays is made louder, faster, held and moved', async () => {
  await using folder = await temporaryFolder()
  const path = await file(join(folder.path, 'a.wav'), 400, 20)
  await using engine = await startEngine()
  const a = await phone(engine)
  await using peer = a.peer
  const more = async (count: number) => {
    await peer.drained()
    await peer.until(peer.arrived.length + count)
  }
  const playback = a.leg.play({ paths: [path] })
  await playback.started
  await more(15)
  const plain = levelOf(peer.heard().subarray(-1600))
  playback.adjust({ factor: 2.3 })
  await settled(a.leg)
  await more(15)
  const louder = levelOf(peer.heard().subarray(-1600))
  assert.ok(Math.abs(louder / plain - 2.3) < 0.2, `${louder / plain}`)
  playback.adjust({ factor: 1, speed: 2 })
  await settled(a.leg)
  await more(15)
  assert.ok(cleanest(800, peer.heard().subarray(-1600)) > 0.9)
  playback.adjust({ speed: 0, isHeld: true })
  await settled(a.leg)
  await more(15)
  assert.ok(levelOf(peer.heard().subarray(-1600)) < 20)
  playback.adjust({ isHeld: false })
  playback.seek(19_700, false)
  const { samples, position } = await playback.ended
  assert.equal(position, 20 * 8000)
  assert.ok(samples < 15 * 8000, `${samples} samples played`)
})

test('a sound that is paused waits for another one, and goes on where it was', async () => {
  await using folder = await temporaryFolder()
  const path = await file(join(folder.path, 'a.wav'), 400, 2)
  await using engine = await startEngine()
  const a = await phone(engine)
  await using peer = a.peer
  const more = async (count: number) => {
    await peer.drained()
    await peer.until(peer.arrived.length + count)
  }
  const outer = a.leg.play({ paths: [path] })
  await outer.started
  await more(10)
  outer.pause(true)
  const inner = a.leg.play({ paths: ['tone_stream://%(400,0,900)'] })
  assert.equal((await inner.ended).ended, 'done')
  await peer.drained()
  assert.ok(cleanest(900, peer.heard().subarray(-1600)) > 0.9)
  outer.pause(false)
  await more(15)
  assert.ok(cleanest(400, peer.heard().subarray(-1600)) > 0.9)
  const { ended, samples } = await outer.ended
  assert.deepEqual([ended, samples], ['done', 2 * 8000])
})

const dialplan = `<context name="default"><extension name="all"><condition>
  <action application="answer"/><action application="park"/>
</condition></extension></context>`

test('uuid_fileman turns its words into changes, and says which there are', async () => {
  await using s = await startSwitch({ dialplan })
  await s.api('originate loopback/1/default &endless_playback(/a.wav)')
  const channel = s.channel('1-a')
  await s.event('PLAYBACK_START')
  const fileman = (text: string) => s.api(`uuid_fileman ${channel.uuid} ${text}`)
  const asked = () => s.media.legs.flatMap((leg) => leg.asked).filter((one) => /^adj/.test(one))
  assert.equal(await fileman('volume:+1'), '+OK\n')
  assert.equal(await fileman('volume:+'), '+OK\n')
  assert.equal(await fileman('volume:-9'), '+OK\n')
  assert.equal(await fileman('speed:+1'), '+OK\n')
  assert.equal(await fileman('pause'), '+OK\n')
  assert.equal(await fileman('pause'), '+OK\n')
  assert.deepEqual(asked(), [
    'adjust {"factor":1.3}',
    'adjust {"factor":2.3}',
    'adjust {"factor":0.2}',
    'adjust {"speed":1}',
    'adjust {"isHeld":true}',
    'adjust {"isHeld":false}',
  ])
  assert.equal(await fileman('truncate'), '+OK\n')
  assert.match(await fileman('dance'), /^-ERR volume:, speed:/)
  assert.equal(await fileman('stop'), '+OK\n')
  assert.match(await s.api('uuid_fileman nosuch pause'), /^-ERR No such channel/)
})

test('words are said by the module that brings them, files between them are played', async () => {
  await using s = await startSwitch({ dialplan })
  await s.api('originate loopback/1/default &park')
  const channel = s.channel('1-a')
  const { signal } = new AbortController()
  assert.equal((await play(channel, 'phrase:hello:5', { signal })).ended, 'error')
  const said: string[] = []
  const done = { ended: 'done', digit: undefined, samples: 0, position: 0, rate: 8000 } as const
  const speaker = (name: string) => ({
    name,
    speak: (_channel: unknown, text: string) => {
      said.push(`${name} ${text}`)
      return Promise.resolve(done)
    },
  })
  s.sw.speakers.removeModule('mod_dptools')
  const module: Module = { name: 'mod_test', speakers: [speaker('phrase'), speaker('say')] }
  for (const one of module.speakers ?? []) s.sw.speakers.add(one, module.name)
  channel.variables.set('playback_delimiter', '!')
  channel.variables.set('playback_sleep_val', '0')
  assert.equal((await play(channel, 'phrase:hello:5!/a.wav!say:bye', { signal })).ended, 'done')
  assert.deepEqual(said, ['phrase hello:5', 'say bye'])
  assert.ok(s.media.legs.some((leg) => leg.asked.includes('play /a.wav')))
})

test('a broadcast is heard within a sound, which then goes on', async () => {
  await using s = await startSwitch({ dialplan, media: 'real' })
  const reply = await s.api('originate null/x &playback(tone_stream://%(1500,0,400))')
  await s.event('PLAYBACK_START')
  const uuid = reply.slice('+OK '.length).trim()
  await s.api(`uuid_broadcast ${uuid} tone_stream://%(100,0,900) aleg`)
  const stopped = async (path: string) => {
    const event = await s.event(
      'PLAYBACK_STOP',
      (one) => one.get('Playback-File-Path')?.startsWith(path) === true,
    )
    return event.get('Playback-Status')
  }
  assert.equal(await stopped('tone_stream://%(100'), 'done')
  assert.equal(await stopped('tone_stream://%(1500'), 'done')
})
