/** mod_dialplan_xml: the dialplans XML and inline. */
import { inlineDialplan, xmlDialplan } from './dialplan-xml.ts'
import type { Module } from './interfaces.ts'

export const module: Module = {
  name: 'mod_dialplan_xml',
  dialplans: [xmlDialplan, inlineDialplan],
}
