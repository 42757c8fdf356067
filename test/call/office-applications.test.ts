/** Small applications of office work: what they set, whom they let wait, what telephones are told. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { context } from '../support/dialplan.ts'
import { startSipSwitch } from '../support/sip-switch.ts'
import { startSwitch, type TestSwitch } from '../support/switch.ts'
import { purity } from '../support/tone.ts'
import { until } from '../support/until.ts'

const file = join(tmpdir(), `strowger-system-${process.pid}`)

const dialplan = [
  context('here', {
    capture: 'capture caught|call 123-45|(\\d+)-(\\d+); capture caught|nothing|x(y)z; park',
    mutex: 'answer; mutex door; set has=yes; park',
    released: 'answer; mutex door; mutex door off; set has=yes; park',
    orbit:
      'answer; set mutex_timeout=1; set mutex_orbit_exten=elsewhere; mutex door; set has=yes; park',
    elsewhere: 'set orbited=yes; park',
    hashed: 'limit_hash_execute room one 1 set got=in; set passed=yes; park',
    system: `system echo \${uuid} > ${file}; set done=yes; park`,
    forbidden: `set_global disable_system_app_commands=true; system echo x > ${file}-no; set done=yes; park`,
    parks: 'park_state; set after=yes; park',
    watched: "presence away 'out for lunch' bob@example.test; park",
    heart: 'set heartbeat_fire_on_set=true; enable_heartbeat 60; park',
    later: 'answer; sched_broadcast +0 set::ran=yes; park',
    soon: 'answer; broadcast set::ran=yes aleg; park',
  }),
].join('')

async function call(t: TestSwitch, extension: string) {
  void t.api(`originate {loopback_bowout=false}loopback/${extension}/here &park()`)
  await t.until(() => t.sw.channels.list().some((one) => one.name.endsWith(`${extension}-b`)))
  return t.channel(`${extension}-b`)
}

describe('capture', () => {
  it('appends the match and each group; what does not match adds nothing', async () => {
    await using t = await startSwitch({ dialplan })
    const channel = await call(t, 'capture')
    await t.event('CHANNEL_PARK', (event) => event.get('Channel-Name')?.endsWith('-b') === true)
    assert.deepEqual(channel.variables.value('caught'), ['123-45', '123', '45'])
  })
})

describe('mutex', () => {
  it('lets one call at a time pass; the next one has it at the end of the first', async () => {
    await using t = await startSwitch({ dialplan })
    const first = await call(t, 'mutex')
    await t.until(() => first.variables.get('has') === 'yes')
    const second = await call(t, 'released')
    await t.until(() => second.variables.get('current_application') === 'mutex')
    assert.equal(second.variables.get('has'), undefined)
    first.hangup('NORMAL_CLEARING')
    await t.until(() => second.variables.get('has') === 'yes')
    const third = await call(t, 'orbit')
    await t.until(() => third.variables.get('has') === 'yes')
  })

  it('sends a call that waited too long to mutex_orbit_exten', async () => {
    await using t = await startSwitch({ dialplan })
    const first = await call(t, 'mutex')
    await t.until(() => first.variables.get('has') === 'yes')
    const second = await call(t, 'orbit')
    await t.until(() => second.variables.get('orbited') === 'yes')
    assert.equal(second.variables.get('has'), undefined)
  })
})

describe('programs', () => {
  it('system waits for the end of a shell line', async () => {
    await using t = await startSwitch({ dialplan })
    const channel = await call(t, 'system')
    await t.until(() => channel.variables.get('done') === 'yes')
    assert.equal(readFileSync(file, 'utf8').trim(), channel.uuid)
  })

  it('are not run where disable_system_app_commands forbids them', async () => {
    await using t = await startSwitch({ dialplan })
    const channel = await call(t, 'forbidden')
    await t.until(() => channel.variables.get('done') === 'yes')
    assert.equal(existsSync(`${file}-no`), false)
  })
})

describe('others', () => {
  it('limit_hash_execute runs its application under the limit and gives the place back', async () => {
    await using t = await startSwitch({ dialplan })
    const channel = await call(t, 'hashed')
    await t.until(() => channel.variables.get('passed') === 'yes')
    assert.equal(channel.variables.get('got'), 'in')
    assert.equal(t.sw.limits.usage('room', 'one').count, 0)
  })

  it('park_state leaves what the dialplan still had to do', async () => {
    await using t = await startSwitch({ dialplan })
    const channel = await call(t, 'parks')
    await t.until(() => channel.state === 'park')
    assert.equal(channel.variables.get('after'), undefined)
  })

  it('presence announces how somebody is', async () => {
    await using t = await startSwitch({ dialplan })
    await call(t, 'watched')
    const event = await t.event('PRESENCE_IN')
    assert.equal(event.get('from'), 'bob@example.test')
    assert.equal(event.get('status'), 'out for lunch')
  })

  it('enable_heartbeat beats, sched_broadcast and broadcast run beside the call', async () => {
    await using t = await startSwitch({ dialplan })
    await call(t, 'heart')
    await t.event('SESSION_HEARTBEAT')
    for (const name of ['later', 'soon']) {
      const channel = await call(t, name)
      await t.until(() => channel.variables.get('ran') === 'yes')
    }
  })
})

describe('what a telephone is told', () => {
  it('send_display sends UPDATE with the name, once; send_info sends INFO; uuid_phone_event NOTIFY', async () => {
    await using t = await startSipSwitch({
      extensions: {
        500: [
          'answer:',
          'set:update_ignore_ua=true',
          'send_display:Bob "B" Builder|4711',
          'send_display:Bob "B" Builder|4711',
          'send_info:hello',
          'park:',
        ],
      },
    })
    const phone = await t.phone('1000')
    const call = await phone.call('500', { headers: [['Allow', 'INVITE, ACK, BYE, UPDATE, INFO']] })
    await call.outcome()
    const update = await call.requests.next('UPDATE', (one) => one.method === 'UPDATE')
    assert.match(update.get('P-Asserted-Identity') ?? '', /^"Bob B Builder" <sip:4711@/)
    const info = await call.requests.next('INFO', (one) => one.method === 'INFO')
    assert.equal(info.body, 'hello')
    assert.equal(call.requests.all.filter((one) => one.method === 'UPDATE').length, 1)
    const { uuid } = t.channel('1000@example.test')
    assert.equal(await t.api(`uuid_phone_event ${uuid} hold`), '+OK Success\n')
    const notify = await call.requests.next('NOTIFY', (one) => one.method === 'NOTIFY')
    assert.equal(notify.get('Event'), 'hold')
  })
})

describe('page', () => {
  it('plays a file that is there already to everybody, the command too', async () => {
    await using t = await startSipSwitch({
      extensions: { 600: ['playback:tone_stream://%(3000,0,500)'] },
    })
    const phones = await Promise.all(['1001', '1002'].map((user) => t.phone(user)))
    for (const phone of phones) await phone.register()
    const path = join(tmpdir(), `strowger-page-${process.pid}.ttml`)
    const parties = '<a=b>sofia/internal/1001%example.test:_:sofia/internal/1002%example.test'
    assert.match(await t.api(`page (page_path=${path})${parties}`), /^\+OK/)
    assert.match(await t.api(`page (x=y)${parties}`), /^-ERR page_path/)
    assert.match(await t.api('page x'), /^-USAGE/)
    assert.match(
      await t.api(
        `page (page_path=${process.execPath},page_exten=600,page_dp=XML,page_context=default,page_chunk_size=1)${parties}`,
      ),
      /^\+OK/,
    )
    for (const phone of phones) {
      const call = await phone.incoming()
      call.answer()
      await until(
        () => call.rtp.arrived.length > 20 && purity(500, call.rtp.heard('PCMU')) > 0.5,
        'the announcement',
      )
      await call.bye()
    }
  })
})
