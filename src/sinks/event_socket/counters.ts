/** What the event socket has seen, for `event_socket` figures and the log. */

export const counters = {
  connections: 0,
  refused: 0,
  badInput: 0,
  badPassword: 0,
  eventsLost: 0,
  linesLost: 0,
  heldBack: 0,
  timedOut: 0,
  messagesIgnored: 0,
  outbound: 0,
  outboundFailed: 0,
}
