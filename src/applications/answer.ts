/** answer, pre_answer, ring_ready: what the caller hears of us before and when the call begins. */
import {
  answer as answerChannel,
  preAnswer as preAnswerChannel,
  ringReady as ringChannel,
} from '../core/answer.ts'
import type { Application } from '../core/interfaces.ts'

export const answer: Application = {
  name: 'answer',
  syntax: '',
  about: 'Answer the call',
  needs: 'nothing',
  run: (channel) => answerChannel(channel),
}

export const preAnswer: Application = {
  name: 'pre_answer',
  syntax: '',
  about: 'Open the sound before the answer (183)',
  needs: 'nothing',
  run: (channel) => preAnswerChannel(channel),
}

export const ringReady: Application = {
  name: 'ring_ready',
  syntax: '[queued]',
  about: 'Tell the caller that it rings (180), or that the call waits (182)',
  needs: 'nothing',
  run: (channel, data) => ringChannel(channel, data.trim() === 'queued'),
}
