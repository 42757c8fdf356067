/** What the owner can set by keys: greetings, his name, the PIN. */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { announceMaintenance } from './events.ts'
import { makeFolder, makeLasting, removeFile, temporaryFor } from './files.ts'
import { greetingFile, mostGreetings, nameFile } from './greetings.ts'
import type { Mailbox } from './mailbox.ts'
import { actionOf, keyList, optionsMenu } from './menus.ts'
import { choosePin } from './pin.ts'
import { recordFile } from './record-file.ts'
import { askKey, isOver, say, soundWithKeys, type Talk } from './talk.ts'

/** Until he goes back or presses nothing. */
export async function runOptions(talk: Talk, box: Mailbox): Promise<void> {
  const { values } = talk.profile
  const keys = keyList(
    values,
    'record-greeting-key',
    'choose-greeting-key',
    'record-name-key',
    'change-pass-key',
    'main-menu-key',
  )
  let left = Math.max(1, values.number('max-retries'))
  while (!isOver(talk) && left > 0) {
    const key = await askKey(talk, 'config_menu', keys)
    const action = actionOf(optionsMenu, key, values)
    if (action === undefined) left--
    switch (action) {
      case 'back':
        return
      case 'choose greeting':
        await chooseGreeting(talk, box, keys)
        break
      case 'record greeting':
        await recordGreeting(talk, box, keys)
        break
      case 'record name':
        await recordName(talk, box)
        break
      case 'change PIN':
        await choosePin(talk, box)
        break
      default:
    }
  }
}

/** 0 takes the chosen one away. */
async function chooseGreeting(talk: Talk, box: Mailbox, keys: string): Promise<void> {
  const { channel, profile } = talk
  const key = await askKey(talk, 'choose_greeting', keys)
  if (isOver(talk)) return
  const number = /^\d$/.test(key) ? Number(key) : -1
  const path = number > 0 ? greetingFile(box, number) : ''
  if (number < 0 || number > mostGreetings || (path !== '' && !existsSync(path)))
    return say(talk, 'choose_greeting_fail')
  if (path !== '') await soundWithKeys(talk, path, true)
  profile.store.setPreference(box, 'greeting_path', path)
  const action = path === '' ? 'remove-greeting' : 'change-greeting'
  const headers = path === '' ? [] : [['VM-Greeting-Path', path] as const]
  announceMaintenance(profile.sw, action, box, [], channel, headers)
  await say(talk, 'greeting_selected', key)
}

async function recordGreeting(talk: Talk, box: Mailbox, keys: string): Promise<void> {
  const { channel, profile } = talk
  const key = await askKey(talk, 'choose_greeting', keys)
  if (isOver(talk)) return
  const number = /^\d$/.test(key) ? Number(key) : 0
  if (number < 1 || number > mostGreetings) return say(talk, 'choose_greeting_fail')
  const path = greetingFile(box, number)
  if (!(await recordOwn(talk, path, 'record_greeting', true))) return
  profile.store.setPreference(box, 'greeting_path', path)
  const headers = [['VM-Greeting-Path', path] as const]
  announceMaintenance(profile.sw, 'record-greeting', box, [], channel, headers)
}

async function recordName(talk: Talk, box: Mailbox): Promise<void> {
  const { channel, profile } = talk
  const path = nameFile(box)
  if (!(await recordOwn(talk, path, 'record_name', false))) return
  profile.store.setPreference(box, 'name_path', path)
  const headers = [['VM-Name-Path', path] as const]
  announceMaintenance(profile.sw, 'record-name', box, [], channel, headers)
}

/** Records to `path`; what was there stays until the new one is whole and its owner keeps it. */
async function recordOwn(
  talk: Talk,
  path: string,
  macro: string,
  hasLeast: boolean,
): Promise<boolean> {
  await makeFolder(dirname(path))
  const uuid = randomUUID()
  const recorded = temporaryFor(path, uuid)
  const whole = temporaryFor(path, `${uuid}_whole`)
  try {
    const { outcome } = await recordFile(talk, {
      macro,
      temporary: recorded,
      path: whole,
      hasLeast,
      hasEscapes: false,
      keep: () => makeLasting(recorded, whole),
      again: () => removeFile(whole),
    })
    if (outcome === 'failed') await say(talk, 'ack', 'deleted')
    if (outcome !== 'kept') return false
    await makeLasting(whole, path)
    return true
  } finally {
    for (const file of [recorded, whole]) await removeFile(file)
  }
}
