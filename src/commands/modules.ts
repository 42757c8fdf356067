/** Loading, unloading and asking for modules; reading the configuration anew. */
import { reasonOf, SwitchError } from '../base/errors.ts'
import { usage } from '../core/command-usage.ts'
import type { Command } from '../core/interfaces.ts'
import type { Switch } from '../core/switch.ts'

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

/** Reads the XML anew; says so, or nothing when it does not parse and the old one stays. */
async function reloadFirst(sw: Switch): Promise<string> {
  try {
    await sw.reloadXml()
    return '+OK Reloading XML\n'
  } catch {
    return ''
  }
}

/** Why a module could not be loaded; undefined when it is. */
async function loadModule(sw: Switch, name: string): Promise<string | undefined> {
  try {
    const isThere = await sw.modules.load(name)
    return isThere ? undefined : 'module load file routine returned an error'
  } catch (thrown) {
    const isLoaded = thrown instanceof SwitchError && thrown.code === 'MODULE_LOADED'
    return isLoaded ? 'Module already loaded' : reasonOf(thrown)
  }
}

/** The module of `[-f] <name>`. Nothing here refuses to be unloaded, so that -f changes nothing. */
function moduleName(args: string): string {
  return args.startsWith('-') ? args.replace(/^-[^ ]* ?/, '') : args
}

export const load: Command = {
  name: 'load',
  syntax: '<mod_name>',
  about: 'Load Module',
  completions: ['::console::list_available_modules'],
  async run(args, { sw }) {
    if (args === '') return usage(load.syntax)
    const note = await reloadFirst(sw)
    const problem = await loadModule(sw, args)
    return `${note}${problem === undefined ? '+OK' : `-ERR [${problem}]`}\n`
  },
}

export const unload: Command = {
  name: 'unload',
  syntax: '[-f] <mod_name>',
  about: 'Unload module',
  completions: ['::console::list_loaded_modules'],
  async run(args, { sw }) {
    const name = moduleName(args)
    if (name === '') return usage(unload.syntax)
    return (await sw.modules.unload(name)) ? '+OK\n' : '-ERR [No such module!]\n'
  },
}

export const reload: Command = {
  name: 'reload',
  syntax: '[-f] <mod_name>',
  about: 'Reload module',
  completions: ['::console::list_loaded_modules'],
  async run(args, { sw }) {
    const name = moduleName(args)
    if (name === '') return usage(reload.syntax)
    let reply = await reloadFirst(sw)
    const wasLoaded = await sw.modules.unload(name)
    reply += wasLoaded ? '+OK module unloaded\n' : '-ERR unloading module [No such module!]\n'
    const problem = await loadModule(sw, name)
    return `${reply}${problem === undefined ? '+OK module loaded' : `-ERR loading module [${problem}]`}\n`
  },
}
