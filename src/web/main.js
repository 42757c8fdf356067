/** The page: signing in, the dial pad, the calls, and what is remembered from one visit to the next. */
import { Call } from './call.js'
import { CallCard } from './call-card.js'
import { causeText, elsewhere } from './causes.js'
import { ConferenceView } from './conference.js'
import { History } from './history.js'
import { Messages } from './messages.js'
import {
  element,
  lineToServer,
  newId,
  notSignedIn,
  say,
  signedIn,
  startSignIn,
  tell,
} from './page.js'
import { Ringer } from './ringer.js'
import { Sound } from './sound.js'

const calls = new Map()
const ringer = new Ringer()
const sound = new Sound({
  microphone: element('microphone'),
  speaker: element('speaker'),
  camera: element('camera'),
  video: element('video'),
})
const history = new History(element('history'), element('no-history'), (number) => dial(number))
const messages = new Messages((to, body) =>
  verto.call('verto.info', { msg: { to, body, wantsOutcome: true } }),
)

/** Where the account is kept. */
const accountKey = 'account'

let verto
let user = ''

/** Names this page to the server for as long as the tab is open, so that calls outlive a reload. */
function sessionId() {
  let id = sessionStorage.getItem('session')
  if (!id) {
    id = newId()
    sessionStorage.setItem('session', id)
  }
  return id
}

// Browsers let a page ring after it was touched.
for (const touch of ['pointerdown', 'keydown'])
  addEventListener(touch, () => ringer.allow(), { passive: true })

async function signIn(name, password) {
  ringer.allow()
  verto = lineToServer(sessionId())
  listen(verto)
  try {
    await verto.signIn(name, password)
  } catch (refusal) {
    return notSignedIn(accountKey, verto, refusal)
  }
  user = name.split('@')[0]
  localStorage.setItem('user', name)
  messages.openFor(name)
  signedIn(accountKey, 'phone', name, password)
  element('number').focus()
  say(`Signed in as ${name}`)
  void sound.list()
  void offerOperator()
}

/** Whoever may see the operator's page is shown the way. */
async function offerOperator() {
  const { rights } = await verto
    .call('verto.operator', { action: 'rights' })
    .catch(() => ({ rights: [] }))
  element('operator').hidden = rights.length === 0
}

element('sign-out').addEventListener('click', () => {
  for (const call of calls.values()) call.hangUp()
  // The last words go out before the line is closed.
  setTimeout(() => {
    verto?.close()
    sessionStorage.clear()
    location.reload()
  }, 200)
})

function listen(line) {
  const status = element('connection')
  line.addEventListener('open', () => {
    status.textContent = ''
    void line.call('verto.subscribe', { eventChannel: 'mailbox' }).catch(() => undefined)
  })
  line.addEventListener('lost', () => {
    status.textContent = 'The line to the server was lost. Trying again …'
  })
  line.addEventListener('verto.punt', () => {
    for (const call of calls.values()) call.end('This phone was opened elsewhere.')
    status.textContent =
      'This phone was opened in another window. Load the page again to use it here.'
  })
  line.addEventListener('verto.invite', ({ detail }) => offered(detail, false))
  line.addEventListener('verto.attach', ({ detail }) => offered(detail, true))
  line.addEventListener('verto.clientReady', ({ detail }) => forget(detail.reattached_sessions))
  for (const [method, isFinal] of [
    ['verto.media', false],
    ['verto.answer', true],
  ]) {
    line.addEventListener(method, ({ detail }) => {
      void calls.get(detail.callID)?.remoteAnswered(detail.sdp, isFinal)
    })
  }
  line.addEventListener('verto.display', ({ detail }) => {
    calls.get(detail.callID)?.rename(detail.display_name, detail.display_number)
  })
  line.addEventListener('verto.info', ({ detail }) => {
    if (detail.msg) messages.came(detail.msg)
  })
  line.addEventListener('verto.event', ({ detail }) => {
    if (detail.eventChannel === 'mailbox') showMailbox(detail.data)
    if (detail.pvtData?.laChannel) conferenceChanged(detail.pvtData)
  })
  line.addEventListener('verto.bye', ({ detail }) => {
    calls.get(detail.callID)?.end(causeText(detail.cause))
  })
}

/** The conferences that we are in, by our call. */
const conferences = new Map()

function conferenceChanged(facts) {
  conferences.get(facts.callID)?.close()
  conferences.delete(facts.callID)
  if (facts.action !== 'conference-liveArray-join') return
  const view = new ConferenceView(verto, facts)
  conferences.set(facts.callID, view)
  element('conferences').append(view.element)
}

/** The number that plays messages, as the server's dialplan has it. */
const mailboxNumber = '*97'

function showMailbox({ isWaiting, newMessages }) {
  const button = element('mailbox')
  button.hidden = !isWaiting
  const count = newMessages > 0 ? `${newMessages} ` : ''
  button.textContent = `${count}new ${newMessages === 1 ? 'message' : 'messages'} in your mailbox: listen`
  if (isWaiting) say(button.textContent)
}

element('mailbox').addEventListener('click', () => dial(mailboxNumber))

