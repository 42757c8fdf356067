/** The server's command line. */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { reasonOf, SwitchError } from './base/errors.ts'

export interface ServerArguments {
  readonly conf: string
  readonly data: string
  readonly sounds: string
  readonly logLevel: string | undefined
  readonly overrides: ReadonlyMap<string, string>
  readonly console: boolean
  readonly version: boolean
  readonly help: boolean
}

export const usage = `Usage: scripts/strowger [options]

  --conf DIR          the configuration: the folder that holds freeswitch.xml (default ./conf)
  --data DIR          registrations, recordings, voicemail, log, generated passwords (default ./data)
  --sounds DIR        prompts and music (default ./sounds)
  --log-level LEVEL   console alert crit err warning notice info debug, or 0–7
  --set NAME=VALUE    beats <X-PRE-PROCESS cmd="set"> of that name; may be given several times
                      (internal_sip_port, external_sip_port, event_socket_port, rtp_start_port,
                      rtp_end_port, local_ip_v4, domain, default_password …)
  --no-console        do not open the console on this terminal; print the log instead
  --version           print the version and end
  --help              print this and end
`

/** Reads the arguments; folders are relative to where the command was typed, defaults to `root`. Throws SwitchError ARGUMENTS_BAD. */
export function readArguments(argv: readonly string[], root: string): ServerArguments {
  const { values, positionals } = parse(argv)
  const extra = positionals[0]
  if (extra !== undefined) throw bad(`${extra} is not an option`)
  const overrides = new Map<string, string>()
  for (const pair of values.set ?? []) {
    const equals = pair.indexOf('=')
    if (equals < 1) throw bad(`--set ${pair}: NAME=VALUE is needed`)
    overrides.set(pair.slice(0, equals), pair.slice(equals + 1))
  }
  return {
    conf: values.conf === undefined ? resolve(root, 'conf') : resolve(values.conf),
    data: values.data === undefined ? resolve(root, 'data') : resolve(values.data),
    sounds: values.sounds === undefined ? resolve(root, 'sounds') : resolve(values.sounds),
    logLevel: values['log-level'],
    overrides,
    console: !values['no-console'],
    version: values.version ?? false,
    help: values.help ?? false,
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        conf: { type: 'string' },
        data: { type: 'string' },
        sounds: { type: 'string' },
        'log-level': { type: 'string' },
        set: { type: 'string', multiple: true },
        'no-console': { type: 'boolean' },
        version: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    })
  } catch (thrown) {
    // Node goes on to explain how such a word could be passed as an operand; there are none here.
    throw bad(reasonOf(thrown).split('. To specify')[0] ?? '')
  }
}

function bad(why: string): SwitchError {
  return new SwitchError('ARGUMENTS_BAD', `${why} (scripts/strowger --help lists the options)`)
}
