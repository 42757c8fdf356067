import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { onLog } from '../../src/base/log.ts'
import { receiveDigit } from '../../src/core/receive-digit.ts'
import { context } from '../support/dialplan.ts'
import { startSwitch, type TestSwitch } from '../support/switch.ts'

const dialplan = context('there', {
  answers: 'answer; park',
  rings: 'ring_ready; park',
  early: 'pre_answer; park',
  busy: 'hangup USER_BUSY',
  rejects: 'hangup CALL_REJECTED',
  silent: 'park',
  picks: 'pickup desk; park',
})

const directory = `<domain name="example.test">
<params><param name="dial-string" value="loopback/\${dialed_user}/there"/></params>
<groups><group name="sales"><users>
<user id="answers"><variables><variable name="department" value="sales"/></variables></user>
<user id="busy"/>
</users></group></groups>
<users>
<user id="rejects"/>
<user id="loops"><params><param name="dial-string" value="user/loops@example.test"/></params></user>
<user id="dialvar"><params><param name="dial-var-colour" value="red"/><param name="dial-string" value="loopback/answers/there"/></params></user>
</users></domain>
<domain name="bare.test"><users><user id="nothing"/></users></domain>`

const start = () => startSwitch({ dialplan, directory })

/** What the A-side of the first loopback call became. */
async function causes(t: TestSwitch): Promise<Record<string, string>> {
  await t.sw.channels.untilEmpty()
  const found: Record<string, string> = {}
  for (const event of t.events) {
    const name = event.get('Channel-Name') ?? ''
    if (event.name === 'CHANNEL_HANGUP' && name.endsWith('-a')) {
      found[name.slice(9, -2)] = event.get('Hangup-Cause') ?? ''
    }
  }
  return found
}

