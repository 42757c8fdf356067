/** `media why`: what is known of a call's sound, who is silent since when, and the likely cause in a sentence. */
import type { Channel } from './channel.ts'
import { causesOf, silentMs } from './media-causes.ts'
import { type LegFacts, legFacts, silentSince } from './media-facts.ts'
import { linesOf } from './media-words.ts'

export interface LegReport {
  readonly facts: LegFacts
  /** ms since the epoch; null: it is heard, or need not be. */
  readonly silentSince: number | null
  /** The likeliest first. */
  readonly causes: readonly string[]
}

export function reportOf(facts: LegFacts): LegReport {
  return {
    facts,
    silentSince: silentSince(facts, silentMs) ?? null,
    causes: causesOf(facts),
  }
}

/** The channel's report and, in a bridge, that of the other party. */
export async function whyReports(channel: Channel): Promise<LegReport[]> {
  const { partner } = channel
  const both = partner ? [channel, partner] : [channel]
  return (await Promise.all(both.map(legFacts))).map(reportOf)
}

const letters = ['A', 'B']

/** Plain text, for a person. */
export function whyText(reports: readonly LegReport[]): string {
  const lines: string[] = []
  for (const [index, { facts, silentSince: since }] of reports.entries()) {
    lines.push(
      `leg ${letters[index]}  ${facts.name}  ${facts.uuid}  ${facts.direction} ${facts.callState}`,
    )
    for (const [what, text] of linesOf(facts)) lines.push(`  ${what.padEnd(11)} ${text}`)
    if (since !== null) {
      const seconds = ((facts.now - since) / 1000).toFixed(1)
      lines.push(`  SILENT      for ${seconds} s, since ${new Date(since).toISOString()}`)
    }
  }
  const causes = reports.flatMap(({ causes: own }, index) =>
    own.map((cause) => (reports.length > 1 ? `leg ${letters[index]}: ${cause}` : cause)),
  )
  const [first, ...others] = causes
  lines.push(
    `likely cause: ${first ?? 'nothing is wrong that can be seen from here: packets come and go'}`,
  )
  for (const other of others) lines.push(`also: ${other}`)
  return `${lines.join('\n')}\n`
}

/** The same for a program. */
export function whyJson(reports: readonly LegReport[]): string {
  const legs = reports.map(({ facts, ...rest }) => ({ ...facts, ...rest }))
  return `${JSON.stringify({ legs })}\n`
}
