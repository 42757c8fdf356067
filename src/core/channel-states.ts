/** The states of a channel and which may follow which; names and numbers are FreeSWITCH's. */

const channelStates = [
  'new',
  'init',
  'routing',
  'soft_execute',
  'execute',
  'exchange_media',
  'park',
  'consume_media',
  'hibernate',
  'reset',
  'hangup',
  'reporting',
  'destroy',
] as const
export type ChannelState = (typeof channelStates)[number]

/** `CS_EXECUTE`, as events show it. */
export function stateName(state: ChannelState): string {
  return `CS_${state.toUpperCase()}`
}

export function stateNumber(state: ChannelState): number {
  return channelStates.indexOf(state)
}

const working: readonly ChannelState[] = [
  'routing',
  'soft_execute',
  'execute',
  'exchange_media',
  'park',
  'consume_media',
  'hibernate',
  'reset',
  'hangup',
]

/** From a state to those it may become; a missing pair is refused and logged. */
export const allowedMoves: Readonly<Record<ChannelState, readonly ChannelState[]>> = {
  new: ['init', 'hangup'],
  init: working,
  routing: working,
  soft_execute: working,
  execute: working,
  exchange_media: working,
  park: working,
  consume_media: working,
  hibernate: working,
  reset: working,
  hangup: ['reporting'],
  reporting: ['destroy'],
  destroy: [],
}

export const callStates = [
  'DOWN',
  'DIALING',
  'RINGING',
  'EARLY',
  'ACTIVE',
  'HELD',
  'RING_WAIT',
  'HANGUP',
  'UNHELD',
] as const
export type CallState = (typeof callStates)[number]
