/** The dialplans `XML` (section dialplan) and `inline` (`app:args,app:args`). */

import { readFile } from 'node:fs/promises'
import { logger } from '../../base/log.ts'
import type { XmlNode } from '../../xml/node.ts'
import { parseXml } from '../../xml/parse.ts'
import { childWith } from '../../xml/query.ts'
import type { CallerProfile } from '../caller-profile.ts'
import type { Channel } from '../channel.ts'
import { executeApplication } from '../execute.ts'
import { foundExtension } from '../found-extension.ts'
import type { Dialplan, PlannedAction } from '../interfaces.ts'
import type { HuntSubject } from './hunt.ts'
import { findContext, hunt, parseInline } from './hunt.ts'

const log = logger('core/dialplan')

/** What hunting reads of a channel and may do to it. */
function huntSubject(channel: Channel, profile: CallerProfile): HuntSubject {
  return {
    field: (name) => profile.read(name) ?? '',
    variable: (name) => channel.text(name),
    expand: (text) => channel.sw.expand(text, channel),
    setVariable: (name, value) => channel.variables.set(name, value),
    runInline: (application, data) => runInline(channel, application, data),
    now: Date.now(),
    zones: channel.sw.timeZones,
    wantsLog: log.wants(7),
    log: (text) => log.debug(`Dialplan: ${channel.name} ${text}`, channel.uuid),
  }
}

/** Runs an action while hunting goes on. One that is known and may not run then is skipped; an unknown one ends the call. */
async function runInline(channel: Channel, application: string, data: string): Promise<void> {
  const known = channel.sw.applications.get(application)
  if (known && !known.inline) {
    log.err(`${application} may not run inline; skipped`, channel.uuid)
    return
  }
  await executeApplication(channel, application, data)
}

export const xmlDialplan: Dialplan = {
  name: 'XML',
  async hunt(channel, profile, argument) {
    const section = argument
      ? sectionOfFile(parseXml(await readFile(argument, 'utf8'), argument))
      : channel.sw.xml.section('dialplan')
    const contextName = profile.get('context') || 'default'
    const context = section && findContext(section, contextName)
    if (!context) {
      log.warning(`there is no context ${contextName}`, channel.uuid)
      return undefined
    }
    const result = await hunt(context, huntSubject(channel, profile), { signal: channel.activity })
    if (!result) return undefined
    const number = profile.get('destination_number')
    profile.extension = foundExtension(result.extension, number, result.actions)
    return result.actions
  },
}

function sectionOfFile(root: XmlNode): XmlNode | undefined {
  return root.name === 'document' ? childWith(root, 'section', 'name', 'dialplan') : root
}

export const inlineDialplan: Dialplan = {
  name: 'inline',
  hunt(channel, profile): Promise<readonly PlannedAction[] | undefined> {
    const text = profile.get('destination_number')
    // The text was a list of actions, not a number: what was dialled before stands as the destination again.
    const before = profile.get('rdnis')
    if (before) {
      profile.set('destination_number', before)
      profile.set('rdnis', '')
    }
    const actions = parseInline(text)
    profile.extension = foundExtension('inline', 'inline', actions)
    if (actions.length === 0) log.warning(`inline dialplan without actions: ${text}`, channel.uuid)
    return Promise.resolve(actions.length > 0 ? actions : undefined)
  },
}
