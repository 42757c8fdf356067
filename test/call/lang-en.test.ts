/** The English phrases that come with the program: what each macro of conf/lang/en plays for the data that its caller gives it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { XmlNode } from '../../src/xml/node.ts'
import { attribute, child, children, childWith } from '../../src/xml/query.ts'
import { type PhraseCase, playPhrases, startLanguage } from '../support/phrases.ts'

/** Keys are `press_key`, so `K(2, x)` is the sound x, "press" and the key. */
const K = (key: string | number, sound: string) => `${sound} voicemail/vm-press ${spelled(key)}`

function spelled(key: string | number): string {
  return typeof key === 'number' ? `digits/${key}` : `ascii/${key.charCodeAt(0)}`
}

const vm = (...names: readonly string[]) => names.map((name) => `voicemail/vm-${name}`).join(' ')

const voicemail: readonly PhraseCase[] = [
  ['voicemail_hello', '', ''],
  ['voicemail_enter_id', '#', `${vm('enter_id')} ascii/35`],
  ['voicemail_enter_pass', '#', `${vm('enter_pass')} ascii/35`],
  ['voicemail_fail_auth', '', vm('fail_auth')],
  ['voicemail_abort', '', vm('abort')],
  ['voicemail_goodbye', '', vm('goodbye')],
  ['voicemail_message_count', '0:new', `${vm('you_have')} digits/0 ${vm('new', 'messages')}`],
  ['voicemail_message_count', '1:new', `${vm('you_have')} digits/1 ${vm('new', 'message')}`],
  [
    'voicemail_message_count',
    '21:urgent-new',
    `${vm('you_have')} digits/20+digits/1 ${vm('urgent-new', 'messages')}`,
  ],
  ['voicemail_message_count', '2:saved', `${vm('you_have')} digits/2 ${vm('saved', 'messages')}`],
  [
    'voicemail_menu',
    '1:2:5:#',
    `${K(1, vm('listen_new'))} ${K(2, vm('listen_saved'))} ${K(5, vm('advanced'))} ${K('#', vm('to_exit'))}`,
  ],
  [
    'voicemail_config_menu',
    '1:2:3:6:0',
    [
      K(1, vm('to_record_greeting')),
      K(2, vm('choose_greeting')),
      K(3, vm('record_name2')),
      K(6, vm('change_password')),
      K(0, vm('main_menu')),
    ].join(' '),
  ],
  ['voicemail_record_name', '', vm('record_name1')],
  ['voicemail_record_greeting', '', vm('record_greeting')],
  ['voicemail_record_message', '', vm('record_message')],
  [
    'voicemail_record_file_check',
    '1:2:3',
    `${K(1, vm('listen_to_recording'))} ${K(2, vm('save_recording'))} ${K(3, vm('rerecord'))}`,
  ],
  [
    'voicemail_record_urgent_check',
    '*:#',
    `${K('*', vm('mark-urgent'))} ${K('#', vm('continue'))}`,
  ],
  ['voicemail_disk_quota_exceeded', '', vm('mailbox_full')],
  ['voicemail_say_message_number', 'new:12', `${vm('new', 'message_number')} digits/12`],
  ['voicemail_say_message_number', 'saved:1', `${vm('saved', 'message_number')} digits/1`],
  [
    'voicemail_say_phone_number',
    '1001',
    `${vm('message_from')} digits/1+digits/0+digits/0+digits/1 silence_stream://300`,
  ],
  [
    'voicemail_say_phone_number',
    '',
    `${vm('message_from')} ivr/ivr-anonymous_caller silence_stream://300`,
  ],
  [
    'voicemail_say_phone_number',
    'anonymous',
    `${vm('message_from')} ivr/ivr-anonymous_caller silence_stream://300`,
  ],
  [
    'voicemail_say_date',
    '86400',
    'time/day-5+time/mon-0+digits/h-2+digits/19+digits/70+time/at+digits/12+time/oclock+time/a-m',
  ],
  ['voicemail_say_number', '5', 'digits/5'],
  ['voicemail_say_name', 'bo', 'ascii/98+ascii/111'],
  [
    'voicemail_listen_file_check',
    '1:2:7:4:5:8:me@example.com',
    [
      K(1, vm('listen_to_recording')),
      K(2, vm('save_recording')),
      K(7, vm('delete_recording')),
      K(4, vm('forward_to_email')),
      K(5, vm('return_call')),
      K(8, vm('to_forward')),
    ].join(' '),
  ],
  [
    'voicemail_listen_file_check',
    '1:2:7:4:5:8',
    [
      K(1, vm('listen_to_recording')),
      K(2, vm('save_recording')),
      K(7, vm('delete_recording')),
      K(5, vm('return_call')),
      K(8, vm('to_forward')),
    ].join(' '),
  ],
  ['voicemail_ack', 'too-small', vm('too-small')],
  ['voicemail_ack', 'undeleted', vm('undeleted')],
  ...['saved', 'deleted', 'emailed', 'marked-urgent'].map(
    (what): PhraseCase => ['voicemail_ack', what, vm('message', what)],
  ),
  [
    'voicemail_forward_prepend',
    '1:8',
    `${K(1, vm('forward_add_intro'))} ${K(8, vm('send_message_now'))}`,
  ],
  [
    'voicemail_forward_message_enter_extension',
    '#',
    `${vm('forward_enter_ext', 'followed_by')} ascii/35`,
  ],
  ['voicemail_invalid_extension', '77', vm('that_was_an_invalid_ext')],
  ['voicemail_play_greeting', '12', `${vm('person')} digits/1+digits/2 ${vm('not_available')}`],
  ['voicemail_choose_greeting', '', vm('choose_greeting_choose')],
  ['voicemail_choose_greeting_fail', '', vm('choose_greeting_fail')],
  ['voicemail_greeting_selected', '3', `${vm('greeting')} digits/3 ${vm('selected')}`],
  ['voicemail_change_pass_success', '', vm('password_has_been_changed')],
  ['voicemail_change_pass_fail', '', vm('password_not_valid')],
  ['voicemail_enter_new_pass', '', vm('enter_new_pin')],
  ['voicemail_pass_not_secure', '', vm('password_is_not_secure')],
  [
    'voicemail_pass_too_short',
    '4',
    `${vm('pin_below_minimum_length', 'minimum_pin_length_is')} digits/4`,
  ],
  ['voicemail_tutorial_yes_no', '', vm('tutorial_yes_no')],
  ['voicemail_tutorial_record_name', '', vm('tutorial_record_name')],
  ['voicemail_tutorial_change_pass', '', vm('tutorial_change_pin')],
  ['voicemail_no_more_messages', '', vm('no_more_messages')],
  ['voicemail_message_forwarded', '', vm('message_forwarded')],
]

