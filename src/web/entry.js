/** A line of what was: with its time, and what comes of choosing it. */

/** `at` in ms since the epoch; `title` says what `choose` does. */
export function entryOf(words, at, title, choose) {
  const text = document.createElement('span')
  text.textContent = words
  const date = new Date(at)
  const when = document.createElement('time')
  when.dateTime = date.toISOString()
  when.textContent = whenText(date)
  const button = document.createElement('button')
  button.type = 'button'
  button.title = title
  button.append(text, when)
  button.addEventListener('click', choose)
  const item = document.createElement('li')
  item.append(button)
  return item
}

/** The time of today, the day of others. */
function whenText(date) {
  const isToday = date.toDateString() === new Date().toDateString()
  return date.toLocaleString([], { ...(isToday ? {} : { dateStyle: 'short' }), timeStyle: 'short' })
}
