/** What the far end of a channel is told: a display, another place to call, messages. */
import type { Channel } from '../core/channel.ts'
import { usage } from '../core/command-usage.ts'
import type { Command, CommandContext } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'

/** `<uuid> <text>`, everything behind the first blank as it stands. */
function splitText(args: string): { uuid: string; text: string } {
  const space = args.indexOf(' ')
  if (space < 0) return { uuid: args, text: '' }
  return { uuid: args.slice(0, space), text: args.slice(space + 1) }
}

const noChannel = (uuid: string) => `-ERR No such channel ${uuid}!\n`

/** A channel inside this server has no far end that could be asked; FreeSWITCH takes whatever it is told as done. */
function isInternal(channel: Channel): boolean {
  return channel.source === 'mod_loopback'
}

/** What a channel inside this server is to show is shown by whoever is bridged with its other end. */
function isShownSomewhere(channel: Channel): boolean {
  if (!isInternal(channel)) return true
  const other = channel.variables.get('other_loopback_leg_uuid') ?? ''
  return channel.sw.channels.get(other)?.partner !== undefined
}

export const uuidDisplay: Command = {
  name: 'uuid_display',
  syntax: '<uuid> <display>',
  about: 'Update phone display',
  run(args, { sw }) {
    const [uuid = '', text = ''] = separate(args, ' ', 2)
    if (uuid === '' || text === '') return usage(uuidDisplay.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel?.driver.display || !isShownSomewhere(channel)) return '-ERR Operation failed\n'
    const [name = '', number = ''] = text.split('|')
    channel.driver.display(name, number)
    return '+OK Success\n'
  },
}