const dir = (...names: readonly string[]) => names.map((name) => `directory/dir-${name}`).join(' ')

const directory: readonly PhraseCase[] = [
  [
    'directory_intro',
    'last_name:*',
    `${dir('enter_person', 'last_name', 'to_search_by')} ${K('*', dir('first_name'))}`,
  ],
  [
    'directory_intro',
    'first_name:1',
    `${dir('enter_person', 'first_name', 'to_search_by')} ${K(1, dir('last_name'))}`,
  ],
  [
    'directory_min_search_digits',
    '3',
    `${dir('specify_mininum')} digits/3 ${dir('letters_of_person_name')}`,
  ],
  ['directory_result_count', '0', dir('no_matching_results')],
  ['directory_result_count', '4', `digits/4 ${dir('result_match')}`],
  ['directory_result_count_too_large', '', dir('too_many_result')],
  ['directory_result_last', '4', dir('no_more_results')],
  ['directory_result_item', '2', `${dir('result_number')} digits/2`],
  ['directory_result_say_name', 'Al', 'ascii/97+ascii/108'],
  ['directory_result_at', '10', `${dir('at_extension')} digits/1+digits/0`],
  [
    'directory_result_menu',
    '1,6,4,*',
    [
      K(1, dir('to_select_entry')),
      K(6, dir('for_next')),
      K(4, dir('for_prev')),
      K('*', dir('start_new_search')),
    ].join(' '),
  ],
]

