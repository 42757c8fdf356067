/** mod_xml_cdr: a document of each call, in a folder or posted to a web server (xml_cdr.conf.xml). */
import type { Module } from '../core/interfaces.ts'
import { startRecorders } from './call_document/recorder.ts'
import { readDocumentSettings } from './call_document/settings.ts'

export const module: Module = {
  name: 'mod_xml_cdr',
  start(sw) {
    const settings = readDocumentSettings(sw, sw.configuration('xml_cdr.conf'), {
      kind: 'xml_cdr',
      name: 'xml_cdr',
      agent: 'freeswitch-xml/1.0',
      form: 'xml',
    })
    return Promise.resolve(startRecorders(sw, [settings]))
  },
}
