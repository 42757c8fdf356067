/**
 * A list of any length of which only the rows that can be seen are in the page. Rows are made once and used again for others; what
 * changes is drawn at most once a frame. The keys ↑ ↓ Page Home End go through the rows, which a screen reader hears by their
 * numbers. Rows that have others below them (`isOpen` is no undefined) open and close by a click, → ← and Enter.
 */

const rowHeight = 34
/** Rows beyond the edges, so that scrolling does not show gaps. */
const spare = 6

let count = 0

export class List {
  #columns
  #entries = []
  #viewport = document.createElement('div')
  #spacer = document.createElement('div')
  #empty = document.createElement('p')
  #emptyText
  /** Rows that are in the page, in order, and those that wait to be used again. */
  #shown = []
  #free = []
  #made = 0
  #frame
  #template = ''
  #onChoose
  #onToggle
  #id = `list-${++count}`
  chosen
  /** Stays at the end while rows come. */
  follows = false

  /** `columns`: `{ title, width, text(row, entry), isWide, isNumber }`. */
  constructor({ label, columns, empty, onChoose, onToggle, classes }) {
    this.#columns = columns
    this.#onChoose = onChoose
    this.#onToggle = onToggle
    this.#emptyText = empty
    this.classes = classes
    this.element = document.createElement('div')
    this.element.className = 'grid'
    this.element.setAttribute('role', onToggle ? 'treegrid' : 'grid')
    this.element.setAttribute('aria-label', label)
    this.element.setAttribute('aria-colcount', columns.length)
    this.#viewport.className = 'viewport'
    this.#viewport.tabIndex = 0
    this.#viewport.setAttribute('role', 'rowgroup')
    this.#viewport.setAttribute('aria-label', label)
    this.#spacer.className = 'spacer'
    this.#spacer.setAttribute('role', 'presentation')
    this.#empty.className = 'empty'
    this.#empty.textContent = empty
    this.#viewport.append(this.#spacer)
    this.element.append(this.#head(), this.#empty, this.#viewport)
    this.#viewport.addEventListener('scroll', () => this.draw(), { passive: true })
    this.#viewport.addEventListener('keydown', (event) => this.#key(event))
    this.#spacer.addEventListener('click', ({ target }) => {
      const row = target.closest('.row')
      if (row) this.#click(row.dataset.key)
    })
    new ResizeObserver(() => this.#fit()).observe(this.element)
  }

  /** The rows to show: `{ key, row, depth, isOpen }`; what an empty list says depends on whether some are left out. */
  show(entries, isFiltered = false) {
    this.#entries = entries
    this.#empty.textContent = isFiltered ? 'Nothing is like that.' : this.#emptyText
    this.draw()
  }

