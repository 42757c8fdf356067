/** Makes the bug that a request asks for: every kind, and the detector it needs. */
import { AnswerDetector, usualAnswerSettings } from '../rtp/answer-detector.ts'
import { BeepDetector } from '../rtp/beep-detector.ts'
import { CadenceDetector } from '../rtp/cadence-detector.ts'
import { FrameEnergy } from '../rtp/frame-energy.ts'
import { ToneDetector } from '../rtp/tone-detector.ts'
import { VoiceDetector } from '../rtp/voice-detector.ts'
import { Displacer } from './displacer.ts'
import type { BugReport, BugRequest } from './engine.ts'
import type { Leg } from './leg.ts'
import type { LegBug } from './leg-bug.ts'
import { LevelMeter } from './level-meter.ts'
import { type Hear, Listener } from './listener.ts'
import { LoudnessCounter, type LoudnessRules } from './loudness.ts'
import { Unicast } from './unicast.ts'

export function openBug(leg: Leg, number: number, request: BugRequest): LegBug {
  if (request.kind === 'displace') return new Displacer(leg, number, request)
  if (request.kind === 'unicast') return new Unicast(leg, number, request)
  if (request.kind === 'loudness') return loudnessBug(leg, number, request)
  const direction = 'direction' in request ? request.direction : 'read'
  const bug: Listener = new Listener(leg, number, direction, (rate) =>
    detectorOf(request, rate, (report, isLast) => {
      bug.report(report)
      if (isLast) bug.end('done')
    }),
  )
  leg.host.tell({ tell: 'bug started', bug: number })
  return bug
}

type Detected = Exclude<BugRequest, { kind: 'displace' | 'loudness' | 'unicast' }>
type Tell = (report: BugReport, isLast: boolean) => void

/** What listens to sound of `rate` Hz for a request. */
function detectorOf(request: Detected, rate: number, tell: Tell): Hear {
  switch (request.kind) {
    case 'tone': {
      const detector = new ToneDetector(rate, request)
      return (pcm) => {
        if (detector.process(pcm)) tell({ heard: 'tone' }, true)
      }
    }
    case 'cadence': {
      const detector = new CadenceDetector(rate, request.tones)
      return (pcm) => {
        const name = detector.process(pcm)
        if (name !== undefined) tell({ heard: 'cadence', name }, false)
      }
    }
    case 'voice': {
      const detector = new VoiceDetector(rate, request.settings, (isTalking) =>
        tell({ heard: 'voice', isTalking }, false),
      )
      return (pcm) => detector.process(pcm)
    }
    case 'answer': {
      const detector = new AnswerDetector(rate, { ...usualAnswerSettings, ...request.settings })
      return (pcm) => {
        if (detector.process(pcm) && detector.verdict)
          tell({ heard: 'answer', ...detector.verdict }, true)
      }
    }
    case 'beep': {
      const detector = new BeepDetector(rate)
      return (pcm) => {
        const beep = detector.process(pcm)
        if (beep) tell({ heard: 'beep', ...beep }, false)
      }
    }
    case 'level': {
      const meter = new LevelMeter(rate, (average, peak) =>
        tell({ heard: 'level', average, peak }, false),
      )
      return (pcm) => meter.process(pcm)
    }
  }
}

function loudnessBug(leg: Leg, number: number, rules: LoudnessRules): LegBug {
  const counter = new LoudnessCounter(rules)
  const tell = (isTimeout: boolean): void => {
    const { hits, listened } = counter
    bug.report({ heard: 'loudness', isTimeout, hits, listened })
  }
  const open = (rate: number): Hear => {
    const frames = new FrameEnergy(rate, (score) => {
      if (bug.isOver || !counter.frame(score)) return
      tell(false)
      bug.end('done')
    })
    return (pcm) => frames.process(pcm)
  }
  const bug: Listener = new Listener(leg, number, 'read', open, rules.timeoutMs, () => tell(true))
  leg.host.tell({ tell: 'bug started', bug: number })
  return bug
}
