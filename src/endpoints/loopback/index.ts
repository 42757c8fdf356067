/**
 * The loopback endpoint: `loopback/<extension>[/<context>[/<dialplan>]]` and `loopback/app=<application>[:<data>]`. A call is two
 * legs: -a is the one that was dialled, -b runs the dialplan, and what one says the other hears.
 */
import { preAnswer } from '../../core/answer.ts'
import { Channel } from '../../core/channel.ts'
import type { HangupCause } from '../../core/hangup-cause.ts'
import type { Application, Endpoint, Module, OutgoingLeg } from '../../core/interfaces.ts'
import { isTrue } from '../../core/variables.ts'
import { LoopbackCall } from './call.ts'

const loopbackEndpoint: Endpoint = {
  name: 'loopback',
  module: 'mod_loopback',
  originate(leg): Promise<Channel | HangupCause> | Channel | HangupCause {
    const { originator } = leg
    if (!originator || isTrue(originator.variables.get('loopback_no_pre_answer')))
      return makeLeg(leg)
    if (originator.isEarly || originator.isAnswered || originator.direction === 'outbound') {
      return makeLeg(leg)
    }
    return preAnswer(originator).then(() => makeLeg(leg))
  },
}

function makeLeg(leg: OutgoingLeg): Channel | HangupCause {
  const refused = leg.sw.channels.admit('outbound')
  if (refused) return refused
  const target = parseTarget(leg.destination)
  const { profile } = leg
  profile.set('destination_number', target.extension)
  if (target.context) profile.set('context', target.context)
  if (target.dialplan) profile.set('dialplan', target.dialplan)
  if (!profile.get('context')) profile.set('context', 'default')
  if (!profile.get('dialplan')) profile.set('dialplan', 'xml')
  const call = new LoopbackCall(leg, target)
  const channel = new Channel({
    sw: leg.sw,
    uuid: leg.uuid,
    name: `loopback/${target.extension}-a`,
    source: 'mod_loopback',
    direction: 'outbound',
    profile,
    driver: call.driverA,
  })
  call.begin(channel)
  return channel
}

/** What a loopback leg dials. */
export interface LoopbackTarget {
  readonly extension: string
  readonly context: string
  readonly dialplan: string
  /** Instead of a dialplan: one application and its data. */
  readonly application: { readonly name: string; readonly data: string | undefined } | undefined
}

function parseTarget(destination: string): LoopbackTarget {
  let text = destination
  let application: LoopbackTarget['application']
  if (/^app=/i.test(text)) {
    const colon = text.indexOf(':')
    const name = text.slice(4, colon < 0 ? undefined : colon)
    application = { name, data: colon < 0 ? undefined : text.slice(colon + 1) }
    text = name
  }
  const [extension = '', context = '', ...dialplan] = text.split('/')
  return { extension, context, dialplan: dialplan.join('/'), application }
}

/** Its presence among the actions makes the -b leg step aside for the channel behind the -a leg. */
const unloop: Application = {
  name: 'unloop',
  syntax: '',
  about: 'Let the loopback legs of this call step aside',
  needs: 'nothing',
  run: () => undefined,
}

export const module: Module = {
  name: 'mod_loopback',
  endpoints: [loopbackEndpoint],
  applications: [unloop],
}