describe('originate', () => {
  it('gives back the uuid of whoever answered and executes the application on it', async () => {
    await using t = await start()
    const reply = await t.api('originate loopback/answers/there &park()')
    assert.match(reply, /^\+OK [0-9a-f-]{36}\n$/)
    assert.equal(t.channel('answers-a').isAnswered, true)
    await t.event('CHANNEL_PARK', (event) => event.get('Channel-Name') === 'loopback/answers-a')
  })

  it('says nothing of a way that is not there as long as there is another', async () => {
    await using t = await startSwitch({ dialplan, directory, switchParams: { loglevel: 'notice' } })
    const lines: string[] = []
    using _ = onLog(({ level, text }) => {
      if (level <= 5 && /cannot dial/.test(text)) lines.push(text)
    })
    const both = 'error/user_not_registered,loopback/answers/there'
    assert.match(await t.api(`originate ${both} &park()`), /^\+OK/)
    assert.deepEqual(lines, [])
    const neither = 'error/user_not_registered,error/user_not_registered'
    assert.match(await t.api(`originate ${neither} &park()`), /USER_NOT_REGISTERED/)
    assert.deepEqual(lines, ['cannot dial error/user_not_registered: USER_NOT_REGISTERED'])
  })

  it('tells that a party declined as news, and that one is not there as something to see to', async () => {
    await using t = await startSwitch({ dialplan, directory, switchParams: { loglevel: 'info' } })
    const lines: [level: number, text: string][] = []
    using _ = onLog(({ level, text }) => void (text.includes('user/') && lines.push([level, text])))
    assert.match(await t.api('originate user/rejects &park()'), /^-ERR CALL_REJECTED/)
    assert.match(await t.api('originate user/busy &park()'), /^-ERR USER_BUSY/)
    assert.match(await t.api('originate user/nobody &park()'), /^-ERR SUBSCRIBER_ABSENT/)
    assert.deepEqual(lines, [
      [6, 'user/rejects declined the call (CALL_REJECTED)'],
      [6, 'user/busy is busy (USER_BUSY)'],
      [5, 'cannot dial user/nobody: SUBSCRIBER_ABSENT'],
    ])
  })

  it('sends the channel to an extension', async () => {
    await using t = await start()
    await t.api('originate loopback/answers/there busy XML there')
    const end = await t.event('CHANNEL_HANGUP_COMPLETE')
    assert.equal(end.get('Hangup-Cause'), 'USER_BUSY')
  })

  it('takes origination_uuid and the caller id from the command line', async () => {
    await using t = await start()
    const reply = await t.api(
      'originate {origination_uuid=my-own}loopback/answers/there &park() XML default Nina 555',
    )
    assert.equal(reply, '+OK my-own\n')
    const { profile } = t.channel('answers-a')
    // Executing something, the leg is the one that calls: who called it stands where the callee stood.
    assert.equal(profile.get('callee_id_name'), 'Nina')
    assert.equal(profile.get('callee_id_number'), '555')
    assert.equal(profile.get('caller_id_name'), 'Outbound Call')
    assert.equal(profile.get('caller_id_number'), 'there')
    // A uuid that is in use is not taken twice.
    const again = await t.api('originate {origination_uuid=my-own}loopback/answers/there &park()')
    assert.notEqual(again, '+OK my-own\n')
  })

  it('calls as 0000000000 without a name when nobody says who calls', async () => {
    await using t = await start()
    await t.api('originate loopback/answers/there &park()')
    const { variables } = t.channel('answers-a')
    assert.deepEqual(
      [
        variables.get('pre_transfer_caller_id_name'),
        variables.get('pre_transfer_caller_id_number'),
      ],
      [undefined, '0000000000'],
    )
  })

  it('announces a leg in order: outgoing, create, originate, progress, answer', async () => {
    await using t = await start()
    await t.api('originate loopback/answers/there &park()')
    await t.event('CHANNEL_PARK', (event) => event.get('Channel-Name')?.endsWith('-a') ?? false)
    const seen = t.events
      .filter((event) => event.get('Channel-Name') === 'loopback/answers-a')
      .map((event) => event.name)
      .filter((name) => !['CHANNEL_STATE', 'CHANNEL_CALLSTATE'].includes(name))
    assert.deepEqual(seen, [
      'CHANNEL_OUTGOING',
      'CHANNEL_CREATE',
      'CHANNEL_ORIGINATE',
      'CHANNEL_ANSWER',
      'CALL_UPDATE',
      'CHANNEL_EXECUTE',
      'CHANNEL_PARK',
    ])
    const outgoing = await t.event('CHANNEL_OUTGOING')
    assert.equal(outgoing.get('Channel-State'), 'CS_NONE')
    assert.equal(outgoing.get('Channel-State-Number'), '1')
  })

  it('takes the first of several that answers and hangs the others up with LOSE_RACE', async () => {
    await using t = await start()
    await t.api('originate loopback/rings/there,loopback/answers/there &park()')
    const lost = await t.event('CHANNEL_HANGUP', (event) =>
      (event.get('Channel-Name') ?? '').endsWith('rings-a'),
    )
    assert.equal(lost.get('Hangup-Cause'), 'LOSE_RACE')
    assert.equal(lost.get('variable_group_dial_status'), 'loser')
    assert.equal(t.channel('answers-a').isUp, true)
  })

  it('goes on to the next group when all of one have failed', async () => {
    await using t = await start()
    const reply = await t.api('originate loopback/busy/there|loopback/answers/there &park()')
    assert.match(reply, /^\+OK/)
  })

  it('tells the cause of the first leg that had a channel', async () => {
    await using t = await start()
    const reply = await t.api('originate loopback/rejects/there,loopback/busy/there &park()')
    assert.equal(reply, '-ERR CALL_REJECTED\n')
  })

  it('gives up with NO_ANSWER when originate_timeout is over', async () => {
    await using t = await start()
    const reply = await t.api('originate {originate_timeout=1}loopback/rings/there &park()')
    assert.equal(reply, '-ERR NO_ANSWER\n')
    assert.deepEqual(await causes(t), { rings: 'NO_ANSWER' })
  })

  it('ends a leg with ALLOTTED_TIMEOUT when its own leg_timeout is over', async () => {
    await using t = await start()
    const reply = await t.api('originate [leg_timeout=1]loopback/rings/there &park()')
    assert.equal(reply, '-ERR ALLOTTED_TIMEOUT\n')
  })

  it('says PROGRESS_TIMEOUT when nothing was heard of a leg in time', async () => {
    await using t = await start()
    const reply = await t.api('originate {progress_timeout=1}loopback/silent/there &park()')
    assert.equal(reply, '-ERR PROGRESS_TIMEOUT\n')
  })

  it('starts a delayed leg at once when no other is left', async () => {
    await using t = await start()
    const begun = performance.now()
    const reply = await t.api(
      'originate loopback/busy/there,[leg_delay_start=30]loopback/answers/there &park()',
    )
    assert.match(reply, /^\+OK/)
    assert.ok(performance.now() - begun < 29_000)
  })

  it('ends a leg that never began when another was faster', async () => {
    await using t = await start()
    await t.api('originate loopback/answers/there,[leg_delay_start=4]loopback/rings/there &park()')
    const end = await t.event('CHANNEL_HANGUP_COMPLETE')
    assert.equal(end.get('Channel-Name'), 'loopback/rings-a')
    assert.equal(t.sw.channels.count, 2)
  })

  it('fails at once when a required leg fails', async () => {
    await using t = await start()
    const reply = await t.api(
      'originate [leg_required=true]loopback/busy/there,loopback/rings/there &park()',
    )
    assert.equal(reply, '-ERR USER_BUSY\n')
    assert.deepEqual(await causes(t), { busy: 'USER_BUSY', rings: 'USER_BUSY' })
  })

  it('takes early sound for success unless ignore_early_media is set', async () => {
    await using t = await start()
    assert.match(await t.api('originate loopback/early/there &park()'), /^\+OK/)
    const ignored = await t.api(
      'originate {ignore_early_media=true,originate_timeout=1}loopback/early/there &park()',
    )
    assert.equal(ignored, '-ERR NO_ANSWER\n')
  })

  it('dials enterprise parts at the same time, each with its own variables', async () => {
    await using t = await start()
    const reply = await t.api(
      'originate <all=0>{one=1}loopback/rings/there:_:{two=2}loopback/answers/there &park()',
    )
    assert.match(reply, /^\+OK/)
    const { variables } = t.channel('answers-a')
    assert.deepEqual(
      [variables.get('all'), variables.get('one'), variables.get('two')],
      ['0', undefined, '2'],
    )
    const lost = await t.event('CHANNEL_HANGUP')
    assert.equal(lost.get('Hangup-Cause'), 'LOSE_RACE')
  })

  it('confirms a group call by a key', async () => {
    await using t = await start()
    const reply = t.api('originate {group_confirm_key=12}loopback/answers/there &park()')
    await t.event('CHANNEL_ANSWER', (event) => (event.get('Channel-Name') ?? '').endsWith('-a'))
    const leg = t.channel('answers-a')
    for (const digit of '12') receiveDigit(leg, { digit, duration: 800, source: 'RTP' })
    assert.match(await reply, /^\+OK/)
    assert.equal(leg.variables.get('group_dial_status'), 'winner')
    assert.equal(leg.variables.get('group_confirm_key'), undefined)
  })

  it('leaves no channel and no timer behind when it fails', async () => {
    await using t = await start()
    await t.api('originate loopback/busy/there,loopback/rejects/there|error/NO_ANSWER &park()')
    await t.sw.channels.untilEmpty()
    assert.equal(t.sw.channels.count, 0)
  })
})