/** After the line came back: calls that the server has not kept are over. */
function forget(kept = []) {
  for (const call of calls.values()) {
    if (call.answeredAt && !kept.includes(call.id)) call.end('The call was lost with the line.')
  }
}

function offered(detail, isAttach) {
  const isOut = detail.display_direction === 'inbound'
  const party = isOut
    ? { name: detail.callee_id_name, number: detail.callee_id_number }
    : { name: detail.caller_id_name, number: detail.caller_id_number }
  const known = calls.get(detail.callID)
  const id = detail.callID
  const kept = {
    isMuted: keptCalls('muted').includes(id),
    hasCamera: keptCalls('camera').includes(id),
  }
  const call = known ?? make({ id, direction: isOut ? 'out' : 'in', ...kept, ...party })
  if (isAttach) {
    call.offeredAgain(detail.sdp, { isHeld: detail.holdState === 'held', seconds: detail.seconds })
    return
  }
  call.offered(detail.sdp)
  say(`Call from ${party.name || party.number}${call.offersPictures ? ' with video' : ''}`)
}

/** Whoever is mute is so after a reload, too; and whoever is seen. */
const keptCalls = (what) => JSON.parse(sessionStorage.getItem(what) ?? '[]')

function keep(what, { id, isOver }, isSo) {
  const others = keptCalls(what).filter((other) => other !== id)
  sessionStorage.setItem(what, JSON.stringify(isSo && !isOver ? [...others, id] : others))
}

element('dial').addEventListener('submit', (event) => {
  event.preventDefault()
  const field = element('number')
  const number = field.value.trim()
  if (number) return dial(number)
  // Nothing to call: what was called last is put there, as telephones do.
  field.value = history.lastDialled ?? ''
  field.focus()
})

/** One talks to one at a time: who was talked to is put on hold. */
function holdOthers(call) {
  for (const other of calls.values())
    if (other !== call && other.state === 'active')
      void other.hold(true).catch((fault) => tell(fault.message))
}

function dial(number) {
  if (!number || !verto) return
  tell('')
  holdOthers()
  const call = make({ id: newId(), number, name: '', direction: 'out' })
  say(`Calling ${number}`)
  void call.place(user)
  element('number').value = ''
}

function make(facts) {
  const call = new Call(verto, {
    ...facts,
    constraints: sound.constraints,
    camera: (isWanted) => sound.camera(isWanted),
  })
  calls.set(call.id, call)
  const card = new CallCard(call, {
    others: () => [...calls.values()].filter((other) => other !== call && other.answeredAt),
    beforeAnswer() {
      tell('')
      holdOthers(call)
    },
    sink: () => sound.sink,
    say,
    focusElsewhere: () => element('number').focus(),
  })
  element('calls').append(card.element)
  let before = call.state
  call.addEventListener('change', ({ detail }) => {
    if (detail) tell(`${partyOf(call)}: ${detail}`)
    keep('muted', call, call.isMuted)
    keep('camera', call, call.hasCamera)
    if (call.state !== before) stateChanged(call, before)
    before = call.state
    ringer.ring(
      element('ring').checked && [...calls.values()].some((one) => one.state === 'ringing'),
    )
    showBusy()
  })
  ringer.ring(element('ring').checked && call.state === 'ringing')
  showBusy()
  return call
}

function stateChanged(call, before) {
  if (call.state === 'active' && before !== 'held') say(`Connected with ${partyOf(call)}`)
  if (!call.isOver) return
  calls.delete(call.id)
  conferences.get(call.id)?.close()
  conferences.delete(call.id)
  history.add(call)
  const { cause, direction, answeredAt, isOurEnd } = call
  const isMissed = direction === 'in' && !answeredAt && !isOurEnd && cause !== elsewhere
  if (isMissed) tell(`Missed call from ${partyOf(call)}`)
  else if (cause && cause !== elsewhere) tell(`${partyOf(call)}: ${cause}`)
  else say('Call ended')
}

const partyOf = ({ name, number }) =>
  name && name !== number ? `${name} (${number})` : number || 'Somebody'

/** The title tells it to those who look at another page; the pad is for a further call meanwhile, not for keys of this one. */
function showBusy() {
  document.title = titleOf()
  element('call').textContent = calls.size > 0 ? 'New call' : 'Call'
}

function titleOf() {
  const all = [...calls.values()]
  const ringing = all.find((call) => call.state === 'ringing')
  if (ringing) return `☎ ${ringing.name || ringing.number} calls`
  return all.length > 0 ? `On the phone – Strowger` : 'Strowger phone'
}

for (const key of '123456789*0#') {
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = key
  button.setAttribute('aria-label', { '*': 'star', '#': 'hash' }[key] ?? key)
  button.addEventListener('click', () => {
    const field = element('number')
    field.value += key
  })
  element('keys').append(button)
}

sound.onMicrophone = (constraints) => {
  for (const call of calls.values())
    void call.changeMicrophone(constraints).catch((fault) => tell(fault.message))
}

element('ring').checked = localStorage.getItem('ring') !== 'no'
element('ring').addEventListener('change', ({ target }) => {
  localStorage.setItem('ring', target.checked ? 'yes' : 'no')
})

// A reload in the middle of a call: the server offers the call again to the same session.
startSignIn(accountKey, signIn)
