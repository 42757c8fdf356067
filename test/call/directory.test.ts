/** The directory by name in whole calls: each phrase is a tone, keys are events of RFC 4733. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { comes } from '../support/ears.ts'
import { pressKeys } from '../support/keys.ts'
import type { PhoneCall } from '../support/phone.ts'
import { type SipSwitch, startSipSwitch } from '../support/sip-switch.ts'
import { writeTone } from '../support/wav.ts'

const tone = (hz: number) => `tone_stream://%(300,0,${hz})`

/** A macro that is a tone for data that match. */
const macro = (name: string, ...inputs: readonly (readonly [pattern: string, hz: number])[]) =>
  `<macro name="directory_${name}" pause="0">${inputs
    .map(
      ([pattern, hz]) =>
        `<input pattern="${pattern}" break_on_match="true"><match><action function="play-file" data="${tone(hz)}"/></match></input>`,
    )
    .join('')}</macro>`

const languages = `<language name="en"><phrases><macros>
${macro('intro', ['^last_name:\\*$', 500], ['^first_name:\\*$', 600])}
${macro('min_search_digits', ['^3$', 1900])}
${macro('result_count', ['^0$', 250], ['^\\d+$', 700])}
${macro('result_count_too_large', ['.', 350])}
${macro('result_item', ['^1$', 800], ['^2$', 900])}
${macro('result_say_name', ['^Ann Carter$', 1100], ['^Bob Carter$', 1200], ['^Carla Hidden$', 1250])}
${macro('result_at', ['^701$', 1300], ['^702$', 1400])}
${macro('result_menu', ['^1,6,4,3$', 1500])}
${macro('result_last', ['^2$', 1700])}
</macros></phrases></language>`

const user = (id: string, name: string, more = '') =>
  `<user id="${id}"><params>${more}</params><variables><variable name="effective_caller_id_name" value="${name}"/></variables></user>`

const directory = `<domain name="people.test"><groups><group name="a"><users>
${user('701', 'Ann Carter')}${user('702', 'Bob Carter')}
${user('703', 'Carla Hidden', '<param name="directory-exten-visible" value="false"/>')}
${['John', 'Jane', 'Jim', 'Jack', 'Joan', 'Joe'].map((name, index) => user(`71${index}`, `${name} Smith`)).join('')}
</users></group></groups></domain>`

const configuration = `<configuration name="directory.conf"><profiles><profile name="default">
<param name="digit-timeout" value="1500"/></profile></profiles></configuration>`

const start = (more: readonly string[] = [], voicemail = '') =>
  startSipSwitch({
    modules: ['mod_directory', ...more],
    directory,
    languages,
    configuration: configuration + voicemail,
    extensions: {
      600: [
        'answer:',
        'directory:default people.test default',
        `playback:${tone(2100)}`,
        'hangup:',
      ],
      '7..': ['answer:', `playback:tone_stream://%(500,0,1000);loops=-1`],
    },
  })

/** A caller who waits for tones and presses keys. */
class Caller {
  #mark = 0
  readonly call: PhoneCall

  private constructor(call: PhoneCall) {
    this.call = call
  }

  static async dial(t: SipSwitch): Promise<Caller> {
    const phone = await t.phone('1000')
    const call = await phone.call('600')
    await call.outcome()
    return new Caller(call)
  }

  /** Resolves when 100 ms of each tone have come, one after the other. */
  async hears(...tones: readonly number[]): Promise<void> {
    for (const hz of tones)
      this.#mark = await comes(this.call.rtp, hz, { from: this.#mark, least: 0.9 })
  }

  keys(keys: string): Promise<void> {
    return pressKeys(this.call.rtp, keys)
  }
}

test('a match is read out with number, name, extension and keys; 6 goes on, 4 back, 1 calls it', async () => {
  await using t = await start()
  const caller = await Caller.dial(t)
  await caller.hears(500)
  await caller.keys('227#')
  await caller.hears(700, 800, 1100, 1300, 1500)
  await caller.keys('6')
  await caller.hears(900, 1200, 1400)
  await caller.keys('6')
  await caller.hears(1700, 900)
  await caller.keys('4')
  await caller.hears(800)
  await caller.keys('6')
  await caller.hears(900)
  await caller.keys('1')
  await caller.hears(1000)
  assert.equal(t.channel('1000@example.test').profile.get('destination_number'), '702')
})

test('3 begins a new search; too few letters, no match and too many are told', async () => {
  await using t = await start()
  const caller = await Caller.dial(t)
  await caller.hears(500)
  await caller.keys('22#')
  await caller.hears(1900, 500)
  await caller.keys('999#')
  await caller.hears(250, 500)
  await caller.keys('764#')
  // The third attempt was the last.
  await caller.hears(350, 2100)
  const again = await Caller.dial(t)
  await again.hears(500)
  await again.keys('227#')
  await again.hears(800)
  await again.keys('3')
  await again.hears(500)
})

test('the order key searches by first name; a pause ends the letters; a hidden number is not told', async () => {
  await using t = await start()
  const caller = await Caller.dial(t)
  await caller.hears(500)
  await caller.keys('*')
  await caller.hears(600)
  await caller.keys('22752')
  await caller.hears(700, 800, 1250, 1500)
  await caller.keys('1')
  await caller.hears(1000)
})

test('who keys nothing goes on in the dialplan', async () => {
  await using t = await start()
  const caller = await Caller.dial(t)
  await caller.hears(500, 500, 500, 2100)
  await caller.call.hungUp()
})

test('a name that was recorded for the mailbox is played instead of the spelled one', async () => {
  const profiles = `<configuration name="voicemail.conf"><profiles><profile name="default"/></profiles></configuration>`
  await using t = await start(['mod_voicemail'], profiles)
  const path = join(t.sw.globals.get('temp_dir') ?? '', 'name.wav')
  writeTone(path, 1450, 8000, 0.5)
  assert.equal(await t.api(`vm_fsdb_pref_recname_set default people.test 701 ${path}`), '-OK\n')
  const caller = await Caller.dial(t)
  await caller.hears(500)
  await caller.keys('227#')
  await caller.hears(800, 1450, 1300)
  await caller.keys('6')
  await caller.hears(900, 1200)
})