  /** A closed row opens at once, an open one closes when it was chosen before. */
  #click(key) {
    const entry = this.#entries.find((one) => one.key === key)
    const isAgain = this.chosen === key
    this.choose(key)
    if (entry?.isOpen === false || (entry?.isOpen && isAgain)) this.#onToggle(key)
  }

  choose(key) {
    this.chosen = key
    this.#onChoose?.(key)
    this.draw()
  }

  /** Draws in the next frame, however often it is asked. */
  draw() {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined
      this.#paint()
    })
  }

  /** Columns that are too many for a narrow screen are left out. */
  #fit() {
    const isNarrow = this.element.clientWidth < 700
    const widths = this.#columns.filter(({ isWide }) => !(isNarrow && isWide))
    this.#template = widths.map(({ width }) => width).join(' ')
    const head = this.element.firstChild
    head.style.gridTemplateColumns = this.#template
    // Above the rows, not above their scroll bar.
    const bar = this.#viewport.offsetWidth - this.#viewport.clientWidth
    head.style.paddingRight = `calc(0.7rem + ${bar}px)`
    this.draw()
  }

  #head() {
    const head = document.createElement('div')
    head.className = 'row head'
    head.setAttribute('role', 'row')
    for (const column of this.#columns) {
      const cell = this.#cell(column, 'columnheader')
      cell.textContent = column.title
      head.append(cell)
    }
    return head
  }

  #cell({ isWide, isNumber }, role) {
    const cell = document.createElement('span')
    cell.setAttribute('role', role)
    if (isWide) cell.classList.add('wide')
    if (isNumber) cell.classList.add('number')
    return cell
  }

  #make() {
    const row = document.createElement('div')
    row.className = 'row'
    row.id = `${this.#id}-${++this.#made}`
    row.setAttribute('role', 'row')
    row.style.height = `${rowHeight}px`
    row.append(...this.#columns.map((column) => this.#cell(column, 'gridcell')))
    return row
  }

  #paint() {
    const all = this.#entries
    const height = `${all.length * rowHeight}px`
    if (this.#spacer.style.height !== height) this.#spacer.style.height = height
    this.element.setAttribute('aria-rowcount', all.length)
    this.#empty.hidden = all.length > 0
    if (this.follows) this.#viewport.scrollTop = all.length * rowHeight
    const { scrollTop, clientHeight } = this.#viewport
    const first = Math.max(0, Math.floor(scrollTop / rowHeight) - spare)
    const last = Math.min(all.length, Math.ceil((scrollTop + clientHeight) / rowHeight) + spare)
    const rows = this.#place(all.slice(first, last))
    let active = ''
    rows.forEach((row, index) => {
      const entry = all[first + index]
      this.#fill(row, entry, first + index)
      if (entry.key === this.chosen) active = row.id
    })
    if (active) this.#viewport.setAttribute('aria-activedescendant', active)
    else this.#viewport.removeAttribute('aria-activedescendant')
  }

  /** An element for each of these: those that were seen before keep theirs, the others get what has become free, in order. */
  #place(entries) {
    const before = new Map(this.#shown.map((row) => [row.dataset.key, row]))
    const kept = new Set(entries.map(({ key }) => before.get(key)))
    for (const row of this.#shown) {
      if (kept.has(row)) continue
      row.remove()
      this.#free.push(row)
    }
    let next = this.#spacer.firstChild
    this.#shown = entries.map(({ key }) => {
      const row = before.get(key) ?? this.#free.pop() ?? this.#make()
      if (row === next) next = next.nextSibling
      else this.#spacer.insertBefore(row, next)
      return row
    })
    return this.#shown
  }

  #fill(row, entry, at) {
    const transform = `translateY(${at * rowHeight}px)`
    if (row.style.transform !== transform) row.style.transform = transform
    if (row.style.gridTemplateColumns !== this.#template)
      row.style.gridTemplateColumns = this.#template
    row.dataset.key = entry.key
    row.setAttribute('aria-rowindex', at + 1)
    row.setAttribute('aria-selected', String(entry.key === this.chosen))
    row.classList.toggle('child', entry.depth > 0)
    if (this.#onToggle) {
      row.setAttribute('aria-level', entry.depth + 1)
      if (entry.isOpen === undefined) row.removeAttribute('aria-expanded')
      else row.setAttribute('aria-expanded', String(entry.isOpen))
    }
    const kind = this.classes?.(entry.row)
    row.classList.toggle('bad', kind === 'bad')
    row.classList.toggle('talking', kind === 'talking')
    this.#columns.forEach((column, index) => {
      const cell = row.children[index]
      const text = String(column.text(entry.row, entry))
      if (cell.textContent === text) return
      cell.textContent = text
      cell.title = text
    })
  }

  #key(event) {
    const page = Math.max(1, Math.floor(this.#viewport.clientHeight / rowHeight) - 1)
    const at = this.#entries.findIndex(({ key }) => key === this.chosen)
    if (this.#turn(event.key, this.#entries[at])) return event.preventDefault()
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at < 0 ? 0 : at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: this.#entries.length - 1,
    }[event.key]
    if (to === undefined || this.#entries.length === 0) return
    event.preventDefault()
    const index = Math.min(this.#entries.length - 1, Math.max(0, to))
    this.#reveal(index)
    this.choose(this.#entries[index].key)
  }

  /** Whether the key has opened or closed the chosen row, or gone to the one above it. */
  #turn(key, entry) {
    if (!this.#onToggle || !entry) return false
    const { isOpen, parent } = entry
    if (key === 'ArrowLeft' && parent !== undefined) {
      this.#reveal(this.#entries.findIndex((one) => one.key === parent))
      this.choose(parent)
      return true
    }
    const turns =
      (key === 'ArrowRight' && isOpen === false) ||
      (key === 'ArrowLeft' && isOpen === true) ||
      (['Enter', ' '].includes(key) && isOpen !== undefined)
    if (turns) this.#onToggle(entry.key)
    return turns
  }

  #reveal(index) {
    const top = index * rowHeight
    const { scrollTop, clientHeight } = this.#viewport
    if (top < scrollTop) this.#viewport.scrollTop = top
    else if (top + rowHeight > scrollTop + clientHeight)
      this.#viewport.scrollTop = top + rowHeight - clientHeight
  }
}