const ivr = (...names: readonly string[]) => names.map((name) => `ivr/ivr-${name}`).join(' ')

const attendantChoices = [
  `${ivr('for')} ${K(1, ivr('sales'))}`,
  `${ivr('for')} ${K(2, ivr('technical_support'))}`,
  `${ivr('for')} ${K(3, ivr('the_billing_department'))}`,
  `${ivr('for_other_options')} digits/4`,
  `${ivr('for_directory_press')} digits/9`,
  K(0, ivr('to_speak_with_an_operator')),
  ivr('enter_ext_pound'),
].join(' ')

const office: readonly PhraseCase[] = [
  ['good_day', '00', ivr('good_morning')],
  ['good_day', '11', ivr('good_morning')],
  ['good_day', '12', ivr('good_afternoon')],
  ['good_day', '17', ivr('good_afternoon')],
  ['good_day', '18', ivr('good_evening')],
  ['good_day', '23', ivr('good_evening')],
  ['invalid_entry', '', ivr('that_was_an_invalid_entry')],
  ['you_entered', '4*', `${ivr('you_entered')} digits/4+ascii/42`],
  ['enter_extension', '', ivr('please_enter_extension_followed_by_pound')],
  ['enter_pin', '', ivr('please_enter_pin_followed_by_pound')],
  ['pin_or_extension_invalid', '', ivr('pin_or_extension_is-invalid')],
  ['enter_dest_number', '', ivr('enter_destination_telephone_number')],
  ['enter_src_number', '', ivr('enter_source_telephone_number')],
  [
    'call_forward_set',
    '10:21',
    `${ivr('call_forwarding_has_been_set', 'extension_number')} digits/1+digits/0 silence_stream://300 ${ivr('you_entered')} digits/2+digits/1`,
  ],
  [
    'call_forward_cancel',
    '10',
    `${ivr('extension_number')} digits/1+digits/0 ${ivr('call_forwarding_has_been_cancelled')}`,
  ],
  ['do_not_disturb', 'on', ivr('dnd_activated')],
  ['do_not_disturb', 'off', ivr('dnd_cancelled')],
  ['logged', 'in', ivr('you_are_now_logged_in')],
  ['logged', 'out', ivr('you_are_now_logged_out')],
  ['office_mode', 'lunch', ivr('lunch_mode')],
  ['call_screening', 'on', ivr('call_screening_enabled')],
  ['call_screening', 'off', ivr('call_screening_disabled')],
  ['screen_say_name', '', ivr('please_state_your_name_and_reason_for_calling')],
  [
    'screen_offer',
    '/tmp/name.raw',
    `${ivr('call_from')} /tmp/name.raw ${ivr('to_accept_press_one', 'to_reject_hangup')}`,
  ],
  ['valet_announce_ext', 'lot:6001', 'digits/6+digits/0+digits/0+digits/1'],
  ['valet_lot_full', '', 'tone_stream://%(250,20,620);%(250,150,310)'],
  ['valet_lot_empty', '', 'tone_stream://%(250,20,620);%(250,150,310)'],
  ['queue_position', '3', `${ivr('you_are_number')} digits/3 ${ivr('in_line')}`],
  ['queue_hold_time', '0', `${ivr('estimated_hold_time', 'less_than')} digits/1 time/minute`],
  ['queue_hold_time', '1', `${ivr('estimated_hold_time')} digits/1 time/minute`],
  ['queue_hold_time', '25', `${ivr('estimated_hold_time')} digits/20+digits/5 time/minutes`],
  ['queue_thank_you', '', ivr('thank_you_for_holding')],
  ['has_called_conf', '/tmp/name.raw', '/tmp/name.raw conference/conf-has_joined'],
  ['has_left_conf', '/tmp/name.raw', '/tmp/name.raw conference/conf-has_left'],
  ['callers_in_conf', '1', `${ivr('there_is')} digits/1 conference/conf-listener_in_conference`],
  ['callers_in_conf', '9', `${ivr('there_are')} digits/9 conference/conf-members_in_conference`],
  ['callers_in_conf', '', `${ivr('there_are')} digits/0 conference/conf-members_in_conference`],
  ['conf_enter_number', '', 'conference/conf-enter_conf_number'],
  ['conf_enter_pin', '', 'conference/conf-enter_conf_pin'],
  ['conf_recording', 'on', 'conference/conf-being_recorded'],
  ['conf_recording', 'off', 'conference/conf-no_longer_being_recorded'],
  ['say_date', '86400', 'time/day-5+time/mon-0+digits/h-2+digits/19+digits/70'],
  ['say_time', '86400', 'digits/12+time/oclock+time/a-m'],
  ['timespec', '61', 'digits/0+time/hours+digits/1+time/minute+digits/1+time/second'],
  ['ip-addr', '1.2.3.4', 'digits/1+digits/dot+digits/2+digits/dot+digits/3+digits/dot+digits/4'],
  ['spell', 'a1', 'ascii/97+digits/1'],
  ['spell-phonetic', 'a', 'phonetic-ascii/97'],
  ['attendant_for', '1:ivr/ivr-sales', `${ivr('for', 'sales')} ${vm('press')} digits/1`],
  ['attendant_press', '9:ivr/ivr-for_directory_press', `${ivr('for_directory_press')} digits/9`],
  ['attendant_choices', '', attendantChoices],
  [
    'attendant_more',
    '',
    [
      K(1, ivr('to_do_a_echo_test')),
      K(2, ivr('to_listen_to_moh')),
      K('*', ivr('to_return_to_previous_menu')),
    ].join(' '),
  ],
  [
    'attendant_closed_choices',
    '',
    `${K(1, ivr('to_leave_a_message'))} ${ivr('for_directory_press')} digits/9 ${ivr('enter_ext_pound')}`,
  ],
  ['msgcount', '1', `${vm('you_have')} digits/1 ${vm('new', 'message')}`],
]

