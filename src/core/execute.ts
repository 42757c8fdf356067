/** Runs one application on a channel: expansion, what it needs, events before and after, and nothing it does can break the call. */
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import { preAnswer } from './answer.ts'
import { logApplication } from './application-log.ts'
import type { Channel } from './channel.ts'
import { newUuid } from './events.ts'
import type { Application } from './interfaces.ts'
import { bracketVariables } from './originate/bracket-variables.ts'
import { untilSignal } from './until-signal.ts'
import { isTrue, Variables } from './variables.ts'

const log = logger('core/execute')

/** Applications calling applications: a dialplan that calls itself for ever ends here. */
const maximumDepth = 128

export interface ExecuteOptions {
  readonly uuid?: string | undefined
  readonly uuidName?: string | undefined
  /** Runs even when the channel leaves what it does before it begins (hooks of a transfer). */
  readonly persists?: boolean
}

/**
 * Runs an application by name. Resolves when it is over; never rejects for what the application did.
 * An unknown one hangs up with DESTINATION_OUT_OF_ORDER.
 */
export async function executeApplication(
  channel: Channel,
  name: string,
  data: string,
  options: ExecuteOptions = {},
): Promise<void> {
  // `app::data` with no data of its own is queued and runs when the channel next waits.
  const separator = name.indexOf('::')
  if (separator > 0 && data === '') {
    channel.queue.add({ application: name.slice(0, separator), data: name.slice(separator + 2) })
    return
  }
  const application = channel.sw.applications.get(name)
  if (!application) {
    log.err(`invalid application ${name}`, channel.uuid)
    channel.hangup('DESTINATION_OUT_OF_ORDER')
    return
  }
  if (!channel.isUp && !application.zombie) return
  if (channel.depth >= maximumDepth) {
    log.err(
      `applications call each other more than ${maximumDepth} deep; ${name} is not run`,
      channel.uuid,
    )
    channel.hangup('EXCHANGE_ROUTING_ERROR')
    return
  }
  const { activity } = channel
  const couldRun = !activity.aborted && !options.persists
  // A hangup or a transfer may come while this waits for media or for a command in the text.
  const isCalledOff = () => couldRun && activity.aborted
  const hasAll = application.needs === 'nothing' || channel.hasMedia
  if (!(hasAll || (await meetNeeds(channel, application))) || isCalledOff()) return
  await runApplication(channel, application, data, options, isCalledOff)
}

/** Sees to the sound that an application needs; false when it cannot run. */
async function meetNeeds(channel: Channel, application: Application): Promise<boolean> {
  if (channel.isAnswered && !channel.media && channel.driver.redirectMedia) {
    // Its sound goes past this server: it has to come back first.
    if (!(await channel.driver.redirectMedia('through', false)) && channel.isUp)
      log.warning(`the sound does not come back for ${application.name}`, channel.uuid)
    return channel.isUp
  }
  if (channel.isAnswered || channel.isEarly) return true
  if (channel.direction === 'outbound') {
    // The far end has not opened its sound: FreeSWITCH gives it two seconds and then skips the application.
    const came = await untilMedia(channel, 2000)
    if (!came && channel.isUp) {
      log.warning(`${application.name} needs media and the leg has none; skipped`, channel.uuid)
    }
    return came
  }
  await preAnswer(channel)
  return channel.isUp
}

function untilMedia(channel: Channel, ms: number): Promise<boolean> {
  if (channel.hasMedia) return Promise.resolve(true)
  return untilSignal(channel, ['progress', 'answered'], ms)
}

async function runApplication(
  channel: Channel,
  application: Application,
  data: string,
  options: ExecuteOptions,
  isCalledOff: () => boolean,
): Promise<void> {
  const { variables } = channel
  const uuid = options.uuid ?? variables.get('app_uuid')
  const uuidName = options.uuidName ?? variables.get('app_uuid_name')
  variables.unset('app_uuid')
  variables.unset('app_uuid_name')
  const expands = !isTrue(variables.get('app_disable_expand_variables'))
  const text = expands ? channel.sw.expand(data, channel) : data
  const expanded = typeof text === 'string' ? text : await text
  if (isCalledOff()) return
  const scoped = expands ? scopeOf(expanded) : undefined
  const argument = scoped?.rest ?? expanded
  if (scoped) channel.scopes.push(scoped.variables)
  if (log.wants(6)) {
    log.info(
      `EXECUTE [depth=${channel.depth}] ${channel.name} ${application.name}(${argument})`,
      channel.uuid,
    )
  }
  logApplication(channel, application.name, argument)
  variables.set('current_application', application.name)
  variables.set('current_application_data', argument)
  variables.unset('current_application_response')
  const applicationUuid = uuid ?? (channel.sw.events.wants('CHANNEL_EXECUTE') ? newUuid() : '')
  channel.announce('CHANNEL_EXECUTE', (event) => {
    event.add('Application', application.name)
    if (argument) event.add('Application-Data', argument)
    event.add('Application-UUID', applicationUuid)
    if (uuidName) event.add('Application-UUID-Name', uuidName)
  })
  channel.depth++
  const activity = channel.begin(application.ignoresBreak)
  try {
    const running = application.run(channel, argument, activity)
    if (running) await running
  } catch (thrown) {
    log.err(`${application.name}(${argument}) failed: ${reasonOf(thrown)}`, channel.uuid)
  } finally {
    channel.finish(activity)
    channel.depth--
    if (scoped) channel.scopes.splice(channel.scopes.indexOf(scoped.variables), 1)
  }
  channel.announce('CHANNEL_EXECUTE_COMPLETE', (event) => {
    event.add('Application', application.name)
    if (argument) event.add('Application-Data', argument)
    event.add('Application-Response', variables.get('current_application_response') ?? '_none_')
    event.add('Application-UUID', applicationUuid)
    if (uuidName) event.add('Application-UUID-Name', uuidName)
  })
}

/** `%[a=b,c=d]rest` or `%<delimiter>[…]rest`: variables for this application alone. */
function scopeOf(text: string): { variables: Variables; rest: string } | undefined {
  if (text[0] !== '%') return undefined
  const open = text[1] === '[' ? 1 : text[2] === '[' ? 2 : 0
  if (open === 0) return undefined
  const taken = bracketVariables(text.slice(open), '[', open === 2 ? (text[1] ?? ',') : ',')
  if (!taken) return undefined
  const variables = new Variables()
  for (const [name, value] of taken.variables) variables.set(name, value)
  return { variables, rest: taken.rest }
}