export const uuidDeflect: Command = {
  name: 'uuid_deflect',
  syntax: '<uuid> <uri>',
  about: 'Send a deflect',
  async run(args, { sw }) {
    const { uuid, text } = splitText(args)
    if (uuid === '' || text === '') return usage(uuidDeflect.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return noChannel(uuid)
    const reply = await channel.driver.deflect?.(text, channel.signal)
    // A channel inside this server passes on no answer.
    return `+OK:${isInternal(channel) ? '' : (reply ?? '')}\n`
  },
}

export const uuidRedirect: Command = {
  name: 'uuid_redirect',
  syntax: '<uuid> <uri>',
  about: 'Send a redirect',
  run(args, { sw }) {
    const { uuid, text } = splitText(args)
    if (uuid === '' || text === '') return usage(uuidRedirect.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return noChannel(uuid)
    channel.driver.redirect?.(separate(text, ','))
    return '+OK:\n'
  },
}

export const uuidSendInfo: Command = {
  name: 'uuid_send_info',
  syntax: '<uuid> [<mime_type> <mime_subtype>] <message>',
  about: 'Send info to the endpoint',
  run(args, { sw }) {
    const failure = '-ERR Operation Failed\n'
    const words = separate(args, ' ', 4)
    if (words.length < 1 || words.length === 3) return usage(uuidSendInfo.syntax) + failure
    const [uuid = '', ...rest] = words
    const channel = sw.channels.get(uuid)
    if (!channel) return failure
    const hasType = rest.length === 3
    const type = hasType ? `${rest[0]}/${rest[1]}` : 'freeswitch/data'
    const body = (hasType ? rest[2] : rest[0]) ?? ''
    if (!channel.driver.sendInfo) return isInternal(channel) ? '+OK Success\n' : failure
    channel.driver.sendInfo(type, body)
    return '+OK Success\n'
  },
}

export const uuidChat: Command = {
  name: 'uuid_chat',
  syntax: '<uuid> <text>',
  about: 'Send a chat message',
  run(args, { sw }) {
    const { uuid, text } = splitText(args)
    if (uuid === '' || text === '') return usage(uuidChat.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return noChannel(uuid)
    const isSent = channel.driver.sendMessage?.('text/plain', text) === true
    return isSent ? '+OK\n' : '-ERR Send failed\n'
  },
}

/**
 * A request to the endpoint of a channel that no endpoint here fulfils: it fails, but for a channel that has no far end.
 * `least` words are needed; `alsoFails`: the syntax is followed by the failure.
 */
function request(
  name: string,
  syntax: string,
  about: string,
  least: number,
  failure: string,
  alsoFails = false,
): Command {
  return {
    name,
    syntax,
    about,
    run(args: string, { sw }: CommandContext) {
      const words = separate(args, ' ', least + 1)
      if (words.length < least) return usage(syntax) + (alsoFails ? failure : '')
      const channel = sw.channels.get(words[0] ?? '')
      return channel && isInternal(channel) ? '+OK Success\n' : failure
    },
  }
}

const failed = '-ERR Operation failed\n'
const failedLoud = '-ERR Operation Failed\n'

export const uuidSimplify = request(
  'uuid_simplify',
  '<uuid>',
  'Try to cut out of a call path / attended xfer',
  1,
  failed,
)

export const uuidPhoneEvent: Command = {
  name: 'uuid_phone_event',
  // talk or hold may follow.
  syntax: '<uuid>',
  about: 'Send an event to the phone',
  completions: ['::console::list_uuid talk', '::console::list_uuid hold'],
  run(args, { sw }) {
    const [uuid = '', word = 'talk'] = separate(args, ' ', 2)
    if (uuid === '') return usage(uuidPhoneEvent.syntax) + failed
    const channel = sw.channels.get(uuid)
    if (!channel) return failed
    if (isInternal(channel)) return '+OK Success\n'
    const event = word.toLowerCase() === 'hold' ? 'hold' : 'talk'
    return channel.driver.phoneEvent?.(event) ? '+OK Success\n' : failed
  },
}

export const uuidCodecDebug = request(
  'uuid_codec_debug',
  '<uuid> audio|video <level>',
  'Send codec a debug message',
  3,
  failedLoud,
  true,
)

export const uuidVideoRefresh = request(
  'uuid_video_refresh',
  '<uuid> [auto|manual]',
  'Send video refresh.',
  1,
  failedLoud,
  true,
)

export const uuidVideoBitrate = request(
  'uuid_video_bitrate',
  '<uuid> [auto|manual]',
  'Send video bitrate req.',
  1,
  failedLoud,
  true,
)

export const uuidXferZombie = request(
  'uuid_xfer_zombie',
  '<uuid>',
  'Allow A leg to hangup and continue originating',
  1,
  failedLoud,
  true,
)

export const uuidRecoveryRefresh: Command = {
  name: 'uuid_recovery_refresh',
  syntax: '<uuid> <uri>',
  about: 'Send a recovery_refresh',
  run(args, { sw }) {
    const { uuid, text } = splitText(args)
    if (uuid === '' || text === '') return usage(uuidRecoveryRefresh.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return noChannel(uuid)
    return isInternal(channel) ? '+OK:\n' : '-ERR calls are not recovered\n'
  },
}

export const uuidSendMessage: Command = {
  name: 'uuid_send_message',
  syntax: '<uuid> <message>',
  about: 'Send MESSAGE to the endpoint',
  run(args, { sw }) {
    const words = separate(args, ' ', 2)
    if (words.length < 2) return usage(uuidSendMessage.syntax)
    const channel = sw.channels.get(words[0] ?? '')
    if (!channel) return '-ERR Unable to find session for UUID\n'
    const isSent = channel.driver.sendMessage?.('text/plain', words[1] ?? '') === true
    return isSent || isInternal(channel) ? '+OK Success\n' : failedLoud
  },
}

export const uuidPreprocess: Command = {
  name: 'uuid_preprocess',
  syntax: '<>',
  about: 'Pre-process Channel',
  run(args, { sw }) {
    const [uuid = '', what] = separate(args, ' ', 3)
    if (what === undefined) return usage(uuidPreprocess.syntax)
    if (!sw.channels.get(uuid)) return '-ERR No such channel!\n'
    return '-ERR neither gain control nor echo cancelling is available\n'
  },
}

export const uuidCaptureText: Command = {
  name: 'uuid_capture_text',
  syntax: '<uuid> <on|off>',
  about: 'start/stop capture_text',
  run(args, { sw }) {
    const { uuid, text } = splitText(args)
    if (uuid === '' || text === '') return usage(uuidCaptureText.syntax)
    return sw.channels.get(uuid) ? '-ERR calls carry no text\n' : noChannel(uuid)
  },
}

export const uuidZombieExec: Command = {
  name: 'uuid_zombie_exec',
  syntax: '<uuid>',
  about: 'Set zombie_exec flag on the specified uuid',
  run: (args, { sw }) =>
    sw.channels.get(args)
      ? '-ERR nothing is executed after the hangup\n'
      : '-ERR no such session\n',
}