describe('endpoints that dial further', () => {
  it('sets a directory user’s variables on the leg', async () => {
    await using t = await start()
    await t.api('originate user/answers &park()')
    const leg = t.channel('answers-a')
    assert.equal(leg.variables.get('department'), 'sales')
    assert.equal(leg.variables.get('dialed_user'), 'answers')
    assert.equal(leg.variables.get('presence_id'), 'answers@example.test')
  })

  it('tells users that are not there from users without a dial string and from loops', async () => {
    await using t = await start()
    assert.equal(await t.api('originate user/nobody &park()'), '-ERR SUBSCRIBER_ABSENT\n')
    assert.equal(
      await t.api('originate user/nothing@bare.test &park()'),
      '-ERR MANDATORY_IE_MISSING\n',
    )
    assert.equal(await t.api('originate user/loops &park()'), '-ERR INVALID_IE_CONTENTS\n')
  })

  it('hands dial-var- params to the leg', async () => {
    await using t = await start()
    await t.api('originate user/dialvar &park()')
    assert.equal(t.channel('answers-a').variables.get('colour'), 'red')
  })

  it('lets users ring together', async () => {
    await using t = await start()
    assert.match(await t.api('originate user/busy,user/answers &park()'), /^\+OK/)
    assert.equal(t.channel('answers-a').variables.get('originate_endpoint'), 'user')
  })

  it('dials a directory group', async () => {
    await using t = await start()
    assert.match(await t.api('originate group/sales &park()'), /^\+OK/)
    assert.equal(await t.api('originate group/nobody &park()'), '-ERR NO_ROUTE_DESTINATION\n')
  })

  it('answers by itself on the null endpoint', async () => {
    await using t = await start()
    assert.match(await t.api('originate null/x &park()'), /^\+OK/)
    assert.equal(await t.api('originate null/cause-USER_BUSY &park()'), '-ERR USER_BUSY\n')
    await t.api('hupall')
    await t.sw.channels.untilEmpty()
    assert.deepEqual(
      t.media.legs.map((leg) => leg.closed),
      [true, true],
    )
  })

  it('runs one application on the far side of loopback/app=', async () => {
    await using t = await start()
    await t.api('originate {ignore_early_media=true}loopback/app=hangup:USER_BUSY &park()')
    assert.deepEqual(t.executed('-b'), ['pre_answer()', 'hangup(USER_BUSY)'])
  })

  it('lets a third party pick up', async () => {
    await using t = await start()
    const reply = t.api('originate pickup/desk,loopback/rings/there &park()')
    await t.event('CHANNEL_PROGRESS')
    void t.api('originate loopback/picks/there &park()')
    assert.match(await reply, /^\+OK/)
    const picked = await t.event('CHANNEL_HANGUP', (event) =>
      (event.get('Channel-Name') ?? '').startsWith('pickup/'),
    )
    assert.equal(picked.get('Hangup-Cause'), 'PICKED_OFF')
  })

  it('gives up waiting for a pickup when everybody else is gone', async () => {
    await using t = await start()
    assert.equal(
      await t.api('originate pickup/desk,loopback/busy/there &park()'),
      '-ERR NO_PICKUP\n',
    )
  })
})
