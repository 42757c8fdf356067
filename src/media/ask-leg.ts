/** Settings of a leg, and whom it speaks with: bridge, pipe, echo, silence, loudness. */
import type { Asked, AskTable } from './ask.ts'
import { DelayedEcho } from './echo.ts'
import { Filler } from './filler.ts'
import type { Leg, Volume } from './leg.ts'
import { PipeLeg } from './pipe-leg.ts'
import type { Direction, LegQuestion } from './protocol.ts'

export const askLeg: AskTable<LegQuestion> = {
  configure: ({ leg }, { settings }) => leg.configure(settings),
  bridge: (asked, question) => {
    const other = asked.find(question.other)
    stopEcho(asked)
    if (other) asked.leg.bridge(other)
  },
  pipe: (asked, { pipe }) => {
    stopEcho(asked)
    asked.leg.unbridge()
    new PipeLeg(asked.leg.uuid, pipe, asked.host).bridge(asked.leg)
  },
  unbridge: ({ leg }) => {
    if (leg.peer !== leg) leg.unbridge()
  },
  echo: (asked, { delayMs }) => {
    const { leg, running } = asked
    leg.unbridge()
    stopEcho(asked)
    if (delayMs > 0) running.echo = new DelayedEcho(leg, delayMs)
    else leg.bridge(leg)
  },
  'stop echo': stopEcho,
  'send silence': ({ leg, running }, { level }) => {
    running.filler?.legClosed()
    running.filler = level === 0 ? undefined : new Filler(leg, level)
  },
  mute: ({ leg }, { direction, on, noise }) => {
    const volume = volumeOf(leg, direction)
    volume.isMuted = on
    volume.noise = noise
    leg.rerouteAll()
  },
  gain: ({ leg }, { direction, db }) => {
    volumeOf(leg, direction).setGain(db)
    leg.rerouteAll()
  },
}

function stopEcho({ leg, running }: Asked): void {
  running.echo?.legClosed()
  running.echo = undefined
  if (leg.peer === leg) leg.unbridge()
}

function volumeOf(leg: Leg, direction: Direction): Volume {
  return direction === 'read' ? leg.readVolume : leg.writeVolume
}
