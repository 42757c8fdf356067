/** version, banner, hostname, switchname: who answers. */
import { hostname as machineName } from 'node:os'
import type { Command } from '../core/interfaces.ts'

export const version: Command = {
  name: 'version',
  syntax: '[short]',
  about: 'The version of the switch',
  run(args, { sw }) {
    const number = sw.options.version
    // Programs look for the number behind these words.
    if (args === '') return `FreeSWITCH Version ${number} (Strowger)\n`
    if (/short/i.test(args)) return `${number.replace(/[-+].*/, '')}\n`
    return `FreeSWITCH Version ${number} (Strowger ${number})\n`
  },
}

export const hostname: Command = {
  name: 'hostname',
  syntax: '',
  about: 'The name of this machine',
  run: (_args, { sw }) => sw.globals.get('hostname') ?? machineName(),
}

export const switchname: Command = {
  name: 'switchname',
  syntax: '',
  about: 'The name of this switch',
  run: (_args, { sw }) => sw.globals.get('switchname') ?? machineName(),
}

export const banner: Command = {
  name: 'banner',
  syntax: '',
  about: 'Return the system banner',
  run: (_args, { sw }) => `Strowger ${sw.options.version}\n`,
}
