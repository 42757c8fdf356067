/** Sounds that are played to a leg. One plays at a time; a later request names it by its number. */
import type { AskTable, Running } from './ask.ts'
import { Player } from './player.ts'
import type { PlayQuestion } from './protocol.ts'

export const askPlay: AskTable<PlayQuestion> = {
  play: ({ leg, running }, { play, request }) => {
    running.player?.stop()
    running.player = new Player(leg, play, request)
  },
  'stop play': ({ running }, { play }) => playerOf(running, play)?.stop(),
  'pause play': ({ running }, { play, on }) => playerOf(running, play)?.pause(on),
  'seek play': ({ running }, { play, ms, relative }) => playerOf(running, play)?.seek(ms, relative),
  'adjust play': ({ running }, { play, change }) => playerOf(running, play)?.adjust(change),
}

function playerOf(running: Running, play: number): Player | undefined {
  return running.player?.number === play ? running.player : undefined
}
