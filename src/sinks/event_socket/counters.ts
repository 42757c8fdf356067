/** What the event socket has seen, for `event_socket` figures and the log. */

export const counters = {
  connections: 0,
  refused: 0,
  badInput: 0,
  badPassword: 0,
  eventsLost: 0,
}
