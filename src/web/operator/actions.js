/** What can be done with the chosen row: for which rows, by which right, in which words, and what is asked of the server. */
import { legName } from './views.js'
import { named } from './words.js'

const isLeg = ({ view }) => view === 'legs'
const isRoom = ({ view, depth }) => view === 'conferences' && depth === 0
const isMember = ({ view, depth }) => view === 'conferences' && depth === 1
const isAgent = ({ view, row }) => view === 'queues' && row.kind === 'agent'

const ofRoom =
  (action) =>
  ({ row }) => ({ action, conference: row.name })
const ofMember =
  (action) =>
  ({ row }) => ({ action, member: String(row.id) })

/** One that is taken back by the same button. */
function either(id, right, fits, isOn, [on, onWords], [off, offWords], of) {
  return {
    id,
    right,
    fits,
    words: ({ row }) => (isOn(row) ? offWords : onWords),
    ask: (entry) => of(isOn(entry.row) ? off : on)(entry),
  }
}

const agentWords = { Available: 'Available', 'On Break': 'On break', 'Logged Out': 'Logged out' }

export const actions = [
  {
    id: 'hang-up',
    right: 'hangup',
    fits: isLeg,
    style: 'stop',
    words: () => 'Hang up',
    ask: ({ key }) => ({ action: 'hangup', uuid: key }),
  },
  {
    id: 'listen',
    right: 'listen',
    fits: isLeg,
    words: () => 'Listen',
    ask: ({ key }) => ({ action: 'listen', uuid: key }),
  },
  either(
    'mute',
    'mute',
    isMember,
    ({ isMuted }) => isMuted,
    ['mute', 'Mute'],
    ['unmute', 'Unmute'],
    ofMember,
  ),
  either(
    'deafen',
    'mute',
    isMember,
    ({ isDeaf }) => isDeaf,
    ['deaf', 'Make deaf'],
    ['undeaf', 'Let hear'],
    ofMember,
  ),
  {
    id: 'kick',
    right: 'kick',
    fits: isMember,
    style: 'stop',
    words: () => 'Remove',
    ask: ofMember('kick'),
  },
  either(
    'lock',
    'lock',
    isRoom,
    ({ isLocked }) => isLocked,
    ['lock', 'Lock'],
    ['unlock', 'Unlock'],
    ofRoom,
  ),
  either(
    'record',
    'record',
    isRoom,
    ({ isRecorded }) => isRecorded,
    ['record', 'Record'],
    ['norecord', 'End recording'],
    ofRoom,
  ),
  {
    id: 'hang-up-all',
    right: 'hangup',
    fits: isRoom,
    style: 'stop',
    words: () => 'Hang up all',
    question: ({ row }) => `Hang up all ${row.count} in ${row.name}?`,
    ask: ofRoom('hangup-all'),
  },
  ...Object.entries(agentWords).map(([status, words]) => ({
    id: `agent-${status.toLowerCase().replace(' ', '-')}`,
    right: 'agents',
    fits: isAgent,
    words: () => words,
    isOn: ({ row }) => row.status === status,
    ask: ({ row }) => ({ action: 'agent', queue: row.queue, agent: row.name, status }),
  })),
]

/** Whom the news of an action is about; empty where it says so itself. */
export function subjectOf(entry) {
  if (isLeg(entry)) return legName(entry.row)
  if (isAgent(entry)) return ''
  const { name, number } = entry.row
  return isMember(entry) ? named(name, number) : name
}

/** The channels of the call that a row is about: their lines of the log are shown. */
export function callOf({ view, key, row }) {
  if (view === 'legs') return [key, row.partner].filter(Boolean)
  return row.uuid ? [row.uuid] : []
}
