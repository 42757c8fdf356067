/** mod_format_cdr: as mod_xml_cdr and mod_json_cdr, as many as there are profiles in format_cdr.conf.xml. */
import type { Module } from '../core/interfaces.ts'
import { startRecorders } from './call_document/recorder.ts'
import { readDocumentSettings } from './call_document/settings.ts'

export const module: Module = {
  name: 'mod_format_cdr',
  start(sw) {
    const lists = sw.configuration('format_cdr.conf')?.children ?? []
    const profiles = lists
      .filter(({ name }) => name === 'profiles')
      .flatMap(({ children }) => children.filter(({ name }) => name === 'profile'))
    const settings = profiles.map((profile) =>
      readDocumentSettings(sw, profile, {
        kind: 'format_cdr',
        name: `format_cdr/${profile.attributes.get('name') ?? ''}`,
        agent: 'freeswitch-format-cdr/1.0',
        form: undefined,
      }),
    )
    return Promise.resolve(startRecorders(sw, settings))
  },
}
