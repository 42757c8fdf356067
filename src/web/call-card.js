/** A call as the page shows it: who, how it goes, and what can be done. */
import { Pictures } from './pictures.js'

const states = {
  trying: 'Calling …',
  early: 'Ringing …',
  ringing: 'Calls you',
  active: 'Connected',
  held: 'On hold',
  over: 'Ended',
}

/** So long what could not be done stays to be read, ms. */
const faultMs = 5000

export class CallCard {
  #call
  #more
  #root
  #timer
  #meters
  #buttons = {}
  #lastFigures
  /** Until then a fault stands where the line's quality is told. */
  #faultUntil = 0
  #pictures
  #audio = new Audio()

  /** `more`: the other calls, what to do before an answer, the speaker, how to tell something, and where the focus goes at the end. */
  constructor(call, more) {
    this.#call = call
    this.#more = more
    const template = document.getElementById('call-card')
    this.#root = template.content.firstElementChild.cloneNode(true)
    this.#audio.autoplay = true
    this.#root.append(this.#audio)
    this.#pictures = new Pictures(this.#find('.pictures'), more.say)
    this.#makeButtons()
    this.#makePad()
    this.#find('.transfer').addEventListener('submit', (event) => {
      event.preventDefault()
      const target = this.#find('.target').value.trim()
      if (target) void this.#try(call.transfer(target), `Transferred to ${target}`)
    })
    call.addEventListener('change', () => this.#show())
    this.#timer = setInterval(() => this.#tick(), 1000)
    this.#show()
  }

  get element() {
    return this.#root
  }

  #find(selector) {
    return this.#root.querySelector(selector)
  }

  #makeButtons() {
    const call = this.#call
    const add = (name, words, action, style = '') => {
      const button = document.createElement('button')
      button.type = 'button'
      button.textContent = words
      button.className = style
      button.addEventListener('click', action)
      this.#buttons[name] = button
      this.#find('.actions').append(button)
    }
    add(
      'answer',
      'Answer',
      () => {
        this.#more.beforeAnswer()
        void call.answer()
      },
      'go',
    )
    add('reject', 'Decline', () => call.hangUp('CALL_REJECTED'), 'stop')
    add('mute', 'Mute', () => call.mute(!call.isMuted))
    add('hold', 'Hold', () => void this.#try(call.hold(call.state !== 'held')))
    add('camera', 'Camera', () => void this.#try(call.setCamera(!call.hasCamera)))
    add('keypad', 'Keys', () => this.#toggle('.pad', 'keypad'))
    add('transfer', 'Transfer', () => {
      this.#showOthers()
      this.#toggle('.transfer', 'transfer')
    })
    add('hangup', 'Hang up', () => call.hangUp(), 'stop last')
  }

  #makePad() {
    const pad = this.#find('.pad')
    const pressed = this.#find('.pressed')
    const press = (key) => {
      pressed.textContent += key
      void this.#try(this.#call.press(key))
    }
    pad.addEventListener('keydown', (event) => {
      if (!/^[0-9*#]$/.test(event.key) || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      press(event.key)
    })
    for (const key of '123456789*0#') {
      const button = document.createElement('button')
      button.type = 'button'
      button.textContent = key
      button.setAttribute('aria-label', { '*': 'star', '#': 'hash' }[key] ?? key)
      button.addEventListener('click', () => press(key))
      pad.append(button)
    }
  }

  /** The other calls that this one's party may be joined with. */
  #showOthers() {
    const list = this.#find('.others')
    this.#find('.target').value = ''
    list.replaceChildren()
    for (const other of this.#more.others()) {
      const button = document.createElement('button')
      button.type = 'button'
      button.textContent = `Join with ${other.name || other.number}`
      button.addEventListener(
        'click',
        () =>
          void this.#try(this.#call.transferTo(other), `Joined with ${other.name || other.number}`),
      )
      list.append(button)
    }
  }

  #toggle(selector, name) {
    const part = this.#find(selector)
    part.hidden = !part.hidden
    this.#buttons[name].setAttribute('aria-expanded', String(!part.hidden))
    if (!part.hidden) part.querySelector('input, button')?.focus()
  }

  async #try(working, words) {
    try {
      await working
      if (words) this.#more.say(words)
    } catch (fault) {
      this.#more.say(fault.message)
      this.#find('.quality').textContent = fault.message
      this.#faultUntil = performance.now() + faultMs
    }
  }

  #show() {
    const call = this.#call
    const isTalk = call.state === 'active' || call.state === 'held'
    this.#find('.party').textContent =
      call.name && call.name !== call.number ? `${call.name} (${call.number})` : call.number
    const hidden = {
      answer: call.state !== 'ringing',
      reject: call.state !== 'ringing',
      mute: !isTalk,
      hold: !isTalk,
      camera: call.state !== 'active',
      keypad: !isTalk && call.state !== 'early',
      transfer: !isTalk,
      hangup: call.state === 'ringing',
    }
    const focused = document.activeElement
    for (const [name, isHidden] of Object.entries(hidden)) this.#buttons[name].hidden = isHidden
    for (const [name, selector] of [
      ['keypad', '.pad'],
      ['transfer', '.transfer'],
    ])
      if (hidden[name]) this.#find(selector).hidden = true
    // Whoever stood on a button that is of no use any more goes on at the first one that is.
    if (focused?.hidden && this.#root.contains(focused))
      Object.values(this.#buttons)
        .find((button) => !button.hidden)
        ?.focus()
    this.#buttons.mute.setAttribute('aria-pressed', String(call.isMuted))
    this.#buttons.camera.setAttribute('aria-pressed', String(call.hasCamera))
    this.#buttons.hold.textContent = call.state === 'held' ? 'Resume' : 'Hold'
    this.#showState()
    const audio = this.#audio
    if (audio.srcObject !== (call.remoteStream ?? null)) {
      audio.srcObject = call.remoteStream ?? null
      const sink = this.#more.sink()
      if (sink && audio.setSinkId) void audio.setSinkId(sink).catch(() => undefined)
    }
    this.#pictures.show(call)
    this.#meter()
    if (!call.isOver) return
    clearInterval(this.#timer)
    this.#meters?.context.close()
    const hadFocus = this.#root.contains(document.activeElement)
    this.#root.remove()
    if (hadFocus) this.#more.focusElsewhere()
  }

  #showState() {
    const { state, answeredAt, isMuted, offersPictures } = this.#call
    const seconds = answeredAt ? Math.floor((Date.now() - answeredAt) / 1000) : undefined
    const time =
      seconds === undefined
        ? ''
        : ` ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
    const muted = isMuted && answeredAt ? ' · muted' : ''
    const video = state === 'ringing' && offersPictures ? ' with video' : ''
    this.#find('.state').textContent = states[state] + video + time + muted
  }

  async #tick() {
    this.#showState()
    this.#meter()
    const figures = await this.#call.figures().catch(() => undefined)
    this.#pictures.tick(this.#call, figures?.pictures)
    if (!figures || figures.received === undefined) return
    const before = this.#lastFigures
    const { state } = this.#call
    this.#lastFigures = { ...figures, state }
    // What is counted around a hold says nothing of the line.
    if (before?.state !== state) return
    const came = figures.received - before.received
    const lost = Math.max(0, figures.lost - before.lost)
    if (performance.now() < this.#faultUntil) return
    this.#find('.quality').textContent = qualityOf(came, lost, figures, state)
  }

  /** How loud both sides are. */
  #meter() {
    const { localStream, remoteStream } = this.#call
    if (!localStream || !remoteStream || this.#meters?.of === remoteStream) return
    // Before the user has touched the page it gets no sound to work with.
    if (navigator.userActivation?.hasBeenActive === false) return
    this.#find('.meters').hidden = false
    this.#meters?.context.close()
    const context = new AudioContext()
    const analyser = (stream) => {
      const node = context.createAnalyser()
      node.fftSize = 512
      context.createMediaStreamSource(stream).connect(node)
      return node
    }
    const parts = [
      [analyser(localStream), this.#find('.mine')],
      [analyser(remoteStream), this.#find('.theirs')],
    ]
    this.#meters = { context, of: remoteStream }
    const samples = new Float32Array(512)
    const draw = () => {
      if (context.state === 'closed') return
      for (const [node, meter] of parts) {
        node.getFloatTimeDomainData(samples)
        const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
        meter.value = Math.min(1, Math.sqrt(loudest))
      }
      setTimeout(draw, 100)
    }
    draw()
  }
}

function qualityOf(came, lost, { roundTrip, jitter }, state) {
  if (state === 'held') return ''
  if (came === 0) return 'Nothing is heard of the other side.'
  const share = lost / (came + lost)
  const delay = roundTrip === undefined ? '' : ` Round trip ${Math.round(roundTrip)} ms.`
  if (share > 0.05) return `The line is bad: ${Math.round(share * 100)} % is lost.${delay}`
  if (share > 0.01 || jitter > 0.05) return `The line is uneven.${delay}`
  return `The line is good.${delay}`
}
