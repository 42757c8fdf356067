/** How the tables of profile and gateway params say one in a line. */
import type { Setting } from './settings.ts'

export const text = (name: string, def: string | undefined, about: string): Setting => ({
  name,
  type: 'text',
  about,
  ...(def === undefined ? {} : { default: def }),
})

/** Known from other configurations; the log says that it does nothing here, unless the file asks for what is so anyway. */
export const idle = (
  names: string,
  about: string,
  silent: Pick<Setting, 'fits' | 'onlyWith'> = {},
): Setting[] =>
  names.split(' ').map((name) => ({ ...text(name, undefined, about), ignored: true, ...silent }))

export const number = (name: string, def: string | undefined, about: string): Setting => ({
  ...text(name, def, about),
  type: 'number',
})

export const yes = (name: string, def: 'true' | 'false', about: string): Setting => ({
  ...text(name, def, about),
  type: 'boolean',
})
