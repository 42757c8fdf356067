/** Members are called for those who wait: for one caller after the other (ringall), or for the fifo as a whole (enterprise). */
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { Channel } from '../../core/channel.ts'
import { newUuid } from '../../core/events.ts'
import type { HangupCause } from '../../core/hangup-cause.ts'
import { originate } from '../../core/originate/originate.ts'
import { separate } from '../../core/separate.ts'
import { isTrue, Variables } from '../../core/variables.ts'
import type { Entry } from './entry.ts'
import type { Fifo } from './fifo.ts'
import type { Fifos } from './fifos.ts'
import { announceFifo } from './info-event.ts'
import { type FifoMember, freeMembers } from './members.ts'

const log = logger('applications/fifo')

const usualRingSeconds = 60
/** ms that a member who has answered has until he hears his caller. */
const meetMs = 5000

/** Calls as many members as are needed now; returns at once. */
export function dialMembers(fifos: Fifos, fifo: Fifo): void {
  const needed = () => fifo.waiting - fifo.ringing.size
  // Consumers who wait on the line come first.
  while (needed() > 0 && (fifo.consumers.size === 0 || fifo.idleConsumers === 0)) {
    const free = freeMembers(fifos.members, fifo.name, fifos.now())
    if (free.length === 0) return
    const { strategy, perCycle, perCycleLeast } = fifo.outbound
    if (strategy === 'ringall') {
      const entry = nextFor(fifo)
      if (!entry) return
      const chosen = perCycle > 0 ? free.slice(0, perCycle) : free
      begin(() => ringAll(fifos, fifo, chosen, entry), fifo)
      continue
    }
    const wanted = Math.max(
      perCycle > 0 ? Math.min(perCycle, needed()) : needed(),
      fifo.ringing.size === 0 ? perCycleLeast : 0,
    )
    for (const member of free.slice(0, wanted)) begin(() => ringOne(fifos, fifo, member), fifo)
    return
  }
}

function begin(dial: () => Promise<void>, fifo: Fifo): void {
  void dial().catch((thrown: unknown) =>
    log.err(`calling members of ${fifo.name} failed: ${reasonOf(thrown)}`),
  )
}

/** The caller for whom members are called next: a VIP, else the first who is not being served yet. */
function nextFor(fifo: Fifo): Entry | undefined {
  const open = fifo
    .entries()
    .filter((entry) => entry.channel?.isUp && !entry.dialling && entry.reservedFor === undefined)
  return open.find(({ isVip }) => isVip) ?? open[0]
}

/** All of them ring for one caller; the first to answer has him. */
async function ringAll(
  fifos: Fifos,
  fifo: Fifo,
  members: readonly FifoMember[],
  entry: Entry,
): Promise<void> {
  const caller = entry.channel
  if (!caller) return
  const calling = new AbortController()
  entry.dialling = calling
  fifo.ringing.add(calling)
  const originateUuid = newUuid()
  caller.variables.set('fifo_originate_uuid', originateUuid)
  const list = members.map(({ uuid }) => uuid).join(',')
  const about = {
    'outbound-strategy': 'ringall',
    'caller-uuid': caller.uuid,
    originate_string: members.map(({ originateString }) => originateString).join(','),
    'FIFO-Outbound-UUID-List': list,
  }
  announceFifo(caller, fifo.name, 'pre-dial', about)
  count(fifos, members, 1)
  try {
    const { channel, cause } = await firstToAnswer(
      fifos,
      fifo,
      members,
      calling,
      caller,
      (member) => {
        const variables = legVariables(fifos, fifo, member, caller)
        variables.set('fifo_originate_uuid', originateUuid)
        return variables
      },
    )
    if (entry.dialling === calling) entry.dialling = undefined
    if (!channel) {
      const isExcused = cause === 'ORIGINATOR_CANCEL' || cause === 'PICKED_OFF'
      count(fifos, members, -1)
      if (!isExcused) for (const member of members) noteFailure(fifos, fifo, member)
      announceFifo(fifos.sw, fifo.name, 'post-dial', {
        ...about,
        result: 'failure',
        acceptable: String(isExcused),
        cause,
      })
      return
    }
    announceFifo(channel, fifo.name, 'post-dial', {
      ...about,
      'FIFO-Outbound-UUID': channel.variables.get('fifo_outbound_uuid'),
      result: 'success',
    })
    entry.reservedFor = channel.uuid
    channel.variables.unset('fifo_pop_order')
    await runConsumer(channel, `${fifo.name} out nowait`)
    count(fifos, members, -1)
    if (entry.reservedFor === channel.uuid) entry.reservedFor = undefined
  } finally {
    fifo.ringing.delete(calling)
    fifos.wake()
  }
}

