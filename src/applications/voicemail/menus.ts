/** What the keys mean, menu by menu: a setting of the profile names the key. Where two settings name the same one, the first counts. */
import type { Values } from '../../core/settings.ts'

type Menu<Action extends string> = readonly (readonly [setting: string, action: Action])[]

/** Numbers of messages have been told. */
export const mainMenu = [
  ['play-new-messages-key', 'new'],
  ['play-saved-messages-key', 'saved'],
  ['terminator-key', 'leave'],
  ['config-menu-key', 'options'],
  ['undelete-file-key', 'undelete'],
] as const satisfies Menu<string>

/** Greetings, name, PIN. */
export const optionsMenu = [
  ['main-menu-key', 'back'],
  ['choose-greeting-key', 'choose greeting'],
  ['record-greeting-key', 'record greeting'],
  ['change-pass-key', 'change PIN'],
  ['record-name-key', 'record name'],
] as const satisfies Menu<string>

/** While number and date of a message are told, or it plays: what ends that, and is then looked up in `messageMenu`. */
export const playingMenu = [
  ['delete-file-key', 'choose'],
  ['save-file-key', 'choose'],
  ['previous-message-key', 'choose'],
  ['next-message-key', 'choose'],
  ['repeat-message-key', 'choose'],
  ['terminator-key', 'ask'],
  ['skip-info-key', 'skip'],
  ['forward-key', 'choose'],
  ['undelete-file-key', 'choose'],
] as const satisfies Menu<string>

/** What else can be done while a sound of somebody's own plays. */
export const soundMenu = [
  ['pause-key', 'pause'],
  ['restart-key', 'restart'],
  ['ff-key', 'ahead'],
  ['rew-key', 'back'],
] as const satisfies Menu<string>

/** A message was heard. Anything else saves it. */
export const messageMenu = [
  ['previous-message-key', 'previous'],
  ['repeat-message-key', 'repeat'],
  ['next-message-key', 'next'],
  ['listen-file-key', 'hear'],
  ['callback-key', 'call back'],
  ['forward-key', 'forward'],
  ['delete-file-key', 'delete'],
  ['email-key', 'email'],
  ['save-file-key', 'save'],
] as const satisfies Menu<string>

/** The same of one that was deleted in this call. */
export const deletedMenu = [['undelete-file-key', 'undelete'], ...messageMenu] as const

/** Something was recorded. Anything else keeps it. */
export const recordedMenu = [
  ['listen-file-key', 'hear'],
  ['record-file-key', 'again'],
  ['save-file-key', 'keep'],
] as const satisfies Menu<string>

/** A message was left. */
export const urgentMenu = [['urgent-key', 'urgent']] as const satisfies Menu<string>

/** A message is forwarded. */
export const forwardMenu = [
  ['prepend-key', 'introduce'],
  ['forward-key', 'send'],
] as const satisfies Menu<string>

/** While a greeting plays to a caller. */
export const greetingMenu = [
  ['login-keys', 'log in'],
  ['operator-key', 'operator'],
  ['vmain-key', 'vmain'],
  ['skip-greet-key', 'record'],
] as const satisfies Menu<string>

/** While a message was being left and was too short: keys that mean something else. */
export const escapeMenu = [
  ['operator-key', 'operator'],
  ['vmain-key', 'vmain'],
] as const satisfies Menu<string>

/** What a key means in a menu; undefined when it means nothing there. */
export function actionOf<const M extends Menu<string>>(
  menu: M,
  key: string,
  values: Pick<Values, 'text'>,
): M[number][1] | undefined {
  if (key === '') return undefined
  return menu.find(([setting]) => values.text(setting).includes(key))?.[1]
}

/** The keys of settings as phrase macros take them: `1:2:5:#`. */
export function keyList(values: Pick<Values, 'text'>, ...settings: readonly string[]): string {
  return settings.map((setting) => values.text(setting)).join(':')
}
