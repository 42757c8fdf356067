/** The pictures of a call: the other side's, and our own one small in its corner. */

/** ms without a new picture after which the last one is of no use. */
const staleMs = 3000

export class Pictures {
  #root
  #theirs
  #own
  #say
  #frames = 0
  #freshAt = Number.NEGATIVE_INFINITY

  /** `say` tells something to a screen reader. */
  constructor(root, say) {
    this.#root = root
    this.#theirs = root.querySelector('.their-picture')
    this.#own = root.querySelector('.own-picture')
    this.#say = say
  }

  show(call) {
    put(this.#theirs, call.remotePicture)
    put(this.#own, call.ownPicture)
    this.#theirs.setAttribute('aria-label', `Picture of ${call.name || call.number}`)
    this.#see(call)
  }

  /** `frames`: pictures that came since the connection stands; undefined where none are expected. */
  tick(call, frames = 0) {
    if (frames > this.#frames) this.#freshAt = performance.now()
    this.#frames = frames
    this.#see(call)
  }

  #see({ state, remotePicture, ownPicture, name, number }) {
    const isFresh = performance.now() - this.#freshAt < staleMs
    const isSeen = remotePicture !== undefined && state === 'active' && isFresh
    if (isSeen && this.#theirs.hidden) this.#say(`You see ${name || number}`)
    this.#theirs.hidden = !isSeen
    this.#own.hidden = ownPicture === undefined
    this.#root.hidden = this.#theirs.hidden && this.#own.hidden
  }
}

function put(element, stream = null) {
  if (element.srcObject !== stream) element.srcObject = stream
}