test('every macro of a mailbox plays its sounds', () => playPhrases('en', voicemail))

test('every macro of the directory by name plays its sounds', () => playPhrases('en', directory))

test('every macro of menus, queues, rooms and dates plays its sounds', () =>
  playPhrases('en', office))

test("every macro that the tree has, the menus' own aside, is one of these", async () => {
  await using s = await startLanguage('en')
  const language = childWith(s.sw.xml.section('languages'), 'language', 'name', 'en')
  const groups = children(child(language, 'phrases'), 'macros')
  const names = groups.flatMap((group) => children(group, 'macro').map(nameOf))
  const tried = [...voicemail, ...directory, ...office].map(([macro]) => macro)
  const others = [
    'press_key',
    'voicemail_offer_email',
    'screen_confirm',
    'saydate',
    'say_short_date',
    'fifo_position',
    // By the clock: test/call/attendant.test.ts.
    'attendant_greeting',
    'attendant_closed',
    'attendant_lunch',
  ]
  const untried = names.filter((name) => !tried.includes(name) && !others.includes(name))
  assert.deepEqual(
    untried.filter((name) => !name.startsWith('demo_')),
    [],
  )
  assert.equal(new Set(names).size, names.length)
})

const nameOf = (macro: XmlNode) => attribute(macro, 'name') ?? ''
