/** The command `valet_info`. */
import type { Command } from '../../core/interfaces.ts'
import { escapeAttribute, escapeText } from '../../xml/write.ts'
import { lotsOf } from './lots.ts'

export const valetInfo: Command = {
  name: 'valet_info',
  syntax: '[<lot>]',
  about: 'Who is parked where',
  run(args, { sw }) {
    const lots = lotsOf(sw)
      .list()
      .filter(({ name }) => args === '' || name.toLowerCase() === args.toLowerCase())
      .map((lot) => {
        const slots = lot
          .held()
          .map(
            ({ holder, extension }) =>
              `    <extension uuid="${holder.uuid}">${escapeText(extension)}</extension>\n`,
          )
        return `  <lot name="${escapeAttribute(lot.name)}">\n${slots.join('')}  </lot>\n`
      })
    return `<lots>\n${lots.join('')}</lots>\n`
  },
}
