/** `media`: how all calls sound, the worst first, for whoever wants to know whether it is one phone or the network. */
import { type LegFacts, legFacts, silentSince } from './media-facts.ts'
import { flawPercent } from './media-figures.ts'
import type { Switch } from './switch.ts'

/** Shorter silence is a pause of the line. */
const silentMs = 5000

export interface OverviewRow {
  readonly uuid: string
  readonly name: string
  readonly way: 'here' | 'past' | 'none'
  /** null: not measured. */
  readonly mos: number | null
  readonly lossPercent: number | null
  readonly jitterMs: number | null
  readonly roundTripMs: number | null
  /** What the far end misses of what we send, percent. */
  readonly farLossPercent: number | null
  /** null: it is heard, or need not be. */
  readonly silentSeconds: number | null
}

/** All channels that have sound, the worst first: the silent ones, then by MOS. */
export async function overview(sw: Switch): Promise<OverviewRow[]> {
  const facts = await Promise.all(sw.channels.list().map(legFacts))
  return facts
    .filter(({ way }) => way !== 'none')
    .map(rowOf)
    .sort(worstFirst)
}

function rowOf(facts: LegFacts): OverviewRow {
  const stats = facts.wire?.stats
  const since = silentSince(facts, silentMs)
  const { farLossFraction = null } = stats ?? {}
  return {
    uuid: facts.uuid,
    name: facts.name,
    way: facts.way,
    mos: stats?.mos ?? null,
    lossPercent: stats && stats.jitterMs !== null ? flawPercent(stats) : null,
    jitterMs: stats?.jitterMs ?? null,
    roundTripMs: stats?.roundTripMs ?? null,
    farLossPercent: farLossFraction === null ? null : farLossFraction * 100,
    silentSeconds: since === undefined ? null : (facts.now - since) / 1000,
  }
}

function worstFirst(a: OverviewRow, b: OverviewRow): number {
  return (b.silentSeconds ?? -1) - (a.silentSeconds ?? -1) || (a.mos ?? 9) - (b.mos ?? 9)
}

const widths = [6, 7, 7, 7, 7, 8]

/** A line that sums up, then a table of the first `most`. */
export function overviewText(rows: readonly OverviewRow[], most: number): string {
  const measured = rows.flatMap(({ mos }) => (mos === null ? [] : [mos]))
  const silent = rows.filter(({ silentSeconds }) => silentSeconds !== null).length
  const poor = measured.filter((mos) => mos < 3.6).length
  const worst = measured.length === 0 ? '-' : Math.min(...measured).toFixed(2)
  const past = rows.filter(({ way }) => way === 'past').length
  const lines = [
    `${rows.length} legs with sound: ${silent} silent for more than ${silentMs / 1000} s, ${poor} with a MOS below 3.6, worst ${worst}, ${past} past this server`,
  ]
  if (rows.length > 0)
    lines.push(`${cells(['mos', 'loss%', 'jitter', 'rtt', 'far%', 'silent'])}leg`)
  for (const row of rows.slice(0, most)) {
    const { mos, lossPercent, jitterMs, roundTripMs, farLossPercent, silentSeconds } = row
    const shown = [
      text(mos, 2),
      text(lossPercent, 1),
      text(jitterMs, 1),
      text(roundTripMs, 0),
      text(farLossPercent, 1),
      silentSeconds === null ? '-' : `${silentSeconds.toFixed(0)} s`,
    ]
    const way = row.way === 'past' ? ' (past this server)' : ''
    lines.push(`${cells(shown)}${row.uuid} ${row.name}${way}`)
  }
  if (rows.length > most) lines.push(`${rows.length - most} more: media all`)
  return `${lines.join('\n')}\n`
}

function cells(texts: readonly string[]): string {
  return texts.map((one, index) => one.padEnd(widths[index] ?? 8)).join(' ')
}

function text(value: number | null, places: number): string {
  return value === null ? '-' : value.toFixed(places)
}
