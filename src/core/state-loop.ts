/** Drives a channel through its states: one loop per channel, one function per state. */
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { LegStats } from '../media/engine.ts'
import type { Activity } from './activity.ts'
import { attendUntilAborted } from './attend.ts'
import { copiedForms, keepCopies } from './cdr/copied-records.ts'
import { recordCall, recordersOf } from './cdr/recorders.ts'
import { xmlRecord } from './cdr/xml-record.ts'
import type { Channel } from './channel.ts'
import { addChannelHeaders } from './channel-event.ts'
import type { ChannelState } from './channel-states.ts'
import { closeStreams, pastFigures } from './channel-streams.ts'
import { routeChannel } from './dialplan/route.ts'
import { executeApplication } from './execute.ts'
import { beginReportHook } from './hooks.ts'
import { parkChannel } from './park.ts'
import { setCause, setReportVariables } from './report-variables.ts'
import { recordingsFinished } from './session-record.ts'
import { isTrue } from './variables.ts'

const log = logger('core/state')

/** An activity that has not ended so long after it was told to is reported, and the call ended without it. */
const unwindLimitMs = 5000

type StateWork = (channel: Channel, activity: Activity) => Promise<void> | void

/** Begins a channel's life. Endpoints call it for inbound channels, `originate` for outbound ones. */
export function startChannel(channel: Channel): void {
  channel.sw.channels.add(channel)
  void runLoop(channel).catch((thrown: unknown) => {
    log.crit(`the state loop failed: ${reasonOf(thrown)}`, channel.uuid)
    channel.hangup('CRASH')
    channel.sw.channels.remove(channel)
  })
}

async function runLoop(channel: Channel): Promise<void> {
  announceState(channel)
  channel.moveTo('init')
  for (;;) {
    const state = channel.state
    channel.runningState = state
    showCallState(channel, state)
    if (state !== 'init') announceState(channel)
    const activity = channel.begin(true)
    const moved = channel.untilMoved()
    try {
      const working = work[state](channel, activity)
      if (working) await unwound(channel, working, activity)
    } catch (thrown) {
      log.err(`${state} failed: ${reasonOf(thrown)}`, channel.uuid)
      channel.hangup('NORMAL_TEMPORARY_FAILURE')
    } finally {
      channel.finish(activity)
    }
    if (state === 'destroy') return
    await moved
  }
}

/** A caller rings while it is routed, whatever it was before, and is what it was again when that is over. */
function showCallState(channel: Channel, state: ChannelState): void {
  if (state === 'hangup') channel.setCallState('HANGUP')
  if (channel.direction === 'outbound' || !channel.isUp || channel.isHeld) return
  if (state === 'routing') channel.setCallState('RINGING')
  else if (channel.isAnswered) channel.setCallState('ACTIVE')
  else if (channel.isEarly) channel.setCallState('EARLY')
}

function announceState(channel: Channel): void {
  channel.sw.events.announce('CHANNEL_STATE', (event) => addChannelHeaders(event, channel))
}

/** Waits for the work of a state, but not for ever once it was told to end. */
function unwound(channel: Channel, working: Promise<void>, activity: Activity): Promise<void> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined
    const overdue = () => {
      const application = channel.variables.get('current_application') ?? channel.runningState
      log.err(
        `${application} did not end when told to; the channel goes on without it`,
        channel.uuid,
      )
      resolve()
    }
    let isOver = false
    activity.onAbort(() => {
      if (!isOver) timer = setTimeout(overdue, unwindLimitMs).unref()
    })
    const finish = () => {
      isOver = true
      clearTimeout(timer)
    }
    working.then(
      () => {
        finish()
        resolve()
      },
      (thrown: unknown) => {
        finish()
        reject(thrown)
      },
    )
  })
}

const work: Readonly<Record<ChannelState, StateWork>> = {
  new: () => undefined,

  async init(channel) {
    channel.moveTo('routing')
    announceState(channel)
    await channel.driver.dial?.()
    channel.announce('CHANNEL_CREATE')
    if (channel.direction === 'outbound') channel.announce('CHANNEL_ORIGINATE')
  },

  async routing(channel, activity) {
    if (channel.isOriginating) {
      // Nobody answered yet: the leg belongs to whoever dials it.
      channel.moveTo('consume_media')
      return
    }
    await routeChannel(channel, activity)
  },

  async execute(channel, activity) {
    while (!activity.aborted) {
      const action = channel.actions.shift()
      if (!action) break
      const { extension } = channel.profile
      if (extension) extension.next = extension.actions.length - channel.actions.length
      await executeApplication(channel, action.application, action.data)
    }
    if (activity.aborted || !channel.isUp || channel.state !== 'execute') return
    log.debug('no more actions; hanging up', channel.uuid)
    channel.hangup('NORMAL_CLEARING')
  },

  async soft_execute(channel, activity) {
    const task = channel.task
    channel.task = undefined
    if (task) await task(activity.signal)
    if (!activity.aborted && channel.state === 'soft_execute') channel.hangup('NORMAL_CLEARING')
  },

  exchange_media: attendUntilAborted,
  consume_media: attendUntilAborted,
  hibernate: (_channel, activity) => activity.untilAborted(),
  reset: (_channel, activity) => activity.untilAborted(),

  park: parkChannel,

  hangup(channel) {
    setCause(channel)
    channel.moveTo('reporting')
  },

  async reporting(channel) {
    const [stats, streams] = await Promise.all([closeMedia(channel), closeStreams(channel)])
    await recordingsFinished(channel)
    const hook = channel.variables.get('api_hangup_hook')
    const reports = channel.sw.events.wants('CHANNEL_HANGUP_COMPLETE')
    const recorders = recordersOf(channel)
    const copied = copiedForms(channel)
    if (
      reports ||
      recorders.length > 0 ||
      copied.length > 0 ||
      hook ||
      channel.variables.has('api_reporting_hook')
    ) {
      channel.driver.report?.()
      setReportVariables(channel, stats, streams)
    }
    if (hook) {
      const { ran } = await beginReportHook(channel, hook)
      // What it sets stands in the record.
      if (recorders.length > 0) await withinPatience(ran)
    }
    keepCopies(channel, copied, { stats, streams })
    recordCall(channel, recorders, { stats, streams })
    channel.announce('CHANNEL_HANGUP_COMPLETE', (event) => {
      event.headers.unshift(['Hangup-Cause', channel.hangupCause ?? 'NORMAL_CLEARING'])
      if (!isTrue(channel.variables.get('hangup_complete_with_xml'))) return
      event.add('CDR-Attached', 'xml')
      event.body = xmlRecord(channel, { stats, streams })
    })
    const reportingHook = channel.variables.get('api_reporting_hook')
    if (reportingHook) await beginReportHook(channel, reportingHook)
    channel.moveTo('destroy')
  },

  destroy(channel) {
    channel.queue.clear()
    channel.sw.channels.remove(channel)
    channel.announce('CHANNEL_DESTROY')
  },
}

/** A hook that takes longer has no say in the record. */
const hookPatienceMs = 2000

async function withinPatience(ran: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, hookPatienceMs).unref()
  })
  await Promise.race([ran, late])
  clearTimeout(timer)
}

async function closeMedia(channel: Channel): Promise<LegStats | undefined> {
  const { media } = channel
  if (!media) return pastFigures(channel)
  try {
    return await media.close()
  } catch (thrown) {
    log.err(`closing the media leg failed: ${reasonOf(thrown)}`, channel.uuid)
    return undefined
  }
}
