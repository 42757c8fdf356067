/** Menus of ivr.conf.xml in whole calls: prompts are tones, found in what the phone hears; digits are events of RFC 4733. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Caller } from '../support/caller.ts'
import { type SipSwitch, startSipSwitch } from '../support/sip-switch.ts'

const tone = (hz: number) => `tone_stream://%(240,0,${hz})`

const menus = `<configuration name="ivr.conf"><menus>
<menu name="main" greet-long="${tone(500)}" greet-short="${tone(600)}" invalid-sound="${tone(250)}" exit-sound="${tone(350)}"
    transfer-sound="${tone(1700)}" timeout="20000" inter-digit-timeout="1500" max-failures="2" max-timeouts="2" digit-len="4"
    exec-on-max-failures="set gave_up=\${destination_number}">
  <entry action="menu-exec-app" digits="1" param="transfer 700"/>
  <entry action="menu-exec-app" digits="2" param="set picked=two"/>
  <entry action="menu-play-sound" digits="2" param="${tone(700)}"/>
  <entry action="menu-sub" digits="3" param="sub"/>
  <entry action="menu-say-phrase" digits="4" param="chosen,4"/>
  <entry action="menu-exec-app" digits="/^(10[01][0-9])$/" param="set picked=$1"/>
  <entry action="menu-exit" digits="9"/>
  <entry action="menu-nosuch" digits="8"/>
  <entry action="menu-exec-app" digits="/((/" param="x"/>
</menu>
<menu name="sub" greet-long="${tone(900)}" invalid-sound="${tone(250)}" timeout="20000" inter-digit-timeout="300" max-failures="1">
  <entry action="menu-back" digits="7"/>
  <entry action="menu-top" digits="*"/>
  <entry action="menu-exit" digits="#"/>
  <entry action="menu-sub" digits="5" param="deep"/>
</menu>
<menu name="deep" greet-long="phrase:chosen:5" timeout="20000" max-failures="3"><entry action="menu-top" digits="*"/></menu>
<menu name="quick" greet-long="${tone(500)}" greet-short="${tone(600)}" exit-sound="${tone(350)}" timeout="300" max-timeouts="2"
    exec-on-max-timeouts="set gave_up=late"><entry action="menu-exit" digits="9"/></menu>
<menu name="locked" greet-long="${tone(500)}" pin="4711" pin-file="${tone(1100)}" bad-pin-file="${tone(250)}" timeout="20000">
  <entry action="menu-exit" digits="9"/></menu>
<menu name="sure" greet-long="${tone(500)}" invalid-sound="${tone(250)}" confirm-macro="chosen" confirm-key="1" confirm-attempts="2"
    timeout="20000" inter-digit-timeout="300" digit-len="1" max-failures="9"><entry action="menu-exit" digits="6"/></menu>
</menus></configuration>`

const languages = `<language name="en"><phrases><macros><macro name="chosen" pause="0">
  <input pattern="^4$"><match><action function="play-file" data="${tone(1300)}"/></match></input>
  <input pattern="^[56]$"><match><action function="play-file" data="${tone(1500)}"/></match></input>
</macro></macros></phrases></language>`

const extensions = Object.fromEntries(
  ['main', 'quick', 'locked', 'sure'].map((name, index) => [
    String(600 + index),
    ['answer:', `ivr:${name}`, `playback:${tone(2100)}`, 'hangup:'],
  ]),
)

function start(): Promise<SipSwitch> {
  return startSipSwitch({
    extensions: { ...extensions, 700: [`playback:${tone(1900)}`, 'hangup:'] },
    configuration: menus,
    languages,
  })
}

/** `enter main`, `exit main`… */
function passage(sw: SipSwitch): string[] {
  return sw.events.flatMap((event) => {
    const [, step] = /^menu::(\w+)$/.exec(event.get('Event-Subclass') ?? '') ?? []
    return step ? [`${step} ${event.get('Menu-Name')}`] : []
  })
}

