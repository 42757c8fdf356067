/** The operator's page: signing in, the tables that the server keeps up to date, and what can be done with a call. */
import { element, lineToServer, newId, notSignedIn, say, signedIn, startSignIn } from '/page.js'
import { Chosen } from './chosen.js'
import { List } from './list.js'
import { arrangeLegs, arrangeTree, Table, thatPass } from './table.js'
import { views } from './views.js'
import { setServerTime } from './words.js'

/** Rows that show what is below them, by their view. */
const opened = new Map(views.map(({ name }) => [name, new Set()]))
const tables = new Map([['members', new Table()]])
for (const { name, children } of views) {
  const isOpen = (key) => opened.get(name).has(key) || element('filter').value.trim() !== ''
  const tree = children && arrangeTree(() => children(tables), isOpen)
  tables.set(name, new Table(name === 'legs' ? arrangeLegs : tree))
}
const lists = new Map()
const tabs = new Map()
/** The worst first, as the server has them. */
const levels = ['console', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug']
/** Where the account is kept. */
const accountKey = 'operator'
let current = views[0]
let verto
/** The channels whose lines of the log are shown; none: all lines. */
let shownCall = new Set()
/** A frame is asked for. */
let isDue = false

// Tabs, as the keyboard of a tab list wants them: the arrows go from one to the next.
for (const view of views) {
  const tab = document.createElement('button')
  tab.type = 'button'
  tab.id = `tab-${view.name}`
  tab.setAttribute('role', 'tab')
  tab.setAttribute('aria-controls', 'panel')
  tab.addEventListener('click', () => select(view))
  tab.addEventListener('keydown', ({ key }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key]
    const shown = views.filter(({ name }) => !tabs.get(name).hidden)
    if (!step || shown.length === 0) return
    const next = shown[(shown.indexOf(view) + step + shown.length) % shown.length]
    select(next)
    tabs.get(next.name).focus()
  })
  tabs.set(view.name, tab)
  element('tabs').append(tab)
  lists.set(
    view.name,
    new List({
      label: view.title,
      columns: view.columns,
      empty: view.empty,
      classes: view.classes,
      onChoose: () => render(),
      onToggle: view.children && ((key) => toggle(view, key)),
    }),
  )
}
const chosen = new Chosen({ call: (asked) => verto.call('verto.operator', asked), showLog })

function toggle({ name }, key) {
  const open = opened.get(name)
  if (!open.delete(key)) open.add(key)
  tables.get(name).touch()
  render()
}

function select(view) {
  // What was said of another table is over.
  if (view !== current) say('')
  current = view
  for (const [name, tab] of tabs) {
    const isOn = name === view.name
    tab.setAttribute('aria-selected', String(isOn))
    tab.tabIndex = isOn ? 0 : -1
  }
  element('panel').setAttribute('aria-labelledby', `tab-${view.name}`)
  element('panel').replaceChildren(lists.get(view.name).element)
  const isLog = view.name === 'log'
  element('follow-box').hidden = !isLog
  element('level-box').hidden = !isLog
  element('all-calls').hidden = !isLog || shownCall.size === 0
  render()
}

/** Everything that came since the last frame is drawn at once. */
function render() {
  if (isDue) return
  isDue = true
  requestAnimationFrame(() => {
    isDue = false
    for (const { name, title } of views) {
      const words = name === 'log' ? title : `${title} (${tables.get(name).size})`
      if (tabs.get(name).textContent !== words) tabs.get(name).textContent = words
    }
    const list = lists.get(current.name)
    list.follows = current.name === 'log' && element('follow').checked && !element('filter').value
    const all = tables.get(current.name).entries()
    const shown = filtered(all)
    list.show(shown, shown !== all)
    const entry = all.find(({ key }) => key === list.chosen)
    chosen.show(current, entry && { ...entry, view: current.name })
  })
}

/** The same list when there is nothing to be left out. */
function filtered(entries) {
  const wanted = element('filter').value.trim().toLowerCase()
  const ofLog = current.name === 'log' && logFilter()
  if (wanted === '' && !ofLog) return entries
  const hasWords = (entry) =>
    wanted === '' ||
    current.columns.some(({ text }) =>
      String(text(entry.row, entry)).toLowerCase().includes(wanted),
    )
  return thatPass(entries, (entry) => hasWords(entry) && (!ofLog || ofLog(entry.row)))
}

/** By level and by call; undefined when every line is wanted. */
function logFilter() {
  const worst = Number(element('level').value)
  if (worst >= levels.length - 1 && shownCall.size === 0) return undefined
  return ({ level, uuid }) =>
    levels.indexOf(level) <= worst && (shownCall.size === 0 || shownCall.has(uuid))
}

element('filter').addEventListener('input', () => {
  // Whoever looks for a member finds him in a room that is closed, too.
  for (const { name, children } of views) if (children) tables.get(name).touch()
  render()
})
element('follow').addEventListener('change', render)
element('level').addEventListener('change', render)
element('all-calls').addEventListener('click', () => showLog([]))

/** The lines of the log of these channels; without any, all. */
function showLog(uuids) {
  shownCall = new Set(uuids)
  element('filter').value = ''
  const log = views.find(({ name }) => name === 'log')
  const hadFocus = document.activeElement === element('all-calls')
  select(log)
  if (hadFocus || uuids.length > 0) tabs.get('log').focus()
}

// How long a call lasts changes without news of it; only what is seen is drawn.
setInterval(() => {
  if (!document.hidden && current.ticks) lists.get(current.name).draw()
}, 1000)

element('sign-out').addEventListener('click', () => {
  verto?.close()
  sessionStorage.removeItem(accountKey)
  location.reload()
})

async function signIn(name, password) {
  const line = lineToServer(newId())
  verto = line
  try {
    await line.signIn(name, password)
    await watch(line)
  } catch (refusal) {
    return notSignedIn(accountKey, line, refusal)
  }
  listen(line)
  signedIn(accountKey, 'desk', name, password)
  select(current)
  tabs.get(current.name).focus()
}

/** Asks for the tables; rejects with the server's sentence when that is not allowed. */
async function watch(line) {
  line.removeEventListener('verto.event', receive)
  line.addEventListener('verto.event', receive)
  for (const table of tables.values()) table.clear()
  const result = await line.call('verto.operator', { action: 'watch' })
  setServerTime(result.now)
  setRights(result)
}

function setRights({ rights, tables: shown }) {
  chosen.rights = new Set(rights)
  for (const [name, tab] of tabs) tab.hidden = !shown.includes(name)
  if (tabs.get(current.name).hidden)
    select(views.find(({ name }) => shown.includes(name)) ?? current)
}

function receive({ detail: { eventChannel, data } }) {
  if (eventChannel !== 'operator' || !data) return
  if (data.notice) return say(data.notice)
  if (data.rights) {
    setRights(data)
    say('What you may do has changed.')
    return render()
  }
  tables.get(data.table)?.apply(data)
  if (data.table === 'members') tables.get('conferences').touch()
  render()
}

function listen(line) {
  const status = element('connection')
  line.addEventListener('lost', () => {
    status.textContent = 'The line to the server was lost. Trying again …'
  })
  line.addEventListener('open', () => {
    status.textContent = ''
    watch(line).catch((refusal) => {
      status.textContent = refusal.message
    })
  })
}

startSignIn(accountKey, signIn)
