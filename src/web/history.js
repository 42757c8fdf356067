/** The last calls, kept in this browser. */
import { elsewhere } from './causes.js'
import { entryOf } from './entry.js'

const most = 30

export class History {
  #list
  #empty
  #dial
  #entries

  /** `empty` is shown as long as there is none. */
  constructor(list, empty, dial) {
    this.#list = list
    this.#empty = empty
    this.#dial = dial
    try {
      this.#entries = JSON.parse(localStorage.getItem('history') ?? '[]')
    } catch {
      this.#entries = []
    }
    this.#show()
  }

  /** The number that was called last. */
  get lastDialled() {
    return this.#entries.find(({ direction }) => direction === 'out')?.number
  }

  add({ dialled, name, direction, answeredAt, beganAt, cause, isOurEnd }) {
    const wasAnswered = Boolean(answeredAt)
    const entry = { number: dialled, name, direction, at: beganAt, wasAnswered, cause, isOurEnd }
    this.#entries = [entry, ...this.#entries].slice(0, most)
    localStorage.setItem('history', JSON.stringify(this.#entries))
    this.#show()
  }

  #show() {
    this.#empty.hidden = this.#entries.length > 0
    this.#list.replaceChildren(
      ...this.#entries.map((entry) => {
        const { number, name, at, cause } = entry
        const party = name && name !== number ? `${name} (${number})` : number
        const text = `${kindOf(entry)} ${party}${cause ? ` – ${cause}` : ''}`
        return entryOf(text, at, `Call ${number}`, () => this.#dial(number))
      }),
    )
  }
}

function kindOf({ direction, wasAnswered, isOurEnd, cause }) {
  if (direction === 'out') return 'To'
  if (wasAnswered || cause === elsewhere) return 'From'
  return isOurEnd ? 'Declined:' : 'Missed:'
}
