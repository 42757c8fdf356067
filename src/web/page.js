/** What the phone's page and the operator's share: signing in, the line to the server, and what screen readers are told. */
import { Verto } from './verto.js'

export const element = (id) => document.getElementById(id)

/** Said to screen readers. */
export function say(text) {
  element('news').textContent = text
}

export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID()
  const bytes = [...crypto.getRandomValues(new Uint8Array(16))]
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Shown as well, until `tell('')`. Only where something went wrong: what goes well is to be seen. */
export function tell(text) {
  element('notice').textContent = text
  element('notice').hidden = text === ''
  if (text !== '') say(text)
}

/** A line to the server that the page came from, not open yet. */
export function lineToServer(sessid) {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  return new Verto(`${scheme}://${location.host}/`, sessid)
}

/**
 * Calls `signIn(name, password)` when the form is sent, and at once with the account that is kept under `key`, for as long as the
 * tab is open.
 */
export function startSignIn(key, signIn) {
  const button = element('sign-in').querySelector('button[type="submit"]')
  const enter = async (name, password) => {
    element('sign-in-fault').textContent = ''
    button.disabled = true
    await signIn(name, password)
    button.disabled = false
  }
  element('sign-in').addEventListener('submit', (event) => {
    event.preventDefault()
    void enter(element('user').value.trim(), element('password').value)
  })
  const account = JSON.parse(sessionStorage.getItem(key) ?? 'null')
  element('user').value = account?.name ?? localStorage.getItem('user') ?? ''
  if (!account) return
  element('sign-in').hidden = true
  void enter(account.name, account.password)
}

/** The server took the account: it is kept under `key`, and the section `inside` takes the place of the form. */
export function signedIn(key, inside, name, password) {
  sessionStorage.setItem(key, JSON.stringify({ name, password }))
  element('sign-in').hidden = true
  element(inside).hidden = false
  element('who').textContent = name
  element('who').hidden = false
  element('sign-out').hidden = false
  element('password').value = ''
}

/** The server refused: says why at the form, and forgets the account. */
export function notSignedIn(key, line, refusal) {
  line.close()
  element('sign-in-fault').textContent = refusalWords(refusal)
  // An account that was right before is so still, once it may be tried again.
  if (!refusal.retryAfter) sessionStorage.removeItem(key)
  element('sign-in').hidden = false
  element('password').select()
}

function refusalWords({ code, message, retryAfter }) {
  if (retryAfter) {
    const time = new Date(Date.now() + retryAfter * 1000).toLocaleTimeString()
    return `Too many wrong passwords have come from here. Try again at ${time} (in ${retryAfter} seconds).`
  }
  return code === -32001 ? 'Extension or password is wrong.' : message
}
