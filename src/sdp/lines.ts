/** A description as lines, for what is passed on as it came: nothing is understood that need not be. */

export interface SectionLines {
  /** `audio`, `video`, `image` … */
  readonly kind: string
  readonly port: number
  readonly protocol: string
  /** What follows the protocol: payload types, `t38`. */
  readonly formats: string
  /** The lines below `m=`. */
  readonly lines: readonly string[]
}

export interface DescriptionLines {
  /** Everything before the first `m=`. */
  readonly session: readonly string[]
  readonly sections: readonly SectionLines[]
}

/** Takes a text apart that `parseSdp` has accepted; an `m=` line that is none is an ordinary line. */
export function linesOf(text: string): DescriptionLines {
  const session: string[] = []
  const sections: (SectionLines & { lines: string[] })[] = []
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line === '') continue
    const media = /^m=(\S+)\s+(\d+)(?:\/\d+)?\s+(\S+)\s*(.*)$/.exec(line)
    if (media) {
      const [, kind = '', port = '', protocol = '', formats = ''] = media
      sections.push({
        kind: kind.toLowerCase(),
        port: Number(port),
        protocol,
        formats: formats.trim(),
        lines: [],
      })
    } else (sections.at(-1)?.lines ?? session).push(line)
  }
  return { session, sections }
}

/** The name of an attribute line, without what follows the colon; empty for other lines. */
export function attributeName(line: string): string {
  return /^a=([^:\s]+)/.exec(line)?.[1]?.toLowerCase() ?? ''
}
