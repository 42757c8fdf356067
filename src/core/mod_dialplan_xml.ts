/** mod_dialplan_xml: the dialplan XML. */
import { xmlDialplan } from './dialplan-xml.ts'
import type { Module } from './interfaces.ts'

export const module: Module = { name: 'mod_dialplan_xml', dialplans: [xmlDialplan] }
