/** The owner of a mailbox says who he is: id, PIN, and the choice of one where there is none yet. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { logger } from '../../base/log.ts'
import type { Channel } from '../../core/channel.ts'
import { isTrue } from '../../core/variables.ts'
import { countersOf } from './counters.ts'
import { announceMaintenance } from './events.ts'
import { findMailbox, type Mailbox, timezoneOf } from './mailbox.ts'
import { choosePin } from './pin.ts'
import { askDigits, isOver, say, type Talk } from './talk.ts'
import { voicemailsOf } from './voicemails.ts'

const log = logger('applications/voicemail')

export interface LoginRequest {
  /** Empty: he is asked. */
  readonly id: string
  readonly domain: string
  /** The dialplan knows him. */
  readonly isKnown: boolean
}

/** `given up`: nothing was entered, or nobody is there; `refused`: too many wrong entries. */
export type LoginOutcome = Mailbox | 'given up' | 'refused'

export async function logIn(talk: Talk, request: LoginRequest): Promise<LoginOutcome> {
  const { channel, profile } = talk
  // "auth" without a mailbox would open any that somebody names.
  const isKnown = request.isKnown && request.id !== ''
  if (request.isKnown && !isKnown)
    log.warning('voicemail auth without an id is no authentication: it is asked for', channel.uuid)
  for (let left = profile.values.number('max-login-attempts'); left > 0; left--) {
    if (isOver(talk)) return 'given up'
    let { id } = request
    if (id === '') {
      const entry = await askDigits(talk, 'enter_id')
      if (isOver(talk) || entry.isLate) return 'given up'
      if (entry.digits === '') continue
      id = entry.digits
    }
    const box = findMailbox(profile, id, request.domain, channel.uuid)
    // Who asks for a mailbox by keys must not learn which ones there are.
    if (!box && request.id !== '') return 'given up'
    const zone = box && timezoneOf(box)
    if (zone) channel.variables.set('timezone', zone)
    const verdict = isKnown && box ? 'good' : await askPin(talk, box, id, request.domain)
    if (verdict === 'given up') return 'given up'
    if (verdict === 'nothing') continue
    const name = box ?? { user: id, domain: request.domain }
    const result = verdict === 'good' ? 'success' : 'fail'
    announceMaintenance(profile.sw, 'authentication', name, [], channel, [
      ['VM-Auth-Result', result],
    ])
    if (verdict === 'good' && box) {
      countersOf(profile.sw).logins++
      return box
    }
    await say(talk, 'fail_auth')
  }
  return 'refused'
}

type Verdict = 'good' | 'bad' | 'nothing' | 'given up'

async function askPin(
  talk: Talk,
  box: Mailbox | undefined,
  id: string,
  domain: string,
): Promise<Verdict> {
  const { channel, profile } = talk
  const { sw, values } = profile
  const hasPin = box !== undefined && hasOwnPin(box)
  if (box && !hasPin && isOwnPhone(channel, box)) {
    log.notice(`${box.user}@${box.domain} has no PIN yet and chooses one`, channel.uuid)
    return (await choosePin(talk, box)) ? 'good' : 'given up'
  }
  const entry = await askDigits(talk, 'enter_pass')
  if (isOver(talk) || entry.isLate) return 'given up'
  if (entry.digits === '') return 'nothing'
  const counters = countersOf(sw)
  const { guard } = voicemailsOf(sw)
  const limits = [values.number('lockout-attempts'), values.number('lockout-seconds')] as const
  const name = `${profile.name}/${id}@${domain}`.toLowerCase()
  const source = `from ${channel.profile.get('network_addr') || channel.profile.get('caller_id_number')}`
  const isLocked = [name, source].some((each, index) =>
    guard.isLocked(each, limits[0] * (index === 0 ? 1 : sourceFactor), limits[1]),
  )
  if (!isLocked && box && isRightPin(box, entry.digits)) {
    guard.succeeded(name)
    return 'good'
  }
  if (isLocked) counters.lockedOut++
  else counters.wrongPins++
  guard.failed(name, limits[0], limits[1])
  guard.failed(source, limits[0] * sourceFactor, limits[1])
  log.warning(
    `voicemail auth failure for [${id}@${domain}] ${source} (${channel.profile.get('caller_id_number')})${isLocked ? ': locked' : box && !hasPin ? ': it has no PIN' : ''}`,
    channel.uuid,
  )
  return 'bad'
}

/** One place may hold many phones: it may be wrong more often than one mailbox. */
const sourceFactor = 3

/** Whether the call comes from a phone on which this very user is registered. */
function isOwnPhone(channel: Channel, box: Mailbox): boolean {
  return (
    isTrue(channel.variables.get('sip_authorized')) &&
    channel.variables.get('user_name')?.toLowerCase() === box.user.toLowerCase() &&
    channel.variables.get('domain_name')?.toLowerCase() === box.domain.toLowerCase()
  )
}

/** The PIN of the directory: `vm-password`, unless it only says that the user is to choose. */
function directoryPin(box: Mailbox): string {
  const pin = box.param('vm-password')
  return pin.toLowerCase() === 'user-choose' ? '' : pin
}

/** Whether somebody has given the mailbox a PIN: the directory, or its owner. */
function hasOwnPin(box: Mailbox): boolean {
  return (
    directoryPin(box) !== '' ||
    box.param('vm-a1-hash') !== '' ||
    box.profile.store.preferences(box).password !== ''
  )
}

/** Whether these digits open the mailbox. */
function isRightPin(box: Mailbox, digits: string): boolean {
  const { values, store } = box.profile
  const chosen = store.preferences(box).password
  if (chosen !== '' && isSame(chosen, digits)) return true
  if (chosen !== '' && values.boolean('db-password-override')) return false
  const pin = directoryPin(box)
  const hash = box.param('vm-a1-hash')
  if (pin === '' && hash === '' && chosen === '') {
    if (isRightSipPassword(box, digits)) return true
    const isOpen = values.boolean('allow-empty-password-auth')
    return isOpen && box.param('password') === '' && box.param('a1-hash') === ''
  }
  if (pin !== '' && isSame(pin, digits)) return true
  return hash !== '' && isSame(hash.toLowerCase(), hashOf(box, digits))
}

/** Where nobody gave a PIN that of the phone counts, if it is one that can be keyed and is the user's own. */
function isRightSipPassword(box: Mailbox, digits: string): boolean {
  const shared = box.profile.sw.globals.get('default_password')
  if (digits === shared) return false
  const password = box.param('password')
  if (password !== '' && isSame(password, digits)) return true
  const hash = box.param('a1-hash')
  return hash !== '' && isSame(hash.toLowerCase(), hashOf(box, digits))
}

function hashOf({ user, domain }: Mailbox, digits: string): string {
  return createHash('md5').update(`${user}:${domain}:${digits}`).digest('hex')
}

/** Compares in the same time whatever differs. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest())
  return a !== undefined && b !== undefined && timingSafeEqual(a, b)
}
