/** The rows of `show channels` and `show calls`: what lives now, in the columns that tools expect. */
import type { Channel } from './channel.ts'
import { stateName } from './channel-states.ts'
import type { Table } from './table-text.ts'
import { localStamp } from './time/times.ts'

const seconds = (micros: number) => String(Math.trunc(micros / 1_000_000))

/** The first profile a channel had: who called whom before any transfer. */
function firstProfile(channel: Channel) {
  let profile = channel.profile
  while (profile.previous) profile = profile.previous
  return profile
}

/** Shown until it was bridged: nothing for an incoming channel. Afterwards its own uuid again. */
function callUuid(channel: Channel): string {
  const { variables, profile } = channel
  if (channel.partner || channel.direction === 'outbound') return variables.get('call_uuid') ?? ''
  return profile.times.bridged > 0 ? channel.uuid : ''
}

/** Whether the callee's id was last sent to the far end or came from elsewhere; nothing until either happened. */
function calleeDirection(channel: Channel): string {
  if (channel.variables.has('last_sent_callee_id_number')) return 'SEND'
  return channel.variables.has('channel_cid_flipped') ? 'RECV' : ''
}

type Cell = (channel: Channel) => string | undefined

const variable =
  (name: string): Cell =>
  (channel) =>
    channel.variables.get(name)

const cells: Readonly<Record<string, Cell>> = {
  uuid: (channel) => channel.uuid,
  direction: (channel) => channel.direction,
  created: (channel) => localStamp(channel.createdAt),
  created_epoch: (channel) => String(Math.trunc(channel.createdAt / 1000)),
  name: (channel) => channel.name,
  state: (channel) => stateName(channel.runningState),
  cid_name: (channel) => channel.profile.get('caller_id_name'),
  cid_num: (channel) => channel.profile.get('caller_id_number'),
  ip_addr: (channel) => channel.profile.get('network_addr'),
  dest: (channel) => channel.profile.get('destination_number'),
  application: variable('current_application'),
  application_data: variable('current_application_data'),
  dialplan: (channel) => channel.profile.get('dialplan'),
  context: (channel) => channel.profile.get('context'),
  read_codec: (channel) => channel.readCodec?.name,
  read_rate: (channel) => channel.readCodec?.rate.toString(),
  read_bit_rate: (channel) => channel.readCodec?.bitRate.toString(),
  write_codec: (channel) => channel.writeCodec?.name,
  write_rate: (channel) => channel.writeCodec?.rate.toString(),
  write_bit_rate: (channel) => channel.writeCodec?.bitRate.toString(),
  secure: (channel) => channel.secureType,
  hostname: (channel) => channel.sw.globals.get('switchname'),
  presence_id: variable('presence_id'),
  presence_data: variable('presence_data'),
  // FreeSWITCH learns it when the channel executes something.
  accountcode: (channel) =>
    channel.variables.has('current_application') ? channel.variables.get('accountcode') : '',
  callstate: (channel) => channel.callState,
  callee_name: (channel) => channel.profile.get('callee_id_name'),
  callee_num: (channel) => channel.profile.get('callee_id_number'),
  callee_direction: calleeDirection,
  call_uuid: callUuid,
  sent_callee_name: variable('last_sent_callee_id_name'),
  sent_callee_num: variable('last_sent_callee_id_number'),
  initial_cid_name: (channel) => firstProfile(channel).get('caller_id_name'),
  initial_cid_num: (channel) => firstProfile(channel).get('caller_id_number'),
  initial_ip_addr: (channel) => firstProfile(channel).get('network_addr'),
  initial_dest: (channel) => firstProfile(channel).get('destination_number'),
  initial_dialplan: (channel) => firstProfile(channel).get('dialplan'),
  initial_context: (channel) => firstProfile(channel).get('context'),
}

const channelColumns = Object.keys(cells)

/** The columns of a call that both sides have; `show detailed_calls` has all but the initial ones. */
const detailedColumns = channelColumns.filter((column) => !column.startsWith('initial_'))
const basicColumns =
  'uuid direction created created_epoch name state cid_name cid_num ip_addr dest presence_id presence_data accountcode callstate callee_name callee_num callee_direction call_uuid hostname sent_callee_name sent_callee_num'.split(
    ' ',
  )
const basicOther = basicColumns.filter((column) => !['call_uuid', 'hostname'].includes(column))

function rowOf(channel: Channel | undefined, columns: readonly string[]): string[] {
  return columns.map((column) => (channel ? (cells[column]?.(channel) ?? '') : ''))
}

/** Every channel, in the order of creation. */
export function channelTable(channels: readonly Channel[]): Table {
  return {
    columns: channelColumns,
    rows: channels.map((channel) => rowOf(channel, channelColumns)),
  }
}

/** Whether the pattern is found in what `show channels like` looks at; `%` and `_` are wildcards as in SQL. */
export function isChannelLike(channel: Channel, pattern: string): boolean {
  const like = pattern.includes('%') ? pattern : `%${pattern}%`
  const source = like
    .replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.')
  const matcher = new RegExp(`^${source}$`, 'is')
  const searched = ['uuid', 'name', 'cid_name', 'cid_num', 'presence_data', 'accountcode']
  return rowOf(channel, searched).some((value) => matcher.test(value))
}

/** Whether it leads the bridge that it is in: the other one then belongs to its call. */
function leads(channel: Channel, partner: Channel): boolean {
  return (
    partner.variables.get('call_uuid') === channel.uuid &&
    channel.variables.get('call_uuid') !== partner.uuid
  )
}

/** One row a call: a leading leg with its partner, or a channel alone. */
export function callTable(
  channels: readonly Channel[],
  options: { readonly detailed: boolean; readonly bridgedOnly: boolean },
): Table {
  const own = options.detailed ? detailedColumns : basicColumns
  const other = options.detailed ? detailedColumns : basicOther
  const rows: string[][] = []
  for (const channel of channels) {
    const { partner } = channel
    if (!partner) {
      if (!options.bridgedOnly) rows.push([...rowOf(channel, own), ...rowOf(undefined, other), ''])
    } else if (leads(channel, partner)) {
      const since = seconds(channel.profile.times.bridged)
      rows.push([...rowOf(channel, own), ...rowOf(partner, other), since])
    }
  }
  const columns = [...own, ...other.map((column) => `b_${column}`), 'call_created_epoch']
  return { columns, rows }
}