/** What each leg is told and shows. */
function legVariables(fifos: Fifos, fifo: Fifo, member: FifoMember, caller: Channel): Variables {
  const variables = new Variables()
  variables.set('ignore_early_media', 'true')
  variables.set('outbound_redirect_fatal', 'true')
  variables.set('fifo_outbound_uuid', member.uuid)
  variables.set('fifo_name', fifo.name)
  variables.set('fifo_bridge_uuid', caller.uuid)
  const name = caller.text('caller_id_name') ?? ''
  const prefix = fifo.outbound.name
  const shown = prefix.startsWith('=') ? prefix.slice(1) : prefix ? `(${prefix}) ${name}` : name
  if (!member.originateString.includes('origination_caller_id_name='))
    variables.set('origination_caller_id_name', shown)
  if (!member.originateString.includes('origination_caller_id_number='))
    variables.set('origination_caller_id_number', caller.text('caller_id_number') ?? '')
  for (const exported of separate(caller.text('fifo_export') ?? '', ',')) {
    const value = caller.text(exported)
    if (value !== undefined) variables.set(exported, value)
  }
  const codecs = codecsOf(fifos, caller)
  if (codecs) variables.set('absolute_codec_string', codecs)
  return variables
}

/** Only what the caller speaks, so that nothing has to be coded anew. */
function codecsOf(fifos: Fifos, caller: Channel): string | undefined {
  const { variables } = caller
  const codec = variables.get('rtp_use_codec_name')
  if (!codec || fifos.settings.allowsTranscoding) return undefined
  if (isTrue(variables.get('fifo_allow_transcoding'))) return undefined
  const rate = variables.get('rtp_use_codec_rate') ?? '8000'
  const ptime = variables.get('rtp_use_codec_ptime') ?? '20'
  const own = `${codec}@${ptime}i@${rate}h`
  return /^pcm[ua]$/i.test(codec) ? own : `${own},PCMU@${ptime}i,PCMA@${ptime}i`
}

/** Dials all of them at the same time, each by its own dial string; those who lose are told so. */
async function firstToAnswer(
  fifos: Fifos,
  fifo: Fifo,
  members: readonly FifoMember[],
  calling: AbortController,
  caller: Channel | undefined,
  variablesOf: (member: FifoMember) => Variables,
): Promise<{ readonly channel?: Channel; readonly cause: HangupCause }> {
  const race = new AbortController()
  const giveUp = () => race.abort(calling.signal.reason)
  calling.signal.addEventListener('abort', giveUp, { once: true })
  if (calling.signal.aborted) giveUp()
  let winner: Channel | undefined
  let cause: HangupCause = 'NO_ANSWER'
  fifos.figures.dialled += members.length
  if (fifos.debug > 0)
    log.notice(`${fifo.name}: ${members.map(({ originateString }) => originateString).join(' ')}`)
  await Promise.all(
    members.map(async (member) => {
      const result = await originate(fifos.sw, {
        dialString: member.originateString,
        variables: variablesOf(member),
        timeoutSeconds: member.timeout || fifo.outbound.ringSeconds || usualRingSeconds,
        near: caller?.media,
        signal: race.signal,
      })
      if (!result.channel) cause = result.cause
      else if (winner || race.signal.aborted)
        result.channel.hangup(winner ? 'LOSE_RACE' : 'ORIGINATOR_CANCEL')
      else {
        winner = result.channel
        race.abort('LOSE_RACE' satisfies HangupCause)
      }
    }),
  )
  calling.signal.removeEventListener('abort', giveUp)
  if (winner && calling.signal.aborted) {
    winner.hangup('ORIGINATOR_CANCEL')
    winner = undefined
  }
  if (winner) return { channel: winner, cause: 'SUCCESS' }
  fifos.figures.diallingFailed++
  return { cause: calling.signal.aborted ? cancelCause(calling.signal) : cause }
}

