/** Phrase macros: `<macro><input pattern><match><action …/></match><nomatch>…`, said to a channel. */
import { setTimeout as sleep } from 'node:timers/promises'
import { placeText, reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { XmlNode } from '../../xml/node.ts'
import { attribute, child, children } from '../../xml/query.ts'
import type { Channel } from '../channel.ts'
import { executeApplication } from '../execute.ts'
import { type PlayOptions, type PlayOutcome, play } from '../play.ts'
import { compilePattern, fillIn } from '../regex/regex.ts'
import { playSaid } from '../say.ts'
import { speakText, spokenText } from '../speak-text.ts'
import { isTrue } from '../variables.ts'
import { findLanguage, findMacro, type Language, languageName, soundPrefixOf } from './language.ts'
import { withSoundPrefix } from './sound-prefix.ts'

const log = logger('core/phrases')

/** ms after each action, unless the macro has a `pause`. */
const usualPause = 100
/** Macros calling macros. */
const deepest = 64

/**
 * `played`: to its end. `stopped`: a terminator (`digit`) or an abort ended it. `failed`: no such language or macro, or something in
 * it could not be done; what is missing is told in the log, and sounds after a missing one are played all the same.
 */
export interface PhraseOutcome {
  readonly ended: 'played' | 'stopped' | 'failed'
  readonly digit?: string | undefined
}

interface Run {
  readonly channel: Channel
  readonly options: PlayOptions
  readonly language: Language
  readonly pause: number
  readonly depth: number
  hasFailed: boolean
  digit: string | undefined
}

/** What comes after an action. */
type Next = 'next' | 'break' | 'stop'

const failed: PhraseOutcome = { ended: 'failed' }

/** Says a macro (`name` or `name@group`) with its data in a language; undefined: the channel's own. */
export async function sayPhrase(
  channel: Channel,
  macro: string,
  data: string,
  options: PlayOptions,
  languageWanted: string | undefined = undefined,
  depth = 0,
): Promise<PhraseOutcome> {
  const name = languageWanted ?? languageName(channel)
  const language = findLanguage(channel.sw, name)
  if (!language) {
    log.err(`phrase ${macro}: the XML has no language "${name}"`, channel.uuid)
    return failed
  }
  const found = findMacro(language, macro)
  if (!found) return failed
  const { node, group } = found
  if (depth > deepest) {
    log.err(`${placeText(node.place)}: macros call each other more than ${deepest} deep`)
    return failed
  }
  const inputs = children(node, 'input')
  if (inputs.length === 0) {
    log.err(`${placeText(node.place)}: macro ${macro} has no <input>`)
    return failed
  }
  const run: Run = {
    channel,
    options,
    language,
    depth,
    pause: pauseOf(node),
    hasFailed: false,
    digit: undefined,
  }
  const prefix = soundPrefixOf(group) ?? language.soundPrefix
  const enforces = isTrue(attribute(group, 'sound-prefix-enforced'))
  const next = await withSoundPrefix(channel, prefix, enforces, () =>
    runInputs(run, inputs, data, macro),
  )
  if (next === 'stop') return { ended: 'stopped', digit: run.digit }
  return run.hasFailed ? failed : { ended: 'played' }
}

function pauseOf(macro: XmlNode): number {
  const pause = Number.parseInt(attribute(macro, 'pause') ?? '', 10)
  return pause >= 0 ? pause : usualPause
}

async function runInputs(
  run: Run,
  inputs: readonly XmlNode[],
  data: string,
  macro: string,
): Promise<Next> {
  const { channel } = run
  let hasMatched = false
  for (const input of inputs) {
    const subject = await channel.sw.expand(attribute(input, 'field') ?? data, channel)
    const pattern = attribute(input, 'pattern') ?? '.*'
    const groups = matchInput(run, input, pattern, subject)
    const branch = child(input, groups ? 'match' : 'nomatch')
    if (!branch) continue
    hasMatched = true
    const captures = groups && pattern.includes('(') ? groups : undefined
    for (const action of children(branch, 'action')) {
      const next = await runAction(run, action, captures)
      if (next !== 'stop') await rest(run)
      if (run.options.signal.aborted) return 'stop'
      if (next !== 'next') return next
    }
    if (isTrue(attribute(input, 'break_on_match'))) break
  }
  if (!hasMatched) log.warning(`macro ${macro}: nothing matches "${data}"`, channel.uuid)
  return 'next'
}

function matchInput(
  run: Run,
  input: XmlNode,
  pattern: string,
  subject: string,
): readonly (string | undefined)[] | undefined {
  try {
    return compilePattern(pattern).exec(subject)
  } catch (thrown) {
    log.err(`${placeText(input.place)}: ${pattern}: ${reasonOf(thrown)}`, run.channel.uuid)
    return undefined
  }
}

async function rest(run: Run): Promise<void> {
  const { signal } = run.options
  if (run.pause > 0) await sleep(run.pause, undefined, { signal }).catch(() => undefined)
}

async function runAction(
  run: Run,
  action: XmlNode,
  captures: readonly (string | undefined)[] | undefined,
): Promise<Next> {
  const { channel } = run
  const word = (attribute(action, 'function') ?? '').toLowerCase()
  const written = attribute(action, 'data') ?? ''
  const data = await channel.sw.expand(captures ? fillIn(written, captures) : written, channel)
  const known = actions[word]
  if (known) return known(run, action, data)
  log.err(`${placeText(action.place)}: there is no phrase function "${word}"`, channel.uuid)
  return 'next'
}

type ActionFunction = (run: Run, action: XmlNode, data: string) => Promise<Next> | Next

const actions: Readonly<Record<string, ActionFunction>> = {
  'play-file': async (run, action, data) => {
    const volume = Number.parseInt(attribute(action, 'volume') ?? '', 10)
    return heard(
      run,
      await play(run.channel, volume ? `{vol=${volume}}${data}` : data, run.options),
    )
  },
  phrase: async (run, action, data) => {
    const { channel, options, language, depth } = run
    const macro = attribute(action, 'phrase') ?? ''
    const outcome = await sayPhrase(channel, macro, data, options, language.name, depth + 1)
    run.digit = outcome.digit
    if (outcome.ended === 'failed') run.hasFailed = true
    return outcome.ended === 'stopped' ? 'stop' : 'next'
  },
  break: () => 'break',
  execute: async (run, action, data) => {
    const { channel } = run
    const [, application = '', args = ''] = /^([^(]*)(?:\((.*)\)\s*)?$/s.exec(data) ?? []
    const name = application.trim()
    if (channel.sw.applications.get(name)) {
      await executeApplication(channel, name, args)
      return channel.isUp ? 'next' : 'stop'
    }
    log.err(`${placeText(action.place)}: there is no application "${name}"`, channel.uuid)
    run.hasFailed = true
    return 'break'
  },
  say: async (run, action, data) => {
    const outcome = await playSaid(
      run.channel,
      run.language.sayModule,
      {
        type: attribute(action, 'type') ?? '',
        method: attribute(action, 'method') ?? '',
        gender: attribute(action, 'gender') ?? '',
        text: data,
      },
      run.options,
    )
    return outcome ? heard(run, outcome) : 'next'
  },
  'speak-text': async (run, action, data) => {
    const own = { engine: attribute(action, 'tts-engine'), voice: attribute(action, 'tts-voice') }
    const { ttsEngine, ttsVoice } = run.language
    const isSet = own.engine !== undefined || (ttsEngine ?? 'none') !== 'none'
    const voice = isSet
      ? { engine: own.engine ?? ttsEngine, voice: own.voice ?? ttsVoice }
      : { voice: own.voice }
    const outcome = await speakText(run.channel, spokenText(run.channel, data, voice), run.options)
    return outcome ? heard(run, outcome) : 'next'
  },
}

function heard(run: Run, outcome: PlayOutcome): Next {
  if (outcome.ended === 'stopped' || outcome.ended === 'closed') {
    run.digit = outcome.digit
    return 'stop'
  }
  // A prompt that is missing is told by name; the others are worth hearing.
  if (outcome.ended !== 'done') run.hasFailed = true
  return 'next'
}
