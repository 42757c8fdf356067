/** Sounds that are played to a leg. One plays at a time, and one that is paused waits for it; a later request names it by its number. */
import type { AskTable, Running } from './ask.ts'
import { Player } from './player.ts'
import type { PlayQuestion } from './protocol.ts'

export const askPlay: AskTable<PlayQuestion> = {
  play: ({ leg, running }, { play, request }) => {
    const before = running.player
    // What is paused makes room: it goes on where it was (a broadcast into a sound).
    if (before?.isPaused && !before.isOver)
      running.waiting = [...running.waiting.filter((one) => !one.isOver), before]
    else before?.stop()
    running.player = new Player(leg, play, request)
  },
  'stop play': ({ running }, { play }) => playerOf(running, play)?.stop(),
  'pause play': ({ running }, { play, on }) => {
    const player = playerOf(running, play)
    if (!player) return
    player.pause(on)
    if (on || player === running.player) return
    running.waiting = running.waiting.filter((one) => one !== player && !one.isOver)
    running.player?.stop()
    running.player = player
  },
  'seek play': ({ running }, { play, ms, relative }) => playerOf(running, play)?.seek(ms, relative),
  'adjust play': ({ running }, { play, change }) => playerOf(running, play)?.adjust(change),
}

function playerOf(running: Running, play: number): Player | undefined {
  if (running.player?.number === play) return running.player
  return running.waiting.find((one) => one.number === play)
}
