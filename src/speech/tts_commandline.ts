/** tts_commandline: any program that writes a sound file, as tts_commandline.conf.xml names it (mod_tts_commandline). */
import { SwitchError } from '../base/errors.ts'
import type { Module, SpeechEngine, SpeechJob } from '../core/interfaces.ts'
import { readSettings, type Setting, type Values } from '../core/settings.ts'
import { runProgram } from '../core/speech/run-program.ts'
import type { Switch } from '../core/switch.ts'
import type { XmlNode } from '../xml/node.ts'

const table: readonly Setting[] = [
  {
    name: 'command',
    type: 'text',
    about:
      'A line for the shell with ${text}, ${voice}, ${rate} and ${file}, the WAV file to write',
  },
  { name: 'rate', type: 'number', default: '16000', about: 'What ${rate} is, Hz' },
]

/**
 * The line with its `${…}` as variables of the environment, quoted for where each stands: a text is never read by the shell as
 * part of the command, whatever is in it.
 */
export function quoteCommand(command: string): string {
  let quote = ''
  let line = ''
  for (let at = 0; at < command.length; at++) {
    const name = /^\$\{(text|voice|rate|file)\}/.exec(command.slice(at))?.[1]
    const character = command.charAt(at)
    if (name !== undefined) {
      const variable = `$TTS_${name.toUpperCase()}`
      if (quote === '') line += `"${variable}"`
      else if (quote === '"') line += `\${TTS_${name.toUpperCase()}}`
      else line += `'"${variable}"'`
      at += name.length + 2
      continue
    }
    line += character
    if (character === '\\' && quote !== "'") line += command.charAt(++at)
    else if (quote === '' && (character === '"' || character === "'")) quote = character
    else if (character === quote) quote = ''
  }
  return line
}

/** The settings as the XML has them now: a new command counts after reloadxml. */
function settingsReader(sw: Switch): () => Values {
  let node: XmlNode | undefined
  let values: Values | undefined
  return () => {
    const now = sw.configuration('tts_commandline.conf')
    if (!values || now !== node) values = readSettings(now, table)
    node = now
    return values
  }
}

function engineOf(sw: Switch): SpeechEngine {
  const settings = settingsReader(sw)
  return {
    name: 'tts_commandline',
    revision: () => `${settings().text('rate')} ${settings().text('command')}`,
    async render(job: SpeechJob): Promise<void> {
      const command = settings().text('command')
      if (command.trim() === '')
        throw new SwitchError('TTS_FAILED', 'tts_commandline.conf has no command')
      await runProgram({
        command: '/bin/sh',
        args: ['-c', quoteCommand(command)],
        env: {
          TTS_TEXT: job.text,
          TTS_VOICE: job.voice,
          TTS_RATE: settings().text('rate'),
          TTS_FILE: job.path,
        },
        debianPackage: 'dash',
        signal: job.signal,
      })
    },
  }
}

export const module: Module = {
  name: 'mod_tts_commandline',
  start(sw) {
    sw.speechEngines.add(engineOf(sw), 'mod_tts_commandline')
    return Promise.resolve(undefined)
  },
}
