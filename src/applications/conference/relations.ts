/** Who does not hear whom. A member has the ids of those who do not hear him and of those whom he does not hear. */
import type { Member } from './member.ts'

export type Relation = 'nospeak' | 'nohear'

/** What a member is to another one; none: both hear each other, unless the other one has it otherwise. */
export function setRelation(
  member: Member,
  other: Member | undefined,
  otherId: number,
  wanted: readonly Relation[],
): void {
  const mark = (set: Set<number>, on: boolean) => (on ? set.add(otherId) : set.delete(otherId))
  mark(member.silentTo, wanted.includes('nospeak'))
  mark(member.deafTo, wanted.includes('nohear'))
  if (other) applyRelation(member, other)
}

/** Tells the mixer what holds between two. */
export function applyRelation(member: Member, other: Member): void {
  other.place.relate(member.place, !member.silentTo.has(other.id) && !other.deafTo.has(member.id))
  member.place.relate(other.place, !member.deafTo.has(other.id) && !other.silentTo.has(member.id))
}
