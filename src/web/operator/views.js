/** What each table of the server's looks like: its columns, in words that a person reads. */
import { conferences, queues } from './rooms.js'
import { named, since } from './words.js'

const states = {
  DOWN: 'begins',
  DIALING: 'dials',
  RINGING: 'rings',
  EARLY: 'early sound',
  ACTIVE: 'talks',
  HELD: 'on hold',
  RING_WAIT: 'waits',
  UNHELD: 'talks',
  HANGUP: 'ends',
}

const percent = (value) => (value === null ? '' : `${value} %`)

/** A row in full, every column with its title: what a narrow screen leaves out or cuts off. */
export function detailOf({ columns }, entry) {
  const shown = { ...entry, depth: entry.parent === undefined ? 0 : 1 }
  const all = columns.map(({ title, text }) => [title, String(text(entry.row, shown))])
  return all
    .filter(([, text]) => text !== '')
    .map(([title, text], index) => (index === 0 ? text : `${title.toLowerCase()}: ${text}`))
    .join(' · ')
}

/** `1000 Vera → 3000` */
export function legName(row) {
  return `${named(row.fromName, row.from) || row.name} → ${row.to || '?'}`
}

const isPoor = ({ mos, loss }) => (mos !== null && mos < 3.6) || (loss !== null && loss >= 5)

export const views = [
  {
    name: 'legs',
    title: 'Calls',
    empty: 'Nobody is on the phone.',
    columns: [
      {
        title: 'Who calls whom',
        width: 'minmax(7rem, 3fr)',
        text: (row, { depth }) => `${depth > 0 ? '↳ ' : ''}${legName(row)}`,
      },
      { title: 'State', width: 'minmax(4.5rem, 1fr)', text: ({ state }) => states[state] ?? state },
      {
        title: 'For',
        width: '4.2rem',
        isNumber: true,
        text: ({ answered, since: began }) => since(answered || began),
      },
      {
        title: 'Does',
        width: 'minmax(5rem, 1fr)',
        isWide: true,
        text: ({ application, partner }) => (partner ? 'bridged' : application),
      },
      {
        title: 'Codec',
        width: 'minmax(6rem, 1fr)',
        isWide: true,
        text: ({ codec, secure }) => `${codec}${secure ? ', encrypted' : ''}`,
      },
      {
        title: 'Quality',
        width: '4.2rem',
        isNumber: true,
        text: ({ mos }) => (mos === null ? '' : mos.toFixed(1)),
      },
      {
        title: 'Loss',
        width: '4rem',
        isNumber: true,
        isWide: true,
        text: ({ loss }) => percent(loss),
      },
      { title: 'Channel', width: 'minmax(8rem, 2fr)', isWide: true, text: ({ name }) => name },
    ],
    classes: (row) => (isPoor(row) ? 'bad' : ''),
    ticks: true,
  },
  {
    name: 'registrations',
    title: 'Phones',
    empty: 'No telephone is registered.',
    columns: [
      { title: 'User', width: 'minmax(8rem, 2fr)', text: ({ user }) => user },
      {
        title: 'At',
        width: 'minmax(8rem, 2fr)',
        text: ({ phones }) => phones.map(({ address }) => address).join(', '),
      },
      {
        title: 'By',
        width: '4rem',
        isWide: true,
        text: ({ phones }) => [...new Set(phones.map(({ protocol }) => protocol))].join(', '),
      },
      {
        title: 'Telephone',
        width: 'minmax(8rem, 2fr)',
        isWide: true,
        text: ({ phones }) => phones.map(({ agent }) => agent).join(', '),
      },
      {
        title: 'Reached',
        width: '5rem',
        text: ({ phones }) => (phones.every(({ isReachable }) => isReachable) ? 'yes' : 'no'),
      },
      { title: 'Profile', width: '6rem', isWide: true, text: ({ profile }) => profile },
    ],
    classes: ({ phones }) => (phones.every(({ isReachable }) => isReachable) ? '' : 'bad'),
  },
  {
    name: 'gateways',
    title: 'Gateways',
    empty: 'There are no gateways.',
    columns: [
      { title: 'Gateway', width: 'minmax(6rem, 1fr)', text: ({ name }) => name },
      { title: 'State', width: '6rem', text: ({ state }) => state },
      { title: 'To', width: 'minmax(7rem, 2fr)', isWide: true, text: ({ to }) => to },
      { title: 'User', width: 'minmax(5rem, 1fr)', isWide: true, text: ({ user }) => user },
      { title: 'In', width: '3rem', isNumber: true, text: ({ callsIn }) => callsIn },
      { title: 'Out', width: '3rem', isNumber: true, text: ({ callsOut }) => callsOut },
      { title: 'Failed', width: '4rem', isNumber: true, text: ({ failed }) => failed },
      {
        title: 'Ping',
        width: '5rem',
        isNumber: true,
        isWide: true,
        text: ({ ping }) => (ping > 0 ? `${ping} ms` : ''),
      },
    ],
    classes: ({ isUp, state }) => (isUp || state === 'NOREG' ? '' : 'bad'),
  },
  conferences,
  queues,
  {
    name: 'log',
    title: 'Log',
    empty: 'Nothing has been logged.',
    columns: [
      {
        title: 'Time',
        width: '5.5rem',
        text: ({ time }) => new Date(time).toLocaleTimeString('en-GB'),
      },
      { title: 'Level', width: '4.5rem', isWide: true, text: ({ level }) => level },
      { title: 'Part', width: '9rem', isWide: true, text: ({ area }) => area },
      { title: 'Line', width: 'minmax(10rem, 1fr)', text: ({ text }) => text },
    ],
    classes: ({ level }) => (['err', 'crit', 'alert'].includes(level) ? 'bad' : ''),
  },
]