test('entries act in order, patterns fill in their digits, and the exit sound ends it', async () => {
  await using sw = await start()
  const caller = await Caller.call(sw, '600')
  await caller.hears(500)
  await caller.presses('2')
  await caller.hears(700)
  await caller.hears(600)
  await caller.presses('1017')
  await caller.hears(600)
  await caller.presses('4')
  await caller.hears(1300)
  await caller.hears(600)
  await caller.presses('9')
  await caller.hears(350)
  await caller.hears(2100)
  const variable = await caller.ends()
  assert.equal(variable('picked'), '1017')
  assert.equal(variable('ivr_menu_status'), 'success')
  assert.deepEqual(passage(sw), ['enter main', 'exit main'])
})

test('wrong digits are told, and too many of them end the menu', async () => {
  await using sw = await start()
  const caller = await Caller.call(sw, '600')
  await caller.hears(500)
  // Left out with a line in the log: an action that does not exist.
  await caller.presses('8')
  await caller.hears(250)
  await caller.hears(600)
  await caller.presses('12')
  await caller.hears(250)
  await caller.hears(350)
  const variable = await caller.ends()
  assert.equal(variable('ivr_menu_status'), 'failure')
  assert.equal(variable('gave_up'), '600')
})

test('a caller who presses nothing is asked again and then given up', async () => {
  await using sw = await start()
  const caller = await Caller.call(sw, '601')
  await caller.hears(500)
  await caller.hears(600)
  await caller.hears(350)
  const variable = await caller.ends()
  assert.equal(variable('ivr_menu_status'), 'timeout')
  assert.equal(variable('gave_up'), 'late')
})

test('menus below lead back, to the top, and out', async () => {
  await using sw = await start()
  const caller = await Caller.call(sw, '600')
  await caller.hears(500)
  await caller.presses('3')
  await caller.hears(900)
  await caller.presses('7')
  await caller.hears(500)
  await caller.presses('3')
  await caller.hears(900)
  await caller.presses('5')
  await caller.hears(1500)
  await caller.presses('*')
  await caller.hears(500)
  await caller.presses('3')
  await caller.hears(900)
  await caller.presses('#')
  await caller.hears(350)
  await caller.hears(2100)
  await caller.ends()
  const below = ['exit main', 'enter sub', 'exit sub', 'enter main']
  const deep = [
    'exit main',
    'enter sub',
    'exit sub',
    'enter deep',
    'exit deep',
    'enter sub',
    'exit sub',
    'enter main',
  ]
  assert.deepEqual(passage(sw), ['enter main', ...below, ...deep, ...below, 'exit main'])
})

test('a transfer is announced, and no menu plays after it', async () => {
  await using sw = await start()
  const caller = await Caller.call(sw, '600')
  await caller.hears(500)
  await caller.presses('1')
  await caller.hears(1700)
  await caller.hears(1900)
  await caller.ends()
})

test('a menu with a PIN opens to who knows it', async () => {
  await using sw = await start()
  const caller = await Caller.call(sw, '602')
  await caller.hears(1100)
  await caller.presses('1234')
  await caller.hears(250)
  await caller.hears(1100)
  await caller.presses('4711')
  await caller.hears(500)
  await caller.presses('9')
  await caller.hears(2100)
  await caller.ends()
})

test('a choice is taken when the confirm key follows, and asked anew when another does', async () => {
  await using sw = await start()
  const caller = await Caller.call(sw, '603')
  await caller.hears(500)
  await caller.presses('6')
  await caller.hears(1500)
  await caller.presses('2')
  await caller.hears(500)
  await caller.presses('6')
  await caller.hears(1500)
  await caller.presses('1')
  await caller.hears(2100)
  const variable = await caller.ends()
  assert.equal(variable('ivr_menu_status'), 'success')
})

test('uuid_break ends the greeting, not the menu', async () => {
  await using sw = await start()
  const caller = await Caller.call(sw, '600')
  await caller.hears(500)
  const uuid = sw.sw.channels.list()[0]?.uuid
  assert.match(await sw.api(`uuid_break ${uuid} all`), /^\+OK/)
  await caller.presses('9')
  await caller.hears(350)
  await caller.hears(2100)
  await caller.ends()
})
