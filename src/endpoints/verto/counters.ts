/** What Verto has dropped, limited and refused; the command `counters` shows it. */

export function vertoCounters() {
  return {
    logins: 0,
    'refused login': 0,
    'refused login rate': 0,
    'refused address': 0,
    'refused full': 0,
    'refused origin': 0,
    'refused idle': 0,
    'refused method': 0,
    'refused permission': 0,
    'refused operator': 0,
    'refused json': 0,
    'refused message': 0,
    'refused size': 0,
    'refused call': 0,
    'slowed messages': 0,
    'dropped events': 0,
    'closed slow': 0,
    'taken over': 0,
    'calls detached': 0,
    'calls reattached': 0,
    'calls expired': 0,
  }
}
