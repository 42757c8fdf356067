/** Conferences with their members, and queues with their agents and callers: rows that have others below them. */
import { named, since } from './words.js'

export const conferences = {
  name: 'conferences',
  title: 'Conferences',
  empty: 'There is no conference.',
  columns: [
    {
      title: 'Conference',
      width: 'minmax(7rem, 2fr)',
      text: (row, { depth }) => (depth > 0 ? named(row.name, row.number) : row.name),
    },
    {
      title: 'In it',
      width: '3.5rem',
      isNumber: true,
      text: ({ count }, { depth }) => (depth > 0 ? '' : count),
    },
    { title: 'For', width: '4.5rem', isNumber: true, text: (row) => since(row.since) },
    {
      title: 'State',
      width: 'minmax(6rem, 2fr)',
      text: (row, { depth }) => (depth > 0 ? memberMarks(row) : roomMarks(row)),
    },
    {
      title: 'Who',
      width: 'minmax(9rem, 3fr)',
      isWide: true,
      text: (_row, { children }) => (children ? names(children) : ''),
    },
  ],
  /** The members of each, in the order in which they came. */
  children(tables) {
    const rooms = new Map()
    for (const entry of tables.get('members').entries()) {
      const { conference } = entry.row
      if (!rooms.has(conference)) rooms.set(conference, [])
      rooms.get(conference).push({ key: `member ${entry.key}`, row: entry.row })
    }
    return ({ key }) => rooms.get(key) ?? []
  },
  classes: ({ isTalking }) => (isTalking ? 'talking' : ''),
  ticks: true,
}

export const queues = {
  name: 'queues',
  title: 'Queues',
  empty: 'There is no queue.',
  columns: [
    {
      title: 'Queue',
      width: 'minmax(4.5rem, 2fr)',
      text: (row) => (row.kind === 'caller' ? named(row.name, row.number) : row.name),
    },
    { title: 'Waiting', width: '4.6rem', isNumber: true, text: countOf(isWaiting) },
    { title: 'Talking', width: '4.6rem', isNumber: true, text: countOf((one) => !isWaiting(one)) },
    {
      title: 'Longest',
      width: '5rem',
      isNumber: true,
      isWide: true,
      text: (row) => (row.callers ? longestWait(row) : ''),
    },
    {
      title: 'State',
      width: 'minmax(4.5rem, 2fr)',
      text: (row) => (row.agents ? statusCounts(row) : stateInQueue(row)),
    },
    {
      title: 'Who',
      width: 'minmax(8rem, 2fr)',
      isWide: true,
      text: ({ callers }) => (callers ? listed(callers.map(callerText)) : ''),
    },
  ],
  children:
    () =>
    ({ key, row: { name, agents, callers } }) => [
      ...agents.map((one) => ({
        key: `agent ${key} ${one.name}`,
        row: { kind: 'agent', queue: name, ...one },
      })),
      ...callers.map((one) => ({
        key: `caller ${key} ${one.uuid}`,
        row: { kind: 'caller', queue: name, ...one },
      })),
    ],
  ticks: true,
}

const listed = (words) => words.filter(Boolean).join(', ')

function roomMarks({ isLocked, isRecorded }) {
  return listed([isLocked ? 'locked' : '', isRecorded ? 'recorded' : ''])
}

function memberMarks({ isTalking, hasFloor, isMuted, isDeaf, isHeld, isModerator }) {
  return listed([
    isTalking ? 'talking' : '',
    hasFloor ? 'has the floor' : '',
    isMuted ? 'muted' : '',
    isDeaf ? 'hears nothing' : '',
    isHeld ? 'on hold' : '',
    isModerator ? 'moderator' : '',
  ])
}

/** More than anybody reads is a number. */
const mostNames = 12

function names(children) {
  const some = children.slice(0, mostNames).map(({ row }) => named(row.name, row.number))
  const more = children.length - some.length
  return listed([...some, more > 0 ? `${more} more` : ''])
}

function isWaiting({ state }) {
  return state !== 'Answered'
}

/** How many callers are so; nothing for what is no queue. */
function countOf(isSo) {
  return ({ callers }) => (callers ? callers.filter(isSo).length : '')
}

function statusCounts({ agents }) {
  const counts = new Map()
  for (const { status } of agents) counts.set(status, (counts.get(status) ?? 0) + 1)
  return listed([...counts].map(([status, count]) => `${count} ${status.toLowerCase()}`))
}

function stateInQueue({ kind, status, state, calls, since: joined }) {
  if (kind === 'agent') return `${status}, ${state.toLowerCase()}, calls answered: ${calls}`
  return `caller, ${state.toLowerCase()}, ${since(joined * 1000)}`
}

function callerText({ number, agent }) {
  return `${number}${agent ? ` (${agent})` : ''}`
}

function longestWait({ callers }) {
  const waiting = callers.filter(isWaiting)
  return waiting.length > 0 ? since(Math.min(...waiting.map((one) => one.since)) * 1000) : ''
}
