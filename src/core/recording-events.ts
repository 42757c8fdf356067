/** What the world hears of a recording: events, variables, hooks, and what is to be done with the file. */
import type { RecordResult } from '../media/engine.ts'
import type { Channel } from './channel.ts'
import type { SwitchEvent } from './events.ts'
import { runApplicationHook, runCommandHook, runHooks } from './hooks.ts'
import type { RecordingVariables } from './recording-settings.ts'

/** Says that a recording has begun. */
export function announceStart(channel: Channel, path: string, own: RecordingVariables = []): void {
  channel.announce('RECORD_START', (event) => addHeaders(event, path, own))
  runOwnHook(channel, own, 'execute_on_record_start')
  runHooks(channel, 'record_start')
}

/** Says that it is over; `cause` is what MRCP calls its completion. */
export function announceStop(
  channel: Channel,
  path: string,
  own: RecordingVariables,
  cause: string | undefined,
): void {
  channel.announce('RECORD_STOP', (event) => {
    addHeaders(event, path, own)
    if (cause) event.add('Record-Completion-Cause', cause)
  })
  runOwnHook(channel, own, 'execute_on_record_stop')
  runHooks(channel, 'record_stop')
}

function addHeaders(event: SwitchEvent, path: string, own: RecordingVariables): void {
  event.add('Record-File-Path', path)
  for (const [name, value] of own) event.add(`Recording-Variable-${name}`, value)
}

function runOwnHook(channel: Channel, own: RecordingVariables, name: string): void {
  for (const [given, value] of own) {
    if (given.toLowerCase() === name) void runApplicationHook(channel, value)
  }
}

/** How long it became. */
export function setLengths(channel: Channel, result: RecordResult): void {
  const { variables } = channel
  const seconds = result.samples / result.rate
  variables.set('record_seconds', String(Math.trunc(seconds)))
  variables.set('record_ms', String(Math.trunc(seconds * 1000)))
  variables.set('record_samples', String(result.samples))
  variables.set('record_file_size', String(result.octets))
}

const postApplication = 'record_post_process_exec_app'
const postCommand = 'record_post_process_exec_api'

/** What is to be done with a whole file: `record_post_process_exec_app` (`app:args`) and `…_api` (`command:args`). */
export function postProcess(channel: Channel, own: RecordingVariables = []): void {
  runOwnHook(channel, own, postApplication)
  for (const [name, value] of channel.variables.entries()) {
    if (!name.toLowerCase().startsWith(postApplication)) continue
    for (const one of typeof value === 'string' ? [value] : value)
      void runApplicationHook(channel, one)
  }
  const command = channel.text(postCommand)
  if (command) runCommandHook(channel, command.replace(':', ' '))
}

/** The recordings of one channel go on with another, and so does what is to be done with their files. */
export function handOnPostProcess(from: Channel, to: Channel): void {
  for (const [name, value] of [...from.variables.entries()]) {
    const key = name.toLowerCase()
    if (key.startsWith(postApplication)) from.variables.unset(name)
    else if (key !== postCommand) continue
    if (typeof value === 'string') to.variables.set(name, value)
    else for (const one of value) to.variables.push(name, one)
  }
}
