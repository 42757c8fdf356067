/** Every module that modules.conf.xml can name, and what brings it. Nothing is read from disk until it is asked for. */
import { moduleCodecs } from './codecs/index.ts'
import type { Module } from './core/interfaces.ts'

type Loader = () => Promise<{ readonly module: Module }>

const loaders: Readonly<Record<string, Loader>> = {
  mod_amd: () => import('./applications/amd.ts'),
  mod_avmd: () => import('./applications/avmd.ts'),
  mod_callcenter: () => import('./applications/callcenter/index.ts'),
  mod_cdr_csv: () => import('./sinks/cdr_csv/index.ts'),
  mod_commands: () => import('./commands/index.ts'),
  mod_conference: () => import('./applications/conference/index.ts'),
  mod_console: () => import('./sinks/console.ts'),
  mod_db: () => import('./commands/mod_db.ts'),
  mod_dialplan_xml: () => import('./core/dialplan/mod_dialplan_xml.ts'),
  mod_directory: () => import('./applications/directory/index.ts'),
  mod_dptools: async () => {
    const [{ module }, { errorEndpoint }, { groupEndpoint }, pickup, { userEndpoint }] =
      await Promise.all([
        import('./applications/index.ts'),
        import('./endpoints/error/index.ts'),
        import('./endpoints/group/index.ts'),
        import('./endpoints/pickup/index.ts'),
        import('./endpoints/user/index.ts'),
      ])
    const endpoints = [errorEndpoint, groupEndpoint, pickup.pickupEndpoint, userEndpoint]
    const applications = [...(module.applications ?? []), pickup.pickup]
    return { module: { ...module, endpoints, applications } }
  },
  mod_espeak_ng: () => import('./speech/espeak_ng.ts'),
  mod_event_socket: () => import('./sinks/event_socket/index.ts'),
  mod_expr: () => import('./commands/mod_expr.ts'),
  mod_fifo: () => import('./applications/fifo/index.ts'),
  mod_format_cdr: () => import('./sinks/format_cdr.ts'),
  mod_flite: () => import('./speech/flite.ts'),
  mod_hash: () => import('./commands/mod_hash.ts'),
  mod_http_cache: () => import('./commands/mod_http_cache.ts'),
  mod_json_cdr: () => import('./sinks/json_cdr.ts'),
  mod_local_stream: () => import('./commands/local_stream.ts'),
  mod_logfile: () => import('./sinks/logfile.ts'),
  mod_loopback: async () => {
    const [{ module }, { nullEndpoint }] = await Promise.all([
      import('./endpoints/loopback/index.ts'),
      import('./endpoints/null/index.ts'),
    ])
    return { module: { ...module, endpoints: [...(module.endpoints ?? []), nullEndpoint] } }
  },
  mod_opus: () => import('./core/mod_opus.ts'),
  mod_say_de: () => import('./say/de.ts'),
  mod_say_en: () => import('./say/en.ts'),
  mod_sms: () => import('./applications/sms/index.ts'),
  mod_spandsp: async () => {
    const [{ toneApplications, toneCommands }, { spandspStartDtmf, spandspStopDtmf }] =
      await Promise.all([
        import('./applications/spandsp.ts'),
        import('./applications/start_dtmf.ts'),
      ])
    return {
      module: {
        name: 'mod_spandsp',
        codecs: moduleCodecs.mod_spandsp,
        applications: [...toneApplications, spandspStartDtmf, spandspStopDtmf],
        commands: toneCommands,
      },
    }
  },
  mod_spy: () => import('./applications/userspy.ts'),
  mod_voicemail: () => import('./applications/voicemail/index.ts'),
  mod_sofia: () => import('./endpoints/sofia/index.ts'),
  mod_tts_commandline: () => import('./speech/tts_commandline.ts'),
  mod_valet_parking: () => import('./applications/valet_park/index.ts'),
  mod_verto: () => import('./endpoints/verto/index.ts'),
  mod_xml_cdr: () => import('./sinks/xml_cdr.ts'),
}

/**
 * Formats and codecs run in the media workers, which always have them: loading these says that they are there, and without
 * its module a codec is neither offered nor taken.
 */
const built: Readonly<Record<string, Module>> = {
  mod_amr: { name: 'mod_amr', codecs: moduleCodecs.mod_amr },
  mod_amrwb: { name: 'mod_amrwb', codecs: moduleCodecs.mod_amrwb },
  mod_g729: { name: 'mod_g729', codecs: moduleCodecs.mod_g729 },
  mod_ilbc: { name: 'mod_ilbc', codecs: moduleCodecs.mod_ilbc },
  mod_native_file: { name: 'mod_native_file', formats: ['PCMU', 'PCMA', 'G722', 'L16', 'GSM'] },
  mod_opusfile: { name: 'mod_opusfile', formats: ['opus'] },
  mod_shout: { name: 'mod_shout', formats: ['mp3'] },
  mod_sndfile: {
    name: 'mod_sndfile',
    formats: ['wav', 'raw', 'r8', 'r16', 'ul', 'al', 'au', 'aiff', 'ogg'],
  },
  mod_tone_stream: { name: 'mod_tone_stream', formats: ['tone_stream', 'silence_stream'] },
}

/** The module of that name; undefined when there is none. */
export async function loadModule(name: string): Promise<Module | undefined> {
  const loader = loaders[name]
  return loader ? (await loader()).module : built[name]
}

/** The names of all of them. */
export function moduleNames(): string[] {
  return [...Object.keys(loaders), ...Object.keys(built)].sort()
}
