/**
 * The plan for text messages: contexts of extensions as in the dialplan, in `<section name="chatplan">`. Fields are the headers of
 * the message (`to`, `from_host`, `body` …), and actions do something with it before it is delivered.
 */
import { logger } from '../../base/log.ts'
import { globalScope } from '../../core/channel-scope.ts'
import type { ChatMessage } from '../../core/chat-message.ts'
import { findContext, type HuntSubject, hunt } from '../../core/dialplan/hunt.ts'
import { expand } from '../../core/expand/expand.ts'
import type { ChatFilter, ChatVerdict } from '../../core/interfaces.ts'
import { withoutReferences } from '../../core/untrusted.ts'
import { arrayText } from '../../core/variables.ts'
import { chatApplications, type Passage } from './applications.ts'

const log = logger('applications/sms')

export const planCounters = { seen: 0, handled: 0, loops: 0, unknown: 0 }

/** Plans that one message may go through, where actions send it on and on. */
const mostForwards = 70

export const chatplan: ChatFilter = {
  name: 'GLOBAL_SMS',
  async take(message, sw): Promise<ChatVerdict> {
    planCounters.seen++
    const context = message.get('context') ?? 'default'
    const section = sw.xml.section('chatplan')
    const found = section && findContext(section, context)
    // Without a plan messages go their way.
    if (!found) return 'passed'
    const left = forwardsLeft(message)
    if (left <= 0) {
      planCounters.loops++
      log.err(`message ${message.from} → ${message.to}: max_forwards reached; it goes in circles`)
      return 'failed'
    }
    message.set('max_forwards', String(left))
    const passage: Passage = { sw, message, isStopped: false, isFinal: false }
    const result = await hunt(found, subjectOf(passage, context))
    if (!result) return 'passed'
    planCounters.handled++
    log.info(`message ${message.from} → ${message.to}: ${result.extension} (context ${context})`)
    for (const { application, data } of result.actions) {
      if (passage.isStopped) break
      await execute(passage, application, data)
    }
    return passage.isFinal ? 'finished' : 'handled'
  },
}

function forwardsLeft(message: ChatMessage): number {
  const text = message.get('max_forwards')
  return text === undefined ? mostForwards : (Number.parseInt(text, 10) || 0) - 1
}

async function execute(passage: Passage, name: string, data: string): Promise<void> {
  if (passage.isStopped) return
  const run = chatApplications.get(name.toLowerCase())
  if (!run) {
    planCounters.unknown++
    passage.isStopped = true
    return log.err(`there is no chat application ${name}; the plan ends here`)
  }
  await run(passage, await expandFor(passage, data))
}

function expandFor({ sw, message }: Passage, text: string): string | Promise<string> {
  return expand(text, { ...globalScope(sw), variable: (name) => message.get(name) })
}

/** What hunting reads of a message. What its sender wrote stays text: no `${…}` of his is ever expanded. */
function subjectOf(passage: Passage, context: string): HuntSubject {
  const { message, sw } = passage
  const read = (name: string) => {
    const value = message.get(name)
    return value === undefined ? undefined : withoutReferences(value)
  }
  return {
    field: (name) => (name === 'context' ? context : (read(name) ?? '')),
    variable: read,
    expand: (text) => expandFor(passage, text),
    setVariable: (name, value) =>
      message.set(
        name,
        value === undefined || typeof value === 'string' ? value : arrayText(value),
      ),
    runInline: (application, data) => execute(passage, application, data),
    now: Date.now(),
    zones: sw.timeZones,
    wantsLog: log.wants(7),
    log: (text) => log.debug(`Chatplan: ${message.to} ${text}`),
  }
}
