/** The prompt: `strowger@<switch name>> `, or what fs_cli.conf's prompt-string makes of it. Pure. */
import { hostname } from 'node:os'

export interface PromptFacts {
  readonly switchName: string
  readonly switchHost: string
  /** Where it is connected to. */
  readonly host: string
  readonly port: number
  readonly profile: string
}

export function expandPrompt(format: string | undefined, facts: PromptFacts): string {
  const values: Readonly<Record<string, string>> = {
    s: facts.switchName,
    h: hostname(),
    H: facts.switchHost,
    p: facts.profile,
    o: facts.host,
    P: String(facts.port),
    '%': '%',
  }
  const expanded = (format || 'strowger@%s').replace(/%(.)/g, (_, letter) => values[letter] ?? '')
  return `${expanded}> `
}
