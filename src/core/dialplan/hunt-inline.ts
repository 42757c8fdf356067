/** The inline dialplan: actions written in the place of a destination, `set:a=1,playback:tone.wav`. */

import { separate } from '../separate.ts'
import type { HuntAction } from './hunt-subject.ts'

const mostActions = 128
/** There is no file behind it. */
const place = { file: 'inline', line: 1 }

/** `app:data,app2:data`; `m:^:` at the start makes `^` the delimiter. An empty text has no actions. */
export function parseInline(text: string): HuntAction[] {
  const marked = /^m:(.):/s.exec(text)
  const parts = marked
    ? separate(text.slice(4), marked[1] ?? ',', mostActions)
    : separate(text, ',', mostActions)
  return parts.map((part) => {
    const colon = part.indexOf(':')
    const application = (colon < 0 ? part : part.slice(0, colon)).replace(/^ +/, '')
    return { application, data: colon < 0 ? '' : part.slice(colon + 1), place }
  })
}
