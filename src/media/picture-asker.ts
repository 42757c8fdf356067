/** Asks whoever sends pictures for whole ones: each of its sources once, as its packets come. */
import { randomInt } from 'node:crypto'
import { isRtp, ssrcOf } from '../rtp/packet.ts'
import { writePictureRequest } from '../rtp/picture-request.ts'

/** ms for which sources are asked that show up; who sends a picture sends more often. */
const askingMs = 1000

/** Sources that are asked at a time: a picture, its repetition and its repair, of two parties. */
const mostSources = 6

export class PictureAsker {
  /** What we are called ourselves; we send nothing but this. */
  readonly #own = randomInt(1, 0xffffffff)
  readonly #until: number
  readonly #asked = new Set<number>()

  constructor(now: number) {
    this.#until = now + askingMs
  }

  isOver(now: number): boolean {
    return now > this.#until
  }

  /** What is to be sent because this packet came; undefined: its source has been asked. */
  request(packet: Buffer): Buffer | undefined {
    const asked = this.#asked
    if (!isRtp(packet) || asked.size >= mostSources) return undefined
    const ssrc = ssrcOf(packet)
    if (asked.has(ssrc)) return undefined
    asked.add(ssrc)
    return writePictureRequest(this.#own, ssrc)
  }
}
