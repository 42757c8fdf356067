/** Words that several tables have in common. */

/** ms that the server's clock is ahead of ours. */
let ahead = 0

export function setServerTime(now) {
  ahead = now - Date.now()
}

/** `1:02:03` since a moment of the server's. */
export function since(ms) {
  if (!ms) return ''
  const seconds = Math.max(0, Math.floor((Date.now() + ahead - ms) / 1000))
  const two = (value) => String(value).padStart(2, '0')
  const minutes = `${Math.floor(seconds / 60) % 60}`
  const hours = Math.floor(seconds / 3600)
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
    : `${minutes}:${two(seconds % 60)}`
}

/** `1000 Vera`; what the server puts where it knows no name is none. */
export function named(name, number) {
  const isName = name && name !== number && name !== 'Outbound Call'
  return isName ? `${number} ${name}` : number
}
