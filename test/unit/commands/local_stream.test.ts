import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startSwitch } from '../../support/switch.ts'

const configuration = `<configuration name="local_stream.conf">
<directory name="moh" path="/music">
  <param name="rate" value="16000"/><param name="shuffle" value="true"/><param name="chime-list" value="a.wav, b.wav"/>
</directory>
<directory name="odd" path="/odd"><param name="rate" value="11025"/></directory>
<directory path="/nameless"/>
</configuration>`

const modules = ['mod_commands', 'mod_local_stream']

test('show lists streams, or all about one', async () => {
  await using s = await startSwitch({ configuration, modules })
  assert.equal(await s.api('local_stream show'), 'moh,/music\nodd,/odd\n')
  assert.equal(
    await s.api('local_stream show moh'),
    [
      'moh',
      '  location: /music',
      '  channels: 1',
      '  rate:     16000',
      '  interval: 20',
      '  samples:  320',
      '  prebuf:   65536',
      '  timer:    soft',
      '  total:    0',
      '  shuffle:  true',
      '  ready:    true',
      '  stopped:  false',
      '  reloading: false',
      '',
    ].join('\n'),
  )
  assert.match(await s.api('local_stream show moh as xml'), /<local_stream name="moh">\n {2}<loc/)
  assert.equal(await s.api('show_local_stream'), 'moh,/music\nodd,/odd\n')
})

test('a rate that cannot be becomes 8000', async () => {
  await using s = await startSwitch({ configuration, modules })
  assert.equal(s.media.music.rows().find((row) => row.name === 'odd')?.rate, 8000)
  assert.deepEqual(s.media.music.rows()[0]?.chimes, ['a.wav', 'b.wav'])
})

test('streams are stopped, started, reloaded, moved on and made louder by name', async () => {
  await using s = await startSwitch({ configuration, modules })
  assert.equal(await s.api('local_stream stop moh'), '+OK')
  assert.equal(await s.api('local_stream show'), 'odd,/odd\n')
  assert.equal(await s.api('local_stream stop moh'), '-ERR Cannot locate local_stream moh!\n')
  assert.equal(await s.api('local_stream start moh'), '+OK stream: moh')
  assert.equal(await s.api('local_stream reload moh'), '+OK')
  assert.equal(await s.api('local_stream hup moh'), '+OK hup stream: moh')
  assert.equal(await s.api('local_stream vol moh -6'), '+OK vol stream: moh is -6')
  assert.equal(await s.api('local_stream vol moh'), '+OK vol stream: moh is -6')
  assert.equal(await s.api('stop_local_stream moh'), '+OK')
  assert.match(await s.api('local_stream'), /^-USAGE: /)
})

test('unloading the module ends its streams', async () => {
  await using s = await startSwitch({ configuration, modules })
  await s.api('unload mod_local_stream')
  assert.deepEqual(s.media.music.rows(), [])
})
