/** The chosen row in full, the buttons for it, and how a call sounds. */
import { element, say } from '/page.js'
import { actions, callOf, subjectOf } from './actions.js'
import { detailOf } from './views.js'

/** ms after which a call that is still chosen is asked for its sound: not each one that the arrows pass. */
const pauseMs = 250

export class Chosen {
  #call
  #showLog
  #rights = new Set()
  #entry
  #buttons = new Map()
  #timer

  /** `call(params)`: asks `verto.operator`; `showLog(uuids)`: shows the lines of these channels. */
  constructor({ call, showLog }) {
    this.#call = call
    this.#showLog = showLog
    for (const action of actions) this.#make(action)
    this.#show('its-log', false)
    element('its-log').addEventListener('click', () => this.#showLog(callOf(this.#entry)))
    element('why-again').addEventListener('click', () => void this.#askWhy())
    element('why').addEventListener('toggle', () => this.#askSoon())
    element('transfer').addEventListener('submit', (event) => {
      event.preventDefault()
      const to = element('target').value.trim()
      element('target').value = ''
      void this.#act(this.#entry, { action: 'transfer', uuid: this.#entry.key, to })
    })
  }

  set rights(rights) {
    this.#rights = rights
  }

  #make(action) {
    const button = document.createElement('button')
    button.type = 'button'
    button.id = action.id
    button.className = action.style ?? ''
    button.addEventListener('click', () => {
      const entry = this.#entry
      if (!action.question || confirm(action.question(entry)))
        void this.#act(entry, action.ask(entry))
    })
    this.#buttons.set(action, button)
    element('transfer').before(button)
  }

  /** `entry`: `{ view, key, row, depth }` with the name of its view; undefined: nothing is chosen. */
  show(view, entry) {
    const isOther = entry?.key !== this.#entry?.key
    this.#entry = entry
    const section = element('chosen')
    // Whoever stood on a button of what has gone is not to be lost.
    if (!entry && section.contains(document.activeElement)) element(`tab-${view.name}`).focus()
    section.hidden = !entry
    if (!entry) return this.#forgetWhy()
    const words = detailOf(view, entry)
    if (element('chosen-name').textContent !== words) element('chosen-name').textContent = words
    for (const [action, button] of this.#buttons) {
      const fits = action.fits(entry) && this.#rights.has(action.right)
      button.hidden = !fits
      if (!fits) continue
      const text = action.words(entry)
      if (button.textContent !== text) button.textContent = text
      if (action.isOn) button.setAttribute('aria-pressed', String(action.isOn(entry)))
    }
    const isLeg = entry.view === 'legs'
    this.#show('transfer', isLeg && this.#rights.has('transfer'))
    this.#show('its-log', callOf(entry).length > 0 && this.#rights.has('log'))
    this.#show('why', isLeg && this.#rights.has('media'))
    if (!isOther) return
    this.#forgetWhy()
    this.#askSoon()
  }

  #show(id, isShown) {
    element(id).hidden = !isShown
  }

  async #act(entry, asked) {
    const subject = subjectOf(entry)
    const before = subject ? `${subject}: ` : ''
    try {
      const { message } = await this.#call(asked)
      say(before + message)
    } catch (refusal) {
      say(before + refusal.message)
    }
  }

  #forgetWhy() {
    clearTimeout(this.#timer)
    showWhy('')
  }

  #askSoon() {
    clearTimeout(this.#timer)
    const { hidden, open } = element('why')
    if (!hidden && open) this.#timer = setTimeout(() => void this.#askWhy(), pauseMs)
  }

  async #askWhy() {
    const uuid = this.#entry?.key
    const text = await this.#call({ action: 'why', uuid }).then(
      (result) => result.text,
      (refusal) => refusal.message,
    )
    if (this.#entry?.key === uuid) showWhy(text)
  }
}

/** The causes, which stand at its end, are what is looked for. */
function showWhy(text) {
  const lines = text.split('\n')
  const isCause = (line) => /^(likely cause|also): /.test(line)
  element('why-cause').textContent = lines.filter(isCause).join('\n')
  element('why-text').textContent = lines.filter((line) => !isCause(line)).join('\n')
}
