/** Caller controls: what a member's keys do. A group of conference.conf.xml binds digits to the actions below. */
import { placeText, reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { DigitMachine } from '../../core/digit-machine.ts'
import { transfer } from '../../core/transfer.ts'
import { child, children, childWith } from '../../xml/query.ts'
import * as acts from './acts.ts'
import { tellNumber } from './feedback.ts'
import { announceMember } from './maintenance.ts'
import { energyStep, type Member, mostEnergy } from './member.ts'

const log = logger('applications/conference')

/** What one does; `data` is that of the control with its variables filled in, `digits` what was dialled. */
type Act = (member: Member, data: string, digits: string) => void

/** Digits for each action of the group `default`, where the file has none of that name. */
export const usualControls: ReadonlyMap<string, string> = new Map([
  ['0', 'mute'],
  ['*', 'deaf mute'],
  ['9', 'energy up'],
  ['8', 'energy equ'],
  ['7', 'energy dn'],
  ['3', 'vol talk up'],
  ['2', 'vol talk zero'],
  ['1', 'vol talk dn'],
  ['6', 'vol listen up'],
  ['5', 'vol listen zero'],
  ['4', 'vol listen dn'],
  ['#', 'hangup'],
])

/** Every action that a control can name. */
export const controlActions: Readonly<Record<string, Act>> = {
  mute: (member) => (member.canSpeak ? muteOn(member) : muteOff(member)),
  'mute on': muteOn,
  'mute off': muteOff,
  'deaf mute': (member) => {
    if (member.isHeld) return
    if (!member.canSpeak) return muteOff(member)
    acts.mute(member)
    if (member.canHear) acts.deaf(member)
  },
  deaf: (member) => (member.canHear ? acts.deaf(member) : acts.undeaf(member)),
  'deaf on': (member) => {
    if (member.canHear) acts.deaf(member)
  },
  'deaf off': (member) => {
    if (!member.canHear) acts.undeaf(member)
  },
  'energy up': (member) => energy(member, Math.min(mostEnergy, member.energyLevel + energyStep)),
  'energy equ': (member) => energy(member, member.conference.profile.energyLevel),
  'energy dn': (member) => energy(member, Math.max(0, member.energyLevel - energyStep)),
  // As FreeSWITCH has it `talk` is how loud the room talks to him, and `listen` how loud it listens to him.
  'vol talk up': (member) => volume(member, 'out', member.volumeOut + 1),
  'vol talk zero': (member) => volume(member, 'out', 0),
  'vol talk dn': (member) => volume(member, 'out', member.volumeOut - 1),
  'vol listen up': (member) => volume(member, 'in', member.volumeIn + 1),
  'vol listen zero': (member) => volume(member, 'in', 0),
  'vol listen dn': (member) => volume(member, 'in', member.volumeIn - 1),
  hangup: (member) => member.release(),
  lock: toggleLock,
  floor: (member) => void acts.toggleFloor(member),
  'moh toggle': (member) => member.conference.music.set('toggle'),
  event: (member, data, digits) =>
    announceMember(member, 'dtmf', { 'DTMF-Key': digits, Data: data }),
  transfer: transferMember,
  execute_application: executeBeside,
  ...Object.fromEntries(
    [
      'border',
      'vmute',
      'vmute on',
      'vmute off',
      'vmute snap',
      'vmute snapoff',
      'vid-floor',
      'vid-floor-force',
    ].map((name) => [name, withoutPictures(name)]),
  ),
}

function muteOn(member: Member): void {
  if (!member.isHeld && member.canSpeak) acts.mute(member)
}

function muteOff(member: Member): void {
  if (member.isHeld || member.canSpeak) return
  acts.unmute(member)
  if (!member.canHear) acts.undeaf(member)
}

function energy(member: Member, level: number): void {
  member.setEnergy(level)
  if (member.autoEnergyLevel > 0 && level > member.autoEnergyLevel) {
    member.autoEnergyLevel = 0
    member.applyDynamics()
  }
  announceMember(member, 'energy-level', { 'New-Level': String(member.energyLevel) })
  tellNumber(member, Math.trunc(member.energyLevel / energyStep))
}

function volume(member: Member, direction: 'in' | 'out', step: number): void {
  member.setVolume(direction, step)
  const level = direction === 'in' ? member.volumeIn : member.volumeOut
  const action = direction === 'in' ? 'gain-level' : 'volume-level'
  announceMember(member, action, { 'New-Level': String(level) })
  tellNumber(member, level)
}

function toggleLock(member: Member): void {
  const { conference } = member
  if (conference.isWaiting && !member.isModerator) return
  const sound = conference.isLocked ? 'is-unlocked-sound' : 'is-locked-sound'
  conference.playSound(conference.profile.sound(sound), member.channel)
  conference.lock(!conference.isLocked)
}

function transferMember(member: Member, data: string): void {
  announceMember(member, 'transfer', { Dialplan: data })
  const [extension = '', dialplan = 'XML', context = 'default'] = data.split(/ +/)
  if (extension === '') {
    log.err('a control transfer needs an extension', member.channel.uuid)
    return member.release()
  }
  transfer(member.channel, { extension, dialplan, context })
}

/** The conference goes on without him meanwhile. */
function executeBeside(member: Member, data: string): void {
  const space = data.indexOf(' ')
  const application = space < 0 ? data : data.slice(0, space)
  if (application === '')
    return log.err('a control execute_application names none', member.channel.uuid)
  announceMember(member, 'execute_app', { Application: data })
  member.channel.queue.add({
    application,
    data: space < 0 ? '' : data.slice(space + 1),
    isLocked: true,
  })
}

function withoutPictures(name: string): Act {
  return (member) =>
    log.info(`the control ${name} does nothing: sound alone is mixed`, member.channel.uuid)
}

interface Binding {
  readonly digits: string
  readonly action: string
  readonly data: string
}

/** The keys of a member, until he leaves. */
export class Controls {
  readonly #member: Member
  readonly #machine: DigitMachine<Binding>

  private constructor(member: Member, bindings: readonly Binding[]) {
    this.#member = member
    const { digitMs, inputMs } = member.conference.profile
    this.#machine = new DigitMachine<Binding>(
      { matched: (binding, digits) => this.#act(binding, digits), failed: () => undefined },
      { digitMs, inputMs },
    )
    for (const binding of bindings) {
      try {
        this.#machine.bind('conference', binding.digits, false, binding)
      } catch (thrown) {
        log.err(`the control ${binding.digits} is left out: ${reasonOf(thrown)}`)
      }
    }
  }

  /** Those of his group; undefined where he has none. */
  static for(member: Member): Controls | undefined {
    if (member.has('dist-dtmf')) return undefined
    const { profile } = member.conference
    const group =
      member.channel.text('conference_controls') ||
      (member.isModerator && profile.moderatorControls) ||
      profile.callerControls ||
      'default'
    if (group.toLowerCase() === 'none') return undefined
    const bindings = bindingsOf(member, group)
    return bindings.length > 0 ? new Controls(member, bindings) : undefined
  }

  feed(digit: string): void {
    this.#machine.feed(digit)
  }

  close(): void {
    this.#machine.close()
  }

  #act({ action, data }: Binding, digits: string): void {
    const { channel } = this.#member
    channel.variables.set('conference_last_matching_digits', digits)
    const act = async () => {
      const whole = data.includes('$') ? await channel.sw.expand(data, channel) : data
      if (this.#member.isGone || !channel.isUp) return
      controlActions[action]?.(this.#member, whole, digits)
    }
    void act().catch((thrown: unknown) =>
      log.err(`the control ${action} failed: ${reasonOf(thrown)}`, channel.uuid),
    )
  }
}

function bindingsOf(member: Member, group: string): Binding[] {
  const groups = child(member.channel.sw.configuration('conference.conf'), 'caller-controls')
  const node = childWith(groups, 'group', 'name', group)
  if (!node) {
    if (group.toLowerCase() === 'default')
      return [...usualControls].map(([digits, action]) => ({ digits, action, data: '' }))
    log.err(`conference.conf has no caller-controls group "${group}"`, member.channel.uuid)
    return []
  }
  const bindings: Binding[] = []
  for (const control of children(node, 'control')) {
    const action = control.attributes.get('action')?.toLowerCase() ?? ''
    const digits = control.attributes.get('digits') ?? ''
    if (Object.hasOwn(controlActions, action) && digits !== '')
      bindings.push({ digits, action, data: control.attributes.get('data') ?? '' })
    else
      log.warning(
        `${placeText(control.place)}: ${digits === '' ? 'a control needs digits' : `there is no action "${action}"`}`,
      )
  }
  return bindings
}
