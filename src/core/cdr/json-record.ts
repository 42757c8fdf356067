/** A call as JSON: the same as the XML, as mod_json_cdr has it. */
import { applicationLog } from '../application-log.ts'
import type { CallerProfile } from '../caller-profile.ts'
import type { Channel } from '../channel.ts'
import { stateName, stateNumber } from '../channel-states.ts'
import { encodeValue } from '../event-text.ts'
import type { FoundExtension } from '../found-extension.ts'
import { holdsOf } from '../hold-record.ts'
import { arrayText } from '../variables.ts'
import { capText, chain, flagText, jsonFields, mediaFigures, timeFields } from './record-facts.ts'
import type { CallFigures } from './recorders.ts'

/** One line. `encodes`: the values of variables are percent-encoded. */
export function jsonRecord(channel: Channel, figures: CallFigures, encodes: boolean): string {
  const applications = applicationLog(channel)
  const holds = holdsOf(channel)
  const head = JSON.stringify({
    'core-uuid': channel.sw.coreUuid,
    switchname: channel.sw.globals.get('switchname') ?? '',
    channel_data: {
      state: stateName(channel.state),
      direction: channel.direction,
      state_number: String(stateNumber(channel.state)),
      flags: flagText(channel),
      caps: capText(channel),
    },
    callStats: Object.fromEntries(
      mediaFigures(figures).map(({ kind, inbound, outbound }) => [
        kind,
        { inbound: numbersOf(inbound), outbound: numbersOf(outbound) },
      ]),
    ),
  })
  const tail = JSON.stringify({
    ...(applications.length > 0
      ? {
          app_log: {
            applications: applications.map(({ name, data, at }) => ({
              app_name: name,
              app_data: data,
              app_stamp: String(at),
            })),
          },
        }
      : {}),
    ...(holds.length > 0
      ? {
          // Ours: FreeSWITCH tells of holds in XML alone.
          hold_record: holds.map(({ on, off, bridgedTo }) => ({
            on: String(on),
            off: String(off),
            ...(bridgedTo ? { bridged_to: bridgedTo } : {}),
          })),
        }
      : {}),
    callflow: [...chain(channel.profile)].map(callflowOf),
  })
  return `${head.slice(0, -1)},"variables":{${variablesText(channel, encodes)}},${tail.slice(1)}`
}

function numbersOf(
  figures: readonly (readonly [name: string, value: string])[],
): Record<string, number | string> {
  return Object.fromEntries(
    figures.map(([name, value]) => {
      const number = Number(value)
      return [name, Number.isNaN(number) ? value : number]
    }),
  )
}

/** Two hundred members made one by one: as an object of its own they take JavaScript four times as long. */
function variablesText(channel: Channel, encodes: boolean): string {
  const members: string[] = []
  for (const [name, value] of channel.variables.entries()) {
    const text = typeof value === 'string' ? value : arrayText(value)
    // What is percent-encoded has nothing in it that JSON would have to escape.
    members.push(
      `${JSON.stringify(name)}:${encodes ? `"${encodeValue(text)}"` : JSON.stringify(text)}`,
    )
  }
  return members.join(',')
}

function callflowOf(profile: CallerProfile): object {
  const dialplan = profile.get('dialplan')
  return {
    ...(dialplan ? { dialplan } : {}),
    profile_index: String(profile.index),
    ...(profile.extension ? { extension: extensionOf(profile.extension) } : {}),
    caller_profile: {
      ...fieldsOf(profile),
      ...metBy(profile, 'originator'),
      ...metBy(profile, 'originatee'),
    },
    times: Object.fromEntries(
      timeFields.map(([name, time]) => [name, String(profile.times[time])]),
    ),
  }
}

function metBy(profile: CallerProfile, role: 'originator' | 'originatee'): object {
  if (!profile[role]) return {}
  return { [role]: { [`${role}_caller_profiles`]: [...chain(profile[role])].map(fieldsOf) } }
}

function fieldsOf(profile: CallerProfile): object {
  return Object.fromEntries(jsonFields.map((field) => [field, profile.get(field)]))
}

function extensionOf(extension: FoundExtension, dialplan?: string): object {
  const { name, number, actions, next, children } = extension
  const current = actions[next]
  const inner = children.flatMap((child) =>
    child.extension ? [extensionOf(child.extension, child.get('dialplan'))] : [],
  )
  return {
    name,
    number,
    ...(dialplan === undefined ? {} : { dialplan }),
    ...(current ? { current_app: current.application } : {}),
    applications: actions.map((action) => ({
      ...(action === current ? { last_executed: 'true' } : {}),
      app_name: action.application,
      app_data: action.data,
    })),
    ...(inner.length > 0 ? { sub_extensions: inner } : {}),
  }
}
