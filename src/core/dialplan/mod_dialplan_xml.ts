/** mod_dialplan_xml: the dialplan XML. */

import type { Module } from '../interfaces.ts'
import { xmlDialplan } from './dialplan-xml.ts'

export const module: Module = { name: 'mod_dialplan_xml', dialplans: [xmlDialplan] }
