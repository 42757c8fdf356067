/** Members: parties that are called when somebody waits in a fifo. Those added by command outlive a restart. */
import { createHash } from 'node:crypto'
import type { SqlTable, TableShape } from '../../core/sql-table.ts'

export type FifoMember = {
  uuid: string
  fifoName: string
  originateString: string
  simoCount: number
  useCount: number
  timeout: number
  lag: number
  /** When he may be called next, seconds since the epoch; 0: at any time. */
  nextAvail: number
  expires: number
  static: number
  outboundCallCount: number
  outboundFailCount: number
  hostname: string
  takingCalls: number
  status: string
  outboundCallTotalCount: number
  outboundFailTotalCount: number
  activeTime: number
  inactiveTime: number
  manualCallsOutCount: number
  manualCallsInCount: number
  manualCallsOutTotalCount: number
  manualCallsInTotalCount: number
  ringCount: number
  startTime: number
  stopTime: number
}

export const memberShape: TableShape<FifoMember> = {
  name: 'fifo_outbound',
  key: ['fifoName', 'uuid'],
  empty: {
    uuid: '',
    fifoName: '',
    originateString: '',
    simoCount: 1,
    useCount: 0,
    timeout: 60,
    lag: 0,
    nextAvail: 0,
    expires: 0,
    static: 0,
    outboundCallCount: 0,
    outboundFailCount: 0,
    hostname: '',
    takingCalls: 1,
    status: '',
    outboundCallTotalCount: 0,
    outboundFailTotalCount: 0,
    activeTime: 0,
    inactiveTime: 0,
    manualCallsOutCount: 0,
    manualCallsInCount: 0,
    manualCallsOutTotalCount: 0,
    manualCallsInTotalCount: 0,
    ringCount: 0,
    startTime: 0,
    stopTime: 0,
  },
}

/** The id of a dial string: what it gives as `fifo_outbound_uuid`, else its MD5. */
export function outboundId(dialString: string): string {
  const given = /[{[<,]fifo_outbound_uuid=([^,}\]>]*)/.exec(dialString)?.[1]
  return given || createHash('md5').update(dialString).digest('hex')
}

/** Whether he may be called now. */
export function isFree(member: FifoMember, now: number): boolean {
  return (
    member.takingCalls === 1 &&
    member.useCount + member.ringCount < member.simoCount &&
    (member.nextAvail === 0 || member.nextAvail <= now) &&
    (member.expires === 0 || member.expires > now)
  )
}

/** Those of a fifo who may be called now, in the order in which they are: the longest free, the most reliable, the least burdened. */
export function freeMembers(table: SqlTable<FifoMember>, fifo: string, now: number): FifoMember[] {
  return table
    .list()
    .filter((member) => member.fifoName === fifo && isFree(member, now))
    .sort(
      (a, b) =>
        a.nextAvail - b.nextAvail ||
        a.outboundFailCount - b.outboundFailCount ||
        a.outboundCallCount - b.outboundCallCount,
    )
}
