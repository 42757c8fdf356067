/** The argument of the application `conference`: `<name>[@<profile>][+<pin>][+flags{<flag>|<flag>}]`. */

export interface ConferenceData {
  readonly name: string
  /** Of conference.conf.xml. */
  readonly profile: string
  readonly pin: string | undefined
  readonly flags: readonly string[]
}

/** Undefined when it names no conference. */
export function readConferenceData(text: string): ConferenceData | undefined {
  const flags: string[] = []
  const plain = text.replace(/\+flags\{([^}]*)\}/g, (_all, list: string) => {
    flags.push(...flagsOf(list))
    return ''
  })
  const plus = plain.indexOf('+')
  const place = (plus < 0 ? plain : plain.slice(0, plus)).trim()
  const pin = plus < 0 ? '' : plain.slice(plus + 1).trim()
  const at = place.indexOf('@')
  const name = at < 0 ? place : place.slice(0, at)
  const profile = at < 0 ? '' : place.slice(at + 1)
  if (name === '') return undefined
  return { name, profile: profile || 'default', pin: pin || undefined, flags }
}

/** The flags of a list as the argument, a profile or a variable writes it: separated by `|`, a comma or a blank. */
export function flagsOf(text: string | undefined): string[] {
  return (text ?? '').split(/[|,\s]+/).filter((flag) => flag !== '')
}
