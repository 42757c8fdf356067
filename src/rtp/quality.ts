/** How a call sounds, estimated from loss and delay: the E-model of ITU-T G.107, simplified with its default values. */

/** Equipment impairment and loss robustness by codec (ITU-T G.113 appendix I); G.711 with concealment for the unknown. */
const impairments: Readonly<Record<string, readonly [Ie: number, Bpl: number]>> = {
  PCMU: [0, 25.1],
  PCMA: [0, 25.1],
  G722: [0, 25.1],
  OPUS: [0, 25.1],
  GSM: [20, 10],
  G729: [11, 19],
  ILBC: [11, 32],
  G723: [15, 16.1],
}

/** MOS from 1 to 4.41; `lossFraction` from 0 to 1, `oneWayDelay` in ms with the far end's buffering. */
export function meanOpinionScore(codec: string, lossFraction: number, oneWayDelay: number): number {
  const [base, robustness] = impairments[codec.toUpperCase()] ?? [0, 25.1]
  const percent = Math.min(1, Math.max(0, lossFraction)) * 100
  const equipment = base + ((95 - base) * percent) / (percent + robustness)
  // G.107: delay hurts little below 177 ms and five times as much above it.
  const delay = 0.024 * oneWayDelay + (oneWayDelay > 177.3 ? 0.11 * (oneWayDelay - 177.3) : 0)
  const rating = 93.2 - delay - equipment
  if (rating <= 0) return 1
  const score = 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6
  return Math.min(4.5, Math.max(1, score))
}
