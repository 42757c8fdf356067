/** Configuration edited while calls are up: reloadxml, a broken file, new users. */
import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Phone, skipWithoutModules } from '../support/baresip.ts'
import { skipWithout } from '../support/programs.ts'
import { copyOfConf, folderForTest, launch, Server } from '../support/server.ts'

const skip = skipWithout('baresip') || skipWithoutModules()

const numberThatPlays = (number: string, frequency: number) => `<include>
  <extension name="new">
    <condition field="destination_number" expression="^${number}$">
      <action application="answer"/>
      <action application="playback" data="{loops=-1}tone_stream://%(1000,0,${frequency})"/>
    </condition>
  </extension>
</include>
`

test('reloadxml while a call is up', { skip }, async (t) => {
  using folder = folderForTest()
  const conf = copyOfConf(join(folder.path, 'conf'))
  await using server = await Server.start({ conf })
  const port = server.ports.internal
  await using talking = await Phone.start({ server: port, user: '1000' })
  await using other = await Phone.start({ server: port, user: '1001' })
  await Promise.all([talking.registered(), other.registered()])
  await talking.dial('9197')
  await talking.hears(1004)
  const added = join(conf, 'dialplan', 'default', '50_added.xml')

  await t.test('a number that is not there yet gets 404', async () => {
    await other.dial('7777')
    assert.match((await other.event('CALL_CLOSED')).param, /^404/)
  })

  await t.test('after reloadxml it works, and the call that was up stays', async () => {
    writeFileSync(added, numberThatPlays('7777', 600))
    assert.match(await server.api('reloadxml'), /^\+OK/)
    await other.dial('7777')
    await other.hears(600)
    await talking.hears(1004, true)
    await other.hangUp()
    await other.event('CALL_CLOSED')
  })

  await t.test(
    'a broken file is refused with file, line and column; the old numbers go on',
    async () => {
      const broken = join(conf, 'dialplan', 'default', '60_broken.xml')
      writeFileSync(broken, '<include>\n  <extension name="a">\n  </extention>\n</include>\n')
      const reply = await server.api('reloadxml')
      assert.match(reply, /60_broken\.xml:3:\d+/)
      rmSync(added)
      await other.dial('7777')
      await other.hears(600)
      await talking.hears(1004, true)
      await other.hangUp()
      await other.event('CALL_CLOSED')
      rmSync(broken)
      assert.match(await server.api('reloadxml'), /^\+OK/)
      await other.dial('7777')
      assert.match((await other.event('CALL_CLOSED')).param, /^404/)
    },
  )

  await t.test('users that add_user wrote can register', async () => {
    await using adding = launch('add_user', ['--users=3000-3010', `--confpath=${conf}`])
    assert.equal(await adding.ends(60_000), 0, adding.text)
    assert.match(await server.api('reloadxml'), /^\+OK/)
    await using phone = await Phone.start({ server: port, user: '3005' })
    await phone.registered()
    assert.match(
      await server.api('sofia_contact 3005'),
      /^sofia\/internal\/sip:3005[^@]*@127\.0\.0\.1/,
    )
    await talking.hears(1004, true)
  })

  await talking.hangUp()
  await server.isIdle()
})
