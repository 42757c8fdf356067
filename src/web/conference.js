/** Who is in a conference: the server's live list, and what a moderator can do. */

import { tell } from './page.js'

/** So often the whole list is asked for after something was missed. */
const mostErrors = 3

export class ConferenceView {
  #verto
  #facts
  #rows = new Map()
  /** The element of each member, and its parts. */
  #shown = new Map()
  #serial = -1
  #errors = 0
  #list
  #onEvent = ({ detail }) => this.#receive(detail)

  /** `facts`: what the server told when we came in. */
  constructor(verto, facts) {
    this.#verto = verto
    this.#facts = facts
    this.element = document.createElement('section')
    const title = document.createElement('h2')
    title.textContent = `Conference ${roomName(facts)}`
    this.#list = document.createElement('ul')
    this.#list.className = 'members'
    this.element.append(title, this.#list)
    verto.addEventListener('verto.event', this.#onEvent)
    void this.#begin().catch(() => undefined)
  }

  get callId() {
    return this.#facts.callID
  }

  close() {
    this.#verto.removeEventListener('verto.event', this.#onEvent)
    const channels = [this.#facts.laChannel, this.#facts.modChannel].filter(Boolean)
    void this.#verto.call('verto.unsubscribe', { eventChannel: channels }).catch(() => undefined)
    this.element.remove()
  }

  async #begin() {
    const { laChannel, modChannel } = this.#facts
    const eventChannel = [laChannel, modChannel].filter(Boolean)
    await this.#verto.call('verto.subscribe', { eventChannel })
    await this.#bootstrap()
  }

  #bootstrap() {
    const { laChannel, laName } = this.#facts
    this.#serial = -1
    const liveArray = { command: 'bootstrap', context: laChannel, name: laName, obj: {} }
    return this.#verto.call('verto.broadcast', { eventChannel: laChannel, data: { liveArray } })
  }

  #receive({ eventChannel, data }) {
    if (eventChannel !== this.#facts.laChannel || !data) return
    const { action, hashKey, wireSerno } = data
    if (action === 'bootObj') this.#rows = new Map(data.data)
    else {
      // What was missed is in the whole list.
      if (this.#serial >= 0 && wireSerno !== this.#serial + 1 && this.#errors++ < mostErrors)
        void this.#bootstrap().catch(() => undefined)
      this.#serial = wireSerno
      if (action === 'del') this.#rows.delete(hashKey)
      else this.#rows.set(hashKey, data.data)
    }
    this.#show()
  }

  /** Elements stay as long as their member, so that the focus does. */
  #show() {
    for (const [key, { item }] of this.#shown) {
      if (this.#rows.has(key)) continue
      item.remove()
      this.#shown.delete(key)
    }
    for (const [key, row] of this.#rows) {
      const member = this.#shown.get(key) ?? this.#make(key, row[0])
      this.#fill(member, key, row)
    }
  }

  #make(key, id) {
    const item = document.createElement('li')
    const who = document.createElement('span')
    item.append(who)
    const member = { item, who }
    if (this.#facts.role === 'moderator') {
      member.mute = this.#button(() => this.#control(member.isMuted ? 'unmute' : 'mute', id))
      member.remove = this.#button(() => this.#control('kick', id))
      item.append(member.mute, member.remove)
    }
    this.#shown.set(key, member)
    this.#list.append(item)
    return member
  }

  #fill(member, key, [, number, name, , status]) {
    const { audio } = JSON.parse(status)
    const marks = [
      key === this.callId ? 'you' : '',
      audio.talking ? 'talking' : '',
      audio.muted ? 'muted' : '',
      audio.deaf ? 'hears nothing' : '',
      audio.onHold ? 'on hold' : '',
    ].filter(Boolean)
    const party = name || number
    const { item, who, mute, remove } = member
    member.isMuted = audio.muted
    write(who, `${party}${marks.length > 0 ? ` – ${marks.join(', ')}` : ''}`)
    item.classList.toggle('talking', audio.talking)
    for (const [button, words] of [
      [mute, audio.muted ? 'Unmute' : 'Mute'],
      [remove, 'Remove'],
    ]) {
      if (!button) continue
      write(button, words)
      button.setAttribute('aria-label', `${words} ${party}`)
    }
  }

  #button(action) {
    const button = document.createElement('button')
    button.type = 'button'
    button.addEventListener('click', action)
    return button
  }

  #control(command, id) {
    const data = { application: 'conf-control', command, id: Number(id) }
    void this.#verto
      .call('verto.broadcast', { eventChannel: this.#facts.modChannel, data })
      .catch((fault) => tell(fault.message))
  }
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text
}

/** Rooms of the dialplan bear the domain behind their number, which says nothing to a person. */
function roomName({ laName, laChannel }) {
  const domain = laChannel.slice(laChannel.lastIndexOf('@') + 1)
  return laName.endsWith(`-${domain}`) ? laName.slice(0, -domain.length - 1) : laName
}
