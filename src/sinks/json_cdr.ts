/** mod_json_cdr: a document of each call, in a folder or posted to a web server (json_cdr.conf.xml). */
import type { Module } from '../core/interfaces.ts'
import { startRecorders } from './call_document/recorder.ts'
import { readDocumentSettings } from './call_document/settings.ts'

export const module: Module = {
  name: 'mod_json_cdr',
  start(sw) {
    const settings = readDocumentSettings(sw, sw.configuration('json_cdr.conf'), {
      kind: 'json_cdr',
      name: 'json_cdr',
      agent: 'freeswitch-json/1.0',
      form: 'json',
    })
    return Promise.resolve(startRecorders(sw, [settings]))
  },
}
