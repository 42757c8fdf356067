/** Text messages: those that came and those that were written here, kept in this browser. */
import { entryOf } from './entry.js'
import { element, say, tell } from './page.js'

const most = 50

export class Messages {
  #box = element('messages')
  #title = this.#box.querySelector('summary')
  #list = element('message-list')
  #to = element('message-to')
  #text = element('message-text')
  #send
  #key
  #entries = []
  #unread = 0

  /** `send` gives a text to the server for somebody and says whether he got it (`isDelivered`), or rejects with the reason. */
  constructor(send) {
    this.#send = send
    this.#box.addEventListener('toggle', () => this.#looked())
    element('write').addEventListener('submit', (event) => {
      event.preventDefault()
      void this.#write()
    })
  }

  /** Shows what this user has got and written: another one at the same browser does not see it. */
  openFor(user) {
    this.#key = `messages of ${user}`
    try {
      this.#entries = JSON.parse(localStorage.getItem(this.#key) ?? '[]')
    } catch {
      this.#entries = []
    }
    this.#show()
  }

  /** A message as the server passes it on. */
  came({ from = '', from_user: user, body = '' }) {
    const party = user || from.split('@')[0] || 'Somebody'
    this.#add({ party, body, isOurs: false })
    this.#unread++
    if (this.#box.open) this.#looked()
    else tell(`Message from ${party}: ${body}`)
    say(`Message from ${party}: ${body}`)
    this.#showCount()
  }

  async #write() {
    const party = this.#to.value.trim()
    const body = this.#text.value.trim()
    const empty = party ? this.#text : this.#to
    if (!party || !body) return empty.focus()
    const fault = await this.#send(party, body).then(
      ({ isDelivered }) => (isDelivered ? '' : 'nobody could be reached there.'),
      ({ message }) => message,
    )
    // What was not sent stays in its field.
    if (fault) return tell(`The message to ${party} was not sent: ${fault}`)
    tell('')
    this.#add({ party, body, isOurs: true })
    if (this.#text.value.trim() === body) this.#text.value = ''
    say(`Sent to ${party}`)
  }

  #add(facts) {
    this.#entries = [{ ...facts, at: Date.now() }, ...this.#entries].slice(0, most)
    localStorage.setItem(this.#key, JSON.stringify(this.#entries))
    this.#show()
  }

  #looked() {
    if (!this.#box.open) return
    this.#unread = 0
    this.#showCount()
  }

  #showCount() {
    this.#title.textContent = this.#unread > 0 ? `Messages (${this.#unread} new)` : 'Messages'
  }

  #show() {
    this.#list.replaceChildren(
      ...this.#entries.map(({ party, body, isOurs, at }) =>
        entryOf(`${isOurs ? 'To' : 'From'} ${party}: ${body}`, at, `Write to ${party}`, () => {
          this.#to.value = party
          this.#text.focus()
        }),
      ),
    )
  }
}
