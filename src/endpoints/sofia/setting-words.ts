/** How the tables of profile and gateway params say one in a line. */
import type { Setting } from '../../core/settings.ts'

export const text = (name: string, def: string | undefined, about: string): Setting => ({
  name,
  type: 'text',
  about,
  ...(def === undefined ? {} : { default: def }),
})

export const number = (name: string, def: string | undefined, about: string): Setting => ({
  ...text(name, def, about),
  type: 'number',
})

export const yes = (name: string, def: 'true' | 'false', about: string): Setting => ({
  ...text(name, def, about),
  type: 'boolean',
})
