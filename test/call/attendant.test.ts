/**
 * The attendant of conf/, called: its own menus, phrases and dialplan, with a tone in place of each prompt that tells where the
 * caller is, and of each number that he is connected with.
 */
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Application } from '../../src/core/interfaces.ts'
import { play } from '../../src/core/play.ts'
import { Caller } from '../support/caller.ts'
import { type SipSwitch, startSipSwitch } from '../support/sip-switch.ts'
import { temporaryFolder } from '../support/sound.ts'
import { writeTone } from '../support/wav.ts'

/** Hz of the prompts. */
const prompts = {
  'ivr/ivr-that_was_an_invalid_entry': 300,
  'ivr/ivr-good_morning': 500,
  'ivr/ivr-good_afternoon': 600,
  'ivr/ivr-good_evening': 700,
  'ivr/ivr-thank_you_for_calling': 800,
  'ivr/ivr-sales': 900,
  'ivr/ivr-enter_ext_pound': 2600,
  'ivr/ivr-office_is_closed': 1000,
  'ivr/ivr-office_is_at_lunch': 1100,
  'ivr/ivr-to_do_a_echo_test': 1200,
  'ivr/ivr-hold_connect_call': 1300,
  'voicemail/vm-goodbye': 1400,
  'ivr/ivr-to_leave_a_message': 1500,
}
const { invalid, morning, thanks, choices, closed, lunch, more, connecting, goodbye, message } = {
  invalid: 300,
  morning: 500,
  thanks: 800,
  choices: 900,
  closed: 1000,
  lunch: 1100,
  more: 1200,
  connecting: 1300,
  goodbye: 1400,
  message: 1500,
}

/** Hz of what answers. */
const numbers = {
  2000: 1600,
  5930: 1700,
  2002: 1800,
  operator: 1900,
  9196: 2000,
  9664: 2100,
  411: 2200,
  '101[0-9]': 2300,
}
const voicemailTone = 2400
const lastChoice = prompts['ivr/ivr-enter_ext_pound']

const tone = (hz: number) => `tone_stream://%(1000,0,${hz})`

/** The mailbox that the menu of closed hours leads to. */
const voicemail: Application = {
  name: 'voicemail',
  syntax: '',
  about: '',
  needs: 'media',
  async run(channel, data, { signal }) {
    channel.variables.set('left_in', data)
    await play(channel, tone(voicemailTone), { signal })
    channel.hangup('NORMAL_CLEARING')
  },
}

interface Office extends AsyncDisposable {
  readonly sw: SipSwitch
}

