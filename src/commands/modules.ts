/** Loading, unloading and asking for modules; reading the configuration anew. */
import { reasonOf } from '../base/errors.ts'
import type { Command } from '../core/interfaces.ts'

export const moduleExists: Command = {
  name: 'module_exists',
  syntax: '<module>',
  about: 'Whether a module is loaded',
  run: (args, { sw }) => (args === '' ? '' : String(sw.modules.has(args))),
}

export const reloadxml: Command = {
  name: 'reloadxml',
  syntax: '',
  about: 'Read the configuration anew',
  async run(_args, { sw }) {
    try {
      await sw.reloadXml()
      return '+OK [Success]\n'
    } catch (thrown) {
      // The old configuration stays; the bracket says what is wrong with the new one.
      return `+OK [${reasonOf(thrown)}]\n`
    }
  },
}

export const reloadacl: Command = {
  name: 'reloadacl',
  syntax: '',
  about: 'Read the configuration and its access lists anew',
  async run(args, { sw }) {
    const note =
      args.toLowerCase() === 'reloadxml'
        ? 'This option is deprecated, we now always reloadxml.\n'
        : ''
    try {
      await sw.reloadXml()
      return `${note}+OK acl reloaded\n`
    } catch (thrown) {
      return `${note}-ERR [${reasonOf(thrown)}]\n`
    }
  },
}
