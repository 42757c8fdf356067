/** ivr: a menu of ivr.conf.xml. */
import { logger } from '../../base/log.ts'
import type { Application } from '../../core/interfaces.ts'
import { child } from '../../xml/query.ts'
import { readMenu } from './menu.ts'
import { MenuRun } from './run-menu.ts'

const log = logger('applications/ivr')

export const ivr: Application = {
  name: 'ivr',
  syntax: '<menu name>',
  about: 'Run a menu of ivr.conf.xml; ivr_menu_status tells how it ended',
  needs: 'media',
  // A break ends the sound that plays, not the menu.
  ignoresBreak: true,
  async run(channel, data, { signal }) {
    const menus = child(channel.sw.configuration('ivr.conf'), 'menus')
    if (!menus) return log.err('ivr.conf has no <menus>', channel.uuid)
    const menu = readMenu(menus, data.trim())
    if (!menu) return log.err(`ivr.conf has no menu "${data.trim()}"`, channel.uuid)
    await new MenuRun(channel, menus, signal).run(menu)
  },
}
