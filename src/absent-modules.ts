/** Modules that a modules.conf.xml of FreeSWITCH may name and that are not here: what is there without them, or what is missing. */
import type { ModuleAbsence } from './core/module-table.ts'

/** What these bring is there without a module. */
const parts: Readonly<Record<string, string>> = {
  mod_h26x: 'video passes through, whatever its codec',
  mod_limit: 'limit is in mod_hash and mod_db',
  mod_posix_timer: 'the media engine has its own clock',
  mod_rtc: 'WebRTC is in mod_verto and mod_sofia',
  mod_timerfd: 'the media engine has its own clock',
  mod_voipcodecs: 'its codecs are in mod_spandsp',
  mod_vp8: 'video passes through, whatever its codec',
}

const scripts = 'scripts are not run, and dialplan actions and commands that start one fail'
const pictures = 'conferences have no pictures, and films are neither played nor recorded'
const lookup = 'nothing is looked up there'
const rates = 'calls are neither routed nor charged by it'
const records =
  'calls are written down by mod_cdr_csv, mod_xml_cdr, mod_json_cdr and mod_format_cdr'
const messages = 'events go out by mod_event_socket alone'

/** What does not work without these. */
const missing: Readonly<Record<string, string>> = {
  mod_alsa: 'there are no sound cards here',
  mod_amqp: messages,
  mod_av: pictures,
  mod_b64: 'the codec B64 is not there',
  mod_blacklist: lookup,
  mod_bv: 'the codecs BV16 and BV32 are not there',
  mod_cdr_mongodb: records,
  mod_cdr_pg_csv: records,
  mod_cdr_sqlite: records,
  mod_cepstral: 'texts are spoken by mod_flite, mod_espeak_ng or mod_tts_commandline',
  mod_cidlookup: 'names of callers are not looked up',
  mod_codec2: 'the codec Codec 2 is not there',
  mod_curl: 'the command and the action curl are not there',
  mod_dialplan_asterisk: 'dialplans are XML',
  mod_dialplan_directory: 'dialplans are XML',
  mod_dingaling: 'there is no XMPP',
  mod_distributor: rates,
  mod_easyroute: rates,
  mod_enum: 'numbers are not looked up in the DNS; the dialplan enum is not there',
  mod_erlang_event: messages,
  mod_esf: 'esf_page_group is not there; page calls telephones one by one',
  mod_event_multicast: messages,
  mod_fsv: 'play_fsv and record_fsv are not there',
  mod_g723_1: 'the codec G.723.1 is not there',
  mod_hiredis: lookup,
  mod_httapi: 'calls are not steered by HTTP',
  mod_isac: 'the codec iSAC is not there',
  mod_java: scripts,
  mod_kazoo: messages,
  mod_lcr: rates,
  mod_lua: `Lua ${scripts}`,
  mod_managed: scripts,
  mod_memcache: lookup,
  mod_mongo: lookup,
  mod_nibblebill: rates,
  mod_odbc_cdr: records,
  mod_perl: `Perl ${scripts}`,
  mod_png: pictures,
  mod_pocketsphinx: 'speech is not recognized',
  mod_portaudio: 'there are no sound cards here',
  mod_python: `Python ${scripts}`,
  mod_python3: `Python ${scripts}`,
  mod_radius_cdr: records,
  mod_redis: lookup,
  mod_rtmp: 'there are no Flash phones; browsers come by mod_verto',
  mod_signalwire: 'that service is not used',
  mod_silk: 'the codec SILK is not there',
  mod_siren: 'the codec G.722.1 is not there',
  mod_skinny: 'there is no SCCP; telephones come by SIP',
  mod_snapshot: 'recordings begin when they are asked for',
  mod_snmp: 'status and counters tell figures',
  mod_spidermonkey: `JavaScript ${scripts}`,
  mod_syslog: 'the log goes to mod_console and mod_logfile',
  mod_translate: 'the dialplan translates numbers',
  mod_unimrcp: 'speech is not recognized, and texts are not spoken by MRCP',
  mod_v8: `JavaScript ${scripts}`,
  mod_video_filter: pictures,
  mod_vmd: 'mod_avmd hears beeps',
  mod_voicemail_ivr: 'mod_voicemail has its own menus',
  mod_xml_curl: 'the configuration is read from files alone',
  mod_xml_ldap: 'the configuration is read from files alone',
  mod_xml_rpc: 'commands come by mod_event_socket and mod_verto alone',
  mod_xml_scgi: 'the configuration is read from files alone',
}

/** What is known of a module that is not here, by its name; undefined: nobody has such a module. */
export function absentModule(name: string): ModuleAbsence | undefined {
  const part = parts[name]
  if (part !== undefined) return { isPartOfUs: true, words: part }
  const language = /^mod_say_(\w+)$/.exec(name)?.[1]
  const words = language
    ? `numbers and dates are not said in "${language}"; mod_say_en and mod_say_de are there`
    : missing[name]
  return words === undefined ? undefined : { isPartOfUs: false, words }
}
