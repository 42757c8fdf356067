/** What a feature keeps beside a switch, a channel or another object, without a field of its own there. */

/** The thing that belongs to `owner`: made when it is first asked for, gone with its owner. */
export function onePer<Owner extends WeakKey, Thing>(
  make: (owner: Owner) => Thing,
): (owner: Owner) => Thing {
  const made = new WeakMap<Owner, Thing>()
  return (owner) => {
    const present = made.get(owner)
    if (present !== undefined) return present
    const thing = make(owner)
    made.set(owner, thing)
    return thing
  }
}