async function startOffice(): Promise<Office> {
  const folder = await temporaryFolder()
  for (const [name, hz] of Object.entries(prompts)) {
    const path = join(folder.path, `${name}.wav`)
    await mkdir(dirname(path), { recursive: true })
    writeTone(path, hz, 8000, 0.24)
  }
  const sw = await startSipSwitch({
    modules: ['mod_db', 'mod_say_en'],
    includes: ['01_day_night', '12_attendant'].map((name) =>
      resolve(`conf/dialplan/default/${name}.xml`),
    ),
    extensions: Object.fromEntries(
      Object.entries(numbers).map(([number, hz]) => [number, [`playback:${tone(hz)}`, 'hangup:']]),
    ),
    configuration: `\n<X-PRE-PROCESS cmd="include" data="${resolve('conf/autoload_configs/ivr.conf.xml')}"/>\n`,
    languages: `\n<X-PRE-PROCESS cmd="include" data="${resolve('conf/lang/en/en.xml')}"/>\n`,
    globals: { sound_prefix: folder.path, domain_name: 'example.test' },
  })
  sw.sw.applications.add(voicemail, 'test')
  return {
    sw,
    async [Symbol.asyncDispose]() {
      await sw[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** The server's clock, at a time of its own day, until it is put back. */
function clockAt(day: string, time: string): Disposable {
  const real = Date.now
  const started = real()
  const moved = new Date(`${day}T${time}`).getTime()
  Date.now = () => moved + (real() - started)
  return {
    [Symbol.dispose]() {
      Date.now = real
    },
  }
}

/** 2024-02-26 is a Monday. */
const monday = '2024-02-26'

/** Key, and what the caller hears then. */
const keys: readonly [string, ...number[]][] = [
  ['1', connecting, numbers[2000]],
  ['2', connecting, numbers[5930]],
  ['3', connecting, numbers[2002]],
  ['4', more],
  ['9', connecting, numbers[411]],
  ['0', connecting, numbers.operator],
  ['1015', connecting, numbers['101[0-9]']],
  ['*', choices],
]

describe('at ten on a Monday', { concurrency: true }, () => {
  let clock: Disposable | undefined
  before(() => {
    clock = clockAt(monday, '10:00:00')
  })
  after(() => clock?.[Symbol.dispose]())

  test('every key of the attendant leads where it says', async () => {
    await using office = await startOffice()
    const press = async ([key, ...tones]: (typeof keys)[number], index: number) => {
      const caller = await Caller.call(office.sw, '5002', String(1000 + index))
      await caller.hears(morning)
      await caller.hears(thanks)
      await caller.presses(key)
      for (const hz of tones) await caller.hears(hz)
      await caller.hangsUp()
    }
    await Promise.all(keys.map(press))
    const ending = await Caller.call(office.sw, '5002')
    await ending.hears(morning)
    await ending.presses('#')
    await ending.ends()
  })

  test('a wrong key is told and asked anew; the third leads to the operator', async () => {
    await using office = await startOffice()
    const caller = await Caller.call(office.sw, '5002')
    await caller.hears(morning)
    await caller.presses('7')
    await caller.hears(invalid)
    await caller.hears(choices)
    await caller.presses('55')
    await caller.hears(invalid)
    await caller.hears(choices)
    // No extension of the office.
    await caller.presses('1234')
    await caller.hears(invalid)
    await caller.hears(numbers.operator)
    const variable = await caller.ends()
    assert.equal(variable('ivr_menu_status'), 'failure')
  })

  test('a right key between wrong ones counts them from nothing', async () => {
    await using office = await startOffice()
    const caller = await Caller.call(office.sw, '5002')
    await caller.hears(morning)
    for (const key of ['7', '8', '*', '7', '8']) {
      await caller.presses(key)
      if (key !== '*') await caller.hears(invalid)
      await caller.hears(choices)
      // What is left of the choices before the key must not be taken for those after it.
      if (key === '*') await caller.hears(lastChoice)
    }
    await caller.presses('2')
    await caller.hears(numbers[5930])
  })

  test('who presses nothing hears the choices again, and then gets the operator', async () => {
    await using office = await startOffice()
    const caller = await Caller.call(office.sw, '5002')
    await caller.hears(morning)
    await caller.hears(choices)
    await caller.hears(lastChoice)
    await caller.hears(choices)
    await caller.hears(lastChoice)
    await caller.hears(numbers.operator)
    const variable = await caller.ends()
    assert.equal(variable('ivr_menu_status'), 'timeout')
  })

  test('the menu below does its own, leads back, and its wrong keys do not count above', async () => {
    await using office = await startOffice()
    const caller = await Caller.call(office.sw, '5002')
    await caller.hears(morning)
    await caller.presses('4')
    await caller.hears(more)
    await caller.presses('9')
    await caller.hears(invalid)
    await caller.hears(more)
    await caller.presses('8')
    await caller.hears(invalid)
    await caller.hears(more)
    await caller.presses('*')
    // Who comes back is greeted in full.
    await caller.hears(morning)
    await caller.presses('7')
    await caller.hears(invalid)
    await caller.hears(choices)
    await caller.presses('4')
    await caller.hears(more)
    await caller.presses('2')
    await caller.hears(numbers[9664])
  })
})

/** Day, time, and the first tones. */
const hours: readonly [string, string, ...number[]][] = [
  [monday, '08:59:50', morning, closed, message],
  [monday, '09:00:00', morning, thanks],
  [monday, '12:29:50', 600, thanks],
  [monday, '12:30:00', 600, lunch, message],
  [monday, '13:29:50', 600, lunch, message],
  [monday, '13:30:00', 600, thanks],
  [monday, '17:59:50', 600, thanks],
  [monday, '18:00:00', 700, closed, message],
  ['2024-03-02', '10:00:00', morning, closed],
  ['2024-03-02', '12:45:00', 600, closed],
  ['2024-01-01', '10:00:00', morning, closed],
  ['2024-12-25', '12:45:00', 600, closed],
  ['2024-12-27', '10:00:00', morning, thanks],
]

test('it answers by the hour: open, at lunch, closed in the evening, at weekends and on holidays', async () => {
  await using office = await startOffice()
  for (const [day, time, ...tones] of hours) {
    // The hour counts when the call comes in; the rest of it may fall into the next.
    using _ = clockAt(day, time)
    const caller = await Caller.call(office.sw, '5002')
    for (const hz of tones) await caller.hears(hz)
    await caller.hangsUp()
  }
})

test('the mode that *281 and *282 keep counts, whatever the clock says', async () => {
  using _ = clockAt(monday, '10:00:00')
  await using office = await startOffice()
  const answers = async (...tones: readonly number[]) => {
    const caller = await Caller.call(office.sw, '5002')
    for (const hz of tones) await caller.hears(hz)
    await caller.hangsUp()
  }
  assert.match(await office.sw.api('db insert/example.test-office/mode/closed'), /^\+OK/)
  await answers(morning, closed)
  {
    using night = clockAt(monday, '23:00:00')
    assert.ok(night)
    await office.sw.api('db insert/example.test-office/mode/open')
    await answers(700, thanks)
  }
  await office.sw.api('db delete/example.test-office/mode')
  await answers(morning, thanks)
})

test('closed, it takes messages for the operator, connects extensions and says goodbye', async () => {
  using _ = clockAt(monday, '20:00:00')
  await using office = await startOffice()
  const leaving = await Caller.call(office.sw, '5002')
  await leaving.hears(message)
  await leaving.presses('1')
  await leaving.hears(voicemailTone)
  const variable = await leaving.ends()
  assert.equal(variable('left_in'), 'default example.test 1000')
  const dialling = await Caller.call(office.sw, '5002')
  await dialling.hears(closed)
  await dialling.presses('1012')
  await dialling.hears(numbers['101[0-9]'])
  await dialling.hangsUp()
  const going = await Caller.call(office.sw, '5002')
  await going.hears(closed)
  await going.presses('#')
  await going.hears(goodbye)
})
