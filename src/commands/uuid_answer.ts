/** Answering from outside: ringing, early media, answer. */
import { answer, preAnswer, ringReady } from '../core/answer.ts'
import { usage } from '../core/command-usage.ts'
import type { Command } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'

const error = '-ERROR\n'

export const uuidAnswer: Command = {
  name: 'uuid_answer',
  syntax: '<uuid>',
  about: 'answer',
  async run(args, { sw }) {
    const channel = sw.channels.get(args)
    if (!channel) return error
    await answer(channel)
    return channel.isUp ? '+OK\n' : error
  },
}

export const uuidPreAnswer: Command = {
  name: 'uuid_pre_answer',
  syntax: '<uuid>',
  about: 'pre_answer',
  async run(args, { sw }) {
    const channel = sw.channels.get(args)
    if (!channel) return error
    await preAnswer(channel)
    return channel.isUp ? '+OK\n' : error
  },
}

export const uuidRingReady: Command = {
  name: 'uuid_ring_ready',
  syntax: '<uuid> [queued]',
  about: 'Sending ringing to a channel',
  completions: ['::console::list_uuid queued'],
  run(args, { sw }) {
    const [uuid, word] = separate(args, ' ', 2)
    const isQueued = word?.toLowerCase() === 'queued'
    if (uuid === undefined || (word !== undefined && !isQueued)) return usage(uuidRingReady.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return error
    ringReady(channel, isQueued)
    return '+OK\n'
  },
}

export const uuidOutgoingAnswer: Command = {
  name: 'uuid_outgoing_answer',
  syntax: '<uuid>',
  about: 'Answer outgoing channel',
  run(args, { sw }) {
    if (args === '') return usage(uuidOutgoingAnswer.syntax)
    const channel = sw.channels.get(args)
    if (!channel) return '-ERR No such channel!\n'
    if (channel.direction !== 'outbound') return '-ERR Not an outbound channel!\n'
    channel.markAnswered()
    return '+OK\n'
  },
}

export const uuidEarlyOk: Command = {
  name: 'uuid_early_ok',
  syntax: '<uuid>',
  about: 'stop ignoring early media',
  run(args, { sw }) {
    const channel = sw.channels.get(args)
    if (!channel) return error
    channel.isEarlyAccepted = true
    // Whoever dials it looks again, in case its sound is there already.
    if (channel.isEarly) channel.signals.emit('progress', undefined)
    return ''
  },
}
