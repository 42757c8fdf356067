/** The argument of the application `conference`: `[bridge:]<name>[@<profile>][+<pin>][+flags{<flag>|<flag>}][:<dial string>]`. */

export interface ConferenceData {
  readonly name: string
  /** Of conference.conf.xml. */
  readonly profile: string
  readonly pin: string | undefined
  readonly flags: readonly string[]
  /** Whom to dial into a conference of two (`bridge:`). */
  readonly bridgeTo?: string
}

/** Undefined when it names no conference, or is a `bridge:` to nobody. */
export function readConferenceData(text: string): ConferenceData | undefined {
  const flags: string[] = []
  const plain = text.replace(/\+flags\{([^}]*)\}?/g, (_all, list: string) => {
    flags.push(...flagsOf(list))
    return ''
  })
  const bridge = /^\s*bridge:([^:]*)(?::(.*))?$/is.exec(plain)
  if (bridge && !bridge[2]) return undefined
  const place = readPlace(bridge?.[1] ?? plain)
  if (place.name === '') return undefined
  return { ...place, flags, ...(bridge?.[2] ? { bridgeTo: bridge[2].trim() } : {}) }
}

/** A pin stands behind the first plus, a profile behind the last `@` before it. */
function readPlace(text: string): { name: string; profile: string; pin: string | undefined } {
  const plus = text.indexOf('+')
  const place = (plus < 0 ? text : text.slice(0, plus)).trim()
  const pin = plus < 0 ? '' : text.slice(plus + 1).trim()
  const at = place.lastIndexOf('@')
  const name = at < 0 ? place : place.slice(0, at)
  const profile = at < 0 ? '' : place.slice(at + 1)
  return { name, profile: profile || 'default', pin: pin || undefined }
}

/** The flags of a list as the argument, a profile or a variable writes it: separated by `|`, a comma or a blank. */
export function flagsOf(text: string | undefined): string[] {
  return (text ?? '').split(/[|,\s]+/).filter((flag) => flag !== '')
}
