/** Sub-commands of `conference` about pictures and places in a room, which are not mixed: they say so, as FreeSWITCH does then. */
import { announceMember } from './maintenance.ts'
import type { Member } from './member.ts'
import { forMembers, type SubCommand } from './sub-commands.ts'

const several = '<[member_id|all]|last|non_moderator>'
const targets = '<[member_id|all|last|non_moderator]>'
const target = '<member_id|all|last|non_moderator>'
const one = '<member_id|last>'
const notMixed = '-ERR Conference is not in mixing mode\n'

/** Whose picture is off, and who sees none: nothing is done about it, but lists and scripts keep it. */
const unseen = new WeakSet<Member>()
const blind = new WeakSet<Member>()

function mark(set: WeakSet<Member>, word: string, on: boolean) {
  return (member: Member): string => {
    if (on) set.add(member)
    else set.delete(member)
    announceMember(member, `${word}-member`)
    return `+OK ${word} ${member.id}\n`
  }
}

const hide = mark(unseen, 'vmute', true)
const show = mark(unseen, 'unvmute', false)
const makeBlind = mark(blind, 'vblind', true)
const makeSee = mark(blind, 'unvblind', false)

function refuse(name: string, syntax: string, complaint = notMixed): SubCommand {
  return { name, syntax, run: () => complaint }
}

function refuseFor(name: string, syntax: string, complaint = notMixed): SubCommand {
  return forMembers(name, syntax, () => complaint)
}

export const videoCommands: readonly SubCommand[] = [
  refuse('canvas-auto-clear', '<canvas_id> <true|false>'),
  refuseFor('vid-canvas', `${target} [<newval>]`),
  refuseFor('vid-watching-canvas', `${target} [<newval>]`),
  refuseFor('vid-layer', `${target} [<newval>]`),
  refuseFor('position', '<member_id> <x>:<y>:<z>', '-ERR not supported\n'),
  refuse('auto-3d-position', '[on|off]', '-ERR not supported\n'),
  refuse('cam', ''),
  refuseFor('vid-flip', targets),
  refuseFor('vid-border', targets),
  forMembers('vmute', `${several} [<quiet>]`, hide),
  forMembers('tvmute', `${several} [<quiet>]`, (member) =>
    unseen.has(member) ? show(member) : hide(member),
  ),
  refuseFor('vmute-snap', several),
  forMembers('unvmute', `${several} [<quiet>]`, show),
  forMembers('vblind', `${several} [<quiet>]`, makeBlind),
  forMembers('tvblind', `${several} [<quiet>]`, (member) =>
    blind.has(member) ? makeSee(member) : makeBlind(member),
  ),
  forMembers('unvblind', `${several} [<quiet>]`, makeSee),
  refuseFor('vid-filter', `${several} <string>`),
  // A member without pictures is passed over without a word.
  refuseFor('vid-floor', `${one} [force]`, ''),
  refuseFor('vid-banner', `${one} <text>`),
  refuseFor('vid-mute-img', `${one} [<path>|clear]`),
  refuseFor('vid-logo-img', `${one} [<path>|clear]`),
  refuseFor('vid-codec-group', `${one} [<group>|clear]`),
  refuse('vid-res-id', '<member_id>|all <val>|clear [force]'),
  refuseFor('vid-role-id', `${one} <val>|clear`),
  refuse('clear-vid-floor', '', '+OK floor Cleared\n'),
  refuse('vid-layout', '<layout name>|group <group name> [<canvas id>]'),
  refuse('vid-write-png', '<path>'),
  refuse('vid-fps', '<fps>'),
  refuse('vid-res', '<WxH>'),
  refuse('vid-fgimg', '<file> | clear [<canvas-id>]'),
  refuse('vid-bgimg', '<file> | clear [<canvas-id>]'),
  refuse('vid-bandwidth', '<BW>'),
  refuse('vid-personal', '[on|off]'),
]
