/** bind_digit_action, clear_digit_action and digit_action_set_realm: numbers that do something during a call. */
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import { bindDigits, clearDigits, setDigitRealm, type Target } from '../core/digit-actions.ts'
import type { Application } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'

const log = logger('applications/bind_digit_action')

/** Any other word is the channel itself. */
function targetOf(text: string | undefined): Target {
  const word = text?.trim().toLowerCase()
  return word === 'peer' || word === 'both' ? word : 'self'
}

export const bindDigitAction: Application = {
  name: 'bind_digit_action',
  syntax: '<realm>,<digits|~regex>,<string>[,<value>][,<dtmf target leg>][,<event target leg>]',
  about: 'Let digits or an expression run an application or a command while the channel lives',
  needs: 'nothing',
  run(channel, data) {
    const [realm = '', digits = '', what = '', value = '', dials, acts] = separate(data, ',', 6)
    if (realm === '' || digits === '' || what === '')
      return log.err(`bind_digit_action ${data}: ${bindDigitAction.syntax}`, channel.uuid)
    try {
      const action = { what, value, target: targetOf(acts) }
      bindDigits(channel, realm, digits, targetOf(dials), action)
    } catch (thrown) {
      log.err(`bind_digit_action ${data}: ${reasonOf(thrown)}`, channel.uuid)
    }
  },
}

export const clearDigitAction: Application = {
  name: 'clear_digit_action',
  syntax: '<realm>|all[,<target>]',
  about: 'Take back bindings of bind_digit_action',
  needs: 'nothing',
  run(channel, data) {
    const [realm = '', target] = separate(data, ',')
    if (realm === '') return log.err(`clear_digit_action: ${clearDigitAction.syntax}`, channel.uuid)
    clearDigits(channel, realm, targetOf(target))
  },
}

export const digitActionSetRealm: Application = {
  name: 'digit_action_set_realm',
  syntax: '<realm>|none[,<target>]',
  about: 'Choose the realm whose bindings of bind_digit_action count',
  needs: 'nothing',
  run(channel, data) {
    const [realm = '', target] = separate(data, ',')
    if (realm === '')
      return log.err(`digit_action_set_realm: ${digitActionSetRealm.syntax}`, channel.uuid)
    if (!setDigitRealm(channel, realm, targetOf(target)))
      log.err(`digit_action_set_realm: there is no realm ${realm}`, channel.uuid)
  },
}