function cancelCause({ reason }: AbortSignal): HangupCause {
  return reason === 'PICKED_OFF' ? 'PICKED_OFF' : 'ORIGINATOR_CANCEL'
}

/** One member rings for the fifo: whoever waits when he answers is his. */
async function ringOne(fifos: Fifos, fifo: Fifo, member: FifoMember): Promise<void> {
  const calling = new AbortController()
  fifo.ringing.add(calling)
  const about = {
    'FIFO-Outbound-UUID': member.uuid,
    'outbound-strategy': 'enterprise',
    originate_string: member.originateString,
  }
  announceFifo(fifos.sw, fifo.name, 'pre-dial', about)
  count(fifos, [member], 1)
  try {
    const { channel, cause } = await firstToAnswer(
      fifos,
      fifo,
      [member],
      calling,
      undefined,
      () => {
        const variables = new Variables()
        variables.set('fifo_name', fifo.name)
        variables.set('fifo_hangup_check', fifo.name)
        variables.set('execute_on_answer', 'unset fifo_hangup_check')
        if (!member.originateString.includes('origination_caller')) {
          variables.set('origination_caller_id_name', 'Queue')
          variables.set('origination_caller_id_number', `Queue: ${fifo.outbound.name || fifo.name}`)
        }
        return variables
      },
    )
    count(fifos, [member], -1)
    if (!channel) {
      if (!calling.signal.aborted) noteFailure(fifos, fifo, member)
      announceFifo(fifos.sw, fifo.name, 'post-dial', { ...about, result: 'failure', cause })
      return
    }
    announceFifo(channel, fifo.name, 'post-dial', { ...about, result: 'success' })
    channel.variables.set('fifo_outbound_uuid', member.uuid)
    const wish = (
      channel.variables.get('fifo_member_wait') ?? channel.variables.get('member_wait')
    )?.toLowerCase()
    // Until he has his caller he counts as ringing, so that nobody else is called for the same one.
    await runConsumer(channel, `${fifo.name} out ${wish === 'nowait' ? 'nowait' : 'wait'}`)
  } finally {
    fifo.ringing.delete(calling)
    fifos.wake()
  }
}

/** The member's channel becomes a consumer. Resolves when he talks, has gone, or it takes too long. */
function runConsumer(channel: Channel, data: string): Promise<void> {
  channel.actions = [{ application: 'fifo', data }]
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer)
      for (const handle of handles) handle[Symbol.dispose]()
      resolve()
    }
    const timer = setTimeout(finish, meetMs)
    const handles = [
      channel.signals.once('bridged', finish),
      channel.signals.once('hangup', finish),
    ]
    if (!channel.isUp || !channel.moveTo('execute')) finish()
  })
}

function count(fifos: Fifos, members: readonly FifoMember[], step: 1 | -1): void {
  for (const member of members)
    fifos.members.change(member, { ringCount: Math.max(0, member.ringCount + step) })
}

/** He is left alone for his lag, and comes behind the more reliable ones. */
function noteFailure(fifos: Fifos, fifo: Fifo, member: FifoMember): void {
  fifos.members.change(member, {
    outboundFailCount: member.outboundFailCount + 1,
    outboundFailTotalCount: member.outboundFailTotalCount + 1,
    nextAvail: fifos.now() + fifo.outbound.retrySeconds + member.lag + 1,
  })
}
