/** answer, pre_answer, ring_ready: what the caller hears of us before and when the call begins. */
import {
  answer as answerChannel,
  preAnswer as preAnswerChannel,
  ringReady as ringChannel,
} from '../core/answer.ts'
import type { Channel } from '../core/channel.ts'
import type { Application } from '../core/interfaces.ts'

/** What is told to the caller then: that he comes to a conference. The variable `answer_flags` says it as well. */
function markConference(channel: Channel, data: string): void {
  const flags = data === '' ? (channel.text('answer_flags') ?? '') : data
  if (/is_conference/i.test(flags)) channel.isFocus = true
}

export const answer: Application = {
  name: 'answer',
  syntax: '',
  about: 'Answer the call',
  needs: 'nothing',
  run(channel, data) {
    markConference(channel, data)
    return answerChannel(channel)
  },
}

export const preAnswer: Application = {
  name: 'pre_answer',
  syntax: '',
  about: 'Open the sound before the answer (183)',
  needs: 'nothing',
  run(channel, data) {
    markConference(channel, data)
    return preAnswerChannel(channel)
  },
}

export const ringReady: Application = {
  name: 'ring_ready',
  syntax: '[queued]',
  about: 'Tell the caller that it rings (180), or that the call waits (182)',
  needs: 'nothing',
  run: (channel, data) => ringChannel(channel, data.trim() === 'queued'),
}
