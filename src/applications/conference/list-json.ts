/** `conference json_list`. */
import type { Conference } from './conference.ts'
import { ago, memberMarks, roomMarks } from './list-xml.ts'
import type { Member } from './member.ts'

/** An array of conferences; `isCompact`: on one line. */
export function jsonList(conferences: readonly Conference[], isCompact: boolean): string {
  const list = conferences.map(conferenceObject)
  return isCompact ? JSON.stringify(list) : JSON.stringify(list, undefined, '\t')
}

function conferenceObject(conference: Conference): Record<string, unknown> {
  const { maxMembers, members } = conference
  return {
    conference_name: conference.name,
    member_count: conference.size,
    ghost_count: conference.ghosts,
    rate: conference.profile.rate,
    run_time: Math.trunc(conference.age / 1000),
    conference_uuid: conference.uuid,
    canvas_count: 0,
    max_bw_in: 0,
    force_bw_in: 0,
    video_floor_packets: 0,
    ...roomMarks(conference),
    video_bridge: false,
    video_floor_only: false,
    ...(maxMembers > 0 ? { max_members: maxMembers } : {}),
    variables: Object.fromEntries(conference.variables),
    members: [...recordingObjects(conference), ...members.map(memberObject)],
  }
}

function recordingObjects({ recordings }: Conference): Record<string, unknown>[] {
  return recordings
    .list()
    .toReversed()
    .map(({ isPaused, path, startedAt }) => ({
      type: 'recording_node',
      record_path: path,
      ...(isPaused ? { status: 'paused' } : {}),
      join_time: Math.trunc(startedAt / 1000),
    }))
}

function memberObject(member: Member): Record<string, unknown> {
  const { channel } = member
  return {
    type: 'caller',
    id: member.id,
    flags: { ...memberMarks(member), pass_digits: member.has('dist-dtmf') },
    uuid: channel.uuid,
    caller_id_name: channel.profile.get('caller_id_name'),
    caller_id_number: channel.profile.get('caller_id_number'),
    join_time: ago(member.joinedAt),
    last_talking: member.lastTalkingAt === 0 ? 0 : ago(member.lastTalkingAt),
    energy: member.energyLevel,
    volume_in: member.volumeIn,
    volume_out: member.volumeOut,
    'output-volume': member.volumeOut,
    'input-volume': member.volumeIn,
  }
}
